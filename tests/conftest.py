"""What every test may ask for."""

import asyncio
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest

from sim.virtual_time import VirtualTimeLoop

T = TypeVar("T")
ROOT = Path(__file__).parent.parent


def simulate(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine function on virtual time: nothing waits, nothing is real."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main())


@pytest.fixture(name="simulate")
def _simulate() -> Callable[[Callable[[], Coroutine[Any, Any, T]]], T]:
    return simulate


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of the recordings and benchmark sets, which are not part of the project."""
    folder = Path(os.environ.get("DOORSTEP_SHARED", "../shared"))
    if not folder.is_absolute():
        folder = ROOT / folder
    missing = [
        name for name in ("data/planning", "data/position") if not (folder / name).is_dir()
    ]
    if missing:
        pytest.skip(
            f"no {' and no '.join(missing)} in {folder}: set DOORSTEP_SHARED to the folder "
            "that holds the recorded drives and the benchmark sets"
        )
    return folder
