"""status.json: what the running daemon is doing, for `doorstep-edge status`."""

import json
import os
from pathlib import Path
from typing import Any

from edge.errors import RefusedError

FILE = "status.json"


def write_status(folder: Path, status: dict[str, Any]) -> None:
    """Replace the file as a whole; it lives in memory (RuntimeDirectory) where it can."""
    fresh = folder / f"{FILE}.new"
    fresh.write_text(json.dumps(status, default=str), encoding="utf-8")
    os.replace(fresh, folder / FILE)


def read_status(folder: Path) -> dict[str, Any]:
    """Read it. Raises RefusedError when no daemon has written one."""
    try:
        status: dict[str, Any] = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise RefusedError(f"no daemon has run here: {folder / FILE} is not there") from error
    except ValueError as error:
        raise RefusedError(f"{folder / FILE} cannot be read: {error}") from error
    return status
