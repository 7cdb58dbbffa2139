"""The two sides of every hand-over between vehicles, joined in whatever order they came.

The giver lets go only with the taker's receipt, and the taker takes over only with the giver's
offer (`edge.executor.mission.meetings`). So either word alone shows that the parcel is with the
taker; what is missing then is the other's word, and the books say whose.
"""

from dataclasses import dataclass, field

from edge.messages import facts as f
from edge.messages.facts import Fact, ParcelEnded
from edge.messages.parcels import Outcome, ParcelId

NOT_TAKEN = (Outcome.FAILED, Outcome.CANCELLED)


@dataclass(frozen=True, slots=True, order=True)
class Transfer:
    """One parcel from one vehicle to another."""

    parcel_id: ParcelId
    giver: str
    taker: str
    meeting: str


def given(vehicle: str, fact: Fact) -> Transfer | None:
    """Return what a vehicle's fact says that it has given."""
    if isinstance(fact, f.ParcelEnded) and fact.outcome is Outcome.HANDED_OVER:
        return Transfer(fact.parcel_id, vehicle, fact.to_vehicle, fact.meeting)
    return None


def taken(vehicle: str, fact: Fact) -> Transfer | None:
    """Return what a vehicle's fact says that it has taken over."""
    if isinstance(fact, f.ParcelLoaded) and fact.from_vehicle:
        return Transfer(fact.parcel_id, fact.from_vehicle, vehicle, fact.meeting)
    return None


@dataclass(slots=True)
class Transfers:
    """Every transfer of some facts, by side; what comes again changes nothing."""

    given: set[Transfer] = field(default_factory=set)
    taken: set[Transfer] = field(default_factory=set)

    def take(self, vehicle: str, fact: Fact) -> None:
        """Take one fact, whatever it is about."""
        gave, took = given(vehicle, fact), taken(vehicle, fact)
        if gave is not None:
            self.given.add(gave)
        if took is not None:
            self.taken.add(took)

    def half(self) -> list[tuple[Transfer, str]]:
        """Return the transfers of which one side alone has spoken, each with a sentence."""
        return sorted(
            [(one, only_given(one)) for one in self.given - self.taken]
            + [(one, only_taken(one)) for one in self.taken - self.given]
        )

    def is_final(self, vehicle: str, end: ParcelEnded) -> bool:
        """Tell whether an end is the parcel's own, and not that of its way in one vehicle.

        It is not where it went on with another vehicle that says so too, nor where it never
        came on board and stayed with the vehicle that brought it.
        """
        if end.outcome in NOT_TAKEN and end.custody == "vehicle":
            return False
        return given(vehicle, end) not in self.taken


def only_given(one: Transfer) -> str:
    """Say what is missing where the giver alone has spoken."""
    taker = one.taker or "an unnamed vehicle"
    return (
        f"parcel {one.parcel_id}: {one.giver} has handed it over to {taker}, "
        f"and no fact of {taker} says that it took it"
    )


def only_taken(one: Transfer) -> str:
    """Say what is missing where the taker alone has spoken."""
    return (
        f"parcel {one.parcel_id}: {one.taker} has taken it over from {one.giver}, "
        f"and no fact of {one.giver} says that it gave it"
    )
