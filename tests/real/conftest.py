"""What every test against a real peer may ask for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.mosquitto.broker import Mosquitto, find_mosquitto


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    """A running mosquitto without persistence, on a free port."""
    if find_mosquitto() is None:
        pytest.skip("mosquitto is not installed: apt-get install mosquitto")
    with Mosquitto(tmp_path) as running:
        yield running
