"""C1, fact by fact: numbered without a gap, chained, and the same bytes at the station."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from edge.handover.proof import FIRST_PREVHASH, fact_hash
from edge.messages.facts import EpochStarted
from sim.checks.findings import Finding
from sim.checks.kept import Kept

FIRST = "first start"
Held = Mapping[tuple[str, str, int], bytes]
"""What the ledger holds, by (vehicle, epoch, seq)."""


def check_numbers(vehicle: str, facts: Sequence[Kept], held: Held) -> list[Finding]:
    """Return what is wrong with the numbers and the chain of one vehicle's facts."""

    def found(what: str) -> Finding:
        return Finding(checker="C1", vehicle=vehicle, what=what)

    findings: list[Finding] = []
    for number, fact in enumerate(facts):
        if fact.event is None:
            findings.append(found(f"fact in row {number + 1} of the store cannot be read"))
    whole = [(fact.sealed, fact.event) for fact in facts if fact.event is not None]
    for sealed, event in whole:
        name = f"fact {event.epoch}/{event.seq}"
        there = held.get((vehicle, event.epoch, event.seq))
        if there is None:
            findings.append(found(f"{name} is not at the station"))
        elif there != sealed:
            findings.append(found(f"{name} is another one at the station"))
        if isinstance(event.data, EpochStarted) and event.data.reason != FIRST:
            findings.append(found(f"a store was lost: {event.data.reason}"))
    for (before, first), (_, second) in pairwise(whole):
        if second.seq != first.seq + 1:
            findings.append(found(f"fact {second.seq} follows fact {first.seq}"))
        elif second.prevhash != fact_hash(before):
            findings.append(found(f"fact {second.seq} does not hang on fact {first.seq}"))
        if second.boot < first.boot:
            findings.append(found(f"fact {second.seq} is of an earlier start than the last"))
    if whole and whole[0][1].seq == 1 and whole[0][1].prevhash != FIRST_PREVHASH:
        findings.append(found("the chain does not begin at its beginning"))
    epochs = {epoch for name, epoch, _ in held if name == vehicle}
    own = {event.epoch for _, event in whole}
    findings += [
        found(f"the station holds facts of an epoch {epoch} that the vehicle never had")
        for epoch in sorted(epochs - own)
    ]
    return findings
