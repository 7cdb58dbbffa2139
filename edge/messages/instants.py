"""Instants of people's time."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

Utc = Annotated[datetime, Meta(tz=True)]
"""Always with an offset: an instant without one cannot be compared with any other."""
