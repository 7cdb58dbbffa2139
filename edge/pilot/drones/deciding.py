"""What is decided when a drone holds, or when its autopilot did something of its own."""

from edge.flight import events as e
from edge.flight.progress import FlightProgress, Phase, Seen
from edge.messages.machines.autopilot import AutopilotState

WAITS_S = 10.0  # a pilot or a ground station may still be at it


def decide(
    progress: FlightProgress, seen: Seen, state: AutopilotState | None
) -> e.AnyEvent | None:
    """Return an order, or nothing: it is left alone while it returns or lands by itself.

    It goes on only from a hold in which nothing is wrong any more; after a failsafe that left
    it in the air it goes home, and so it does after the guard has stopped it.
    """
    if state is None or progress.waits or progress.then is not None:
        return None
    if seen.now_s - (progress.since_s or seen.now_s) < WAITS_S:
        return None
    if progress.phase is Phase.HOLDING:
        why = "nothing more was ordered"
        return e.Ordered(seen=seen, what="give_up", why=why)
    if seen.mode in ("return", "land", "manual"):
        return None
    if state.failsafe:
        return e.Ordered(seen=seen, what="return", why=f"a failsafe left it in {seen.mode}")
    return e.Ordered(seen=seen, what="go_on", why=f"it was found in {seen.mode}, and is well")
