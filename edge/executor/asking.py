"""What the driver or the station asks, as an event of the mission."""

from datetime import datetime

from edge.executor.mission.events import (
    ArrivedAtStation,
    ArrivedAtStop,
    AttemptEnded,
    BreakBegun,
    BreakOver,
    CancelOrdered,
    DebriefEnded,
    Event,
    HandOverAsked,
    LoadingBegun,
    LoadingEnded,
    ParcelScanned,
    ReturnScanned,
    RouteOffered,
    Where,
)
from edge.executor.mission.progress import Mission, Phase
from edge.messages.broker.wire import content_hash
from edge.messages.commands import (
    AnyDriverAction,
    Arrive,
    CancelStops,
    CannotDeliver,
    EndBreak,
    FinishDebrief,
    FinishLoading,
    HandOver,
    RouteOffer,
    ScanParcel,
    ScanReturn,
    StartBreak,
    StartLoading,
)


def event_of(
    action: AnyDriverAction, mission: Mission, where: Where, utc: datetime, radius_m: float
) -> Event:
    """Translate a driver's action; `where` is the vehicle now, `radius_m` the stop's own."""
    match action:
        case StartLoading():
            return LoadingBegun(action.driver)
        case ScanParcel():
            return ParcelScanned(action.parcel_id, action.offer)
        case FinishLoading():
            return LoadingEnded()
        case Arrive():
            if mission.phase is Phase.RETURNING:
                return ArrivedAtStation("driver")
            return ArrivedAtStop(action.stop_id, "driver", where, utc)
        case HandOver():
            return HandOverAsked(action, where, utc, radius_m)
        case CannotDeliver():
            return AttemptEnded(action, utc)
        case ScanReturn():
            return ReturnScanned(action.parcel_id)
        case FinishDebrief():
            return DebriefEnded()
        case StartBreak():
            return BreakBegun(utc)
        case EndBreak():
            return BreakOver(utc)
    raise AssertionError(f"not an action: {action!r}")


def event_of_order(order: RouteOffer | CancelStops) -> Event:
    """Translate an order of the station that concerns the mission."""
    match order:
        case RouteOffer():
            return RouteOffered(order.route, content_hash(order.route))
        case CancelStops():
            return CancelOrdered(order.route_id, order.stop_ids, order.reason)
