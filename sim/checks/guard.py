"""What the guard must never have let pass, from a machine's own facts in their order."""

from collections.abc import Sequence
from typing import Final

from edge.messages import facts as f
from edge.messages.facts import FactEvent
from sim.checks.findings import Finding

OPEN: Final = ("opening", "open")
SHUTS: Final = ("closing", "served", "syncing", "tampered")
DRIVES: Final = ("setting_out", "driving", "crossing", "backing_off", "assisted")
LINE_OUT: Final = ("lowering", "releasing")
LINE_IN: Final = ("raising", "syncing", "landed", "diverting")
FLIES: Final = ("cruising", "resuming", "returning")


def check_guard(vehicle: str, events: Sequence[FactEvent]) -> list[Finding]:
    """Return motions with something open or hanging, and effects without their intent."""
    findings: list[Finding] = []

    def found(event: FactEvent, what: str) -> None:
        what = f"fact {event.seq}: {what}"
        findings.append(Finding(checker="guard", vehicle=vehicle, what=what))

    lid_open = line_out = False
    intended: set[str] = set()
    winch: set[str] = set()
    for event in events:
        fact = event.data
        match fact:
            case f.DrivePhaseEntered():
                if fact.phase in OPEN:
                    lid_open = True
                elif fact.phase in SHUTS:
                    lid_open = False
                elif lid_open and fact.phase in DRIVES:
                    found(event, f"it goes ({fact.phase}) and its lid was not closed")
            case f.FlightPhaseEntered():
                if fact.phase in LINE_OUT and fact.stop_id in winch:
                    line_out = True
                elif fact.phase in LINE_IN:
                    line_out = False
                elif line_out and fact.phase in FLIES:
                    found(event, f"it flies ({fact.phase}) and its line was not taken in")
            case f.DropIntended():
                intended.add(fact.stop_id)
                if fact.manner == "winch":
                    winch.add(fact.stop_id)
            case f.LidIntended():
                intended.add(fact.stop_id)
            case f.DropMade() | f.CompartmentOpened():
                if fact.stop_id not in intended:
                    found(event, f"{type(fact).__name__} at {fact.stop_id} without an intent")
            case _:
                pass
    return findings
