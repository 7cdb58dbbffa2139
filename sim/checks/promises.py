"""Promises: being late costs, being late in silence is forbidden."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from edge.clock import VOUCHED
from edge.messages import facts as f
from edge.messages.facts import FactEvent
from edge.messages.routes import Route
from sim.checks.findings import Finding

GRACE = timedelta(minutes=2)  # an arrival that was foreseen in time may slip by so much


def check_promises(
    routes: Iterable[Route], on_board: Mapping[str, Sequence[FactEvent]]
) -> list[Finding]:
    """Return stops that were reached after their promise, and nobody was told before."""
    findings = []
    for route in routes:
        closes = {
            stop.stop_id: stop.windows[-1].closes_utc for stop in route.stops if stop.windows
        }
        told: set[str] = set()
        for event in on_board.get(route.vehicle, ()):
            fact = event.data
            match fact:
                case f.LatenessForeseen() | f.StopBarred():
                    told.add(fact.stop_id)
                case f.Arrived():
                    late = closes.get(fact.stop_id)
                    known = event.timesource in VOUCHED
                    if (
                        known
                        and late is not None
                        and event.time > late + GRACE
                        and fact.stop_id not in told
                    ):
                        what = f"{fact.stop_id} was late by {event.time - late}, in silence"
                        findings.append(
                            Finding(checker="promises", vehicle=route.vehicle, what=what)
                        )
                case _:
                    pass
    return findings
