"""How long a driver waits: by the page's time, unless his watch says that it is hours off."""

from datetime import datetime

from edge.messages.view import DayView, ParcelView, StopView

BELIEVED_S = 14_400.0


def until_s(utc: datetime | None, view: DayView, local: datetime) -> float:
    """Return how long it is until a moment, as the page tells the time."""
    if utc is None:
        return 0.0
    wait_s = (utc - view.utc).total_seconds()
    if wait_s > BELIEVED_S:
        wait_s = (utc - local).total_seconds()
    return max(0.0, wait_s)


def opens_in_s(stop: StopView, view: DayView, local: datetime) -> float:
    """Return how long the driver waits for the promised window to open."""
    ahead = [window for window in stop.windows if window.closes_utc > view.utc]
    return until_s(ahead[0].opens_utc, view, local) if ahead else 0.0


def needs_person(parcel: ParcelView) -> bool:
    """Tell whether somebody has to be there to receive a parcel."""
    needs = parcel.requirements
    return needs.signature or parcel.needs_pin or needs.minimum_age is not None
