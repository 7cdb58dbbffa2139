"""The log: one JSON line an event on stderr, a fixed sentence and its fields."""

import json
import logging
import sys
from datetime import UTC, datetime

STANDARD = frozenset(logging.LogRecord("", 0, "", 0, "", (), None).__dict__) | {
    "message",
    "asctime",
    "taskName",
}


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object."""

    def __init__(self, vehicle: str) -> None:
        super().__init__()
        self._vehicle = vehicle

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; what cannot be JSON is shown as text."""
        line: dict[str, object] = {
            "utc": datetime.fromtimestamp(record.created, UTC).isoformat(
                timespec="milliseconds"
            ),
            "level": record.levelname.lower(),
            "vehicle": self._vehicle,
            "from": record.name,
            "what": record.getMessage(),
        }
        line |= {k: v for k, v in record.__dict__.items() if k not in STANDARD}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def set_up_logging(level: str, vehicle: str) -> None:
    """Send every record of at least `level` to stderr as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(vehicle))
    logging.basicConfig(level=level, handlers=[handler], force=True)
