"""What each fact does to the projections.

Every fact is applied exactly once, in the order of its stream, in the transaction that makes
it count.
"""

from collections.abc import Callable
from typing import Any

from edge.messages import facts as f
from edge.messages.broker.wire import to_json
from edge.messages.facts import FactEvent
from edge.messages.parcels import Outcome
from station.books.transfers import given, only_given, only_taken, taken
from station.offers import books as offers
from station.store.projections import Pages, VehicleRow, transfer_alarm

PHASES: dict[type[Any], str] = {
    f.RouteAccepted: "offered",
    f.LoadingStarted: "loading",
    f.LegStarted: "underway",
    f.Arrived: "at_stop",
    f.ReturnStarted: "returning",
    f.BackAtStation: "debriefing",
    f.DayClosed: "closed",
}
ON_THE_WAY = ("loading", "underway", "at_stop", "returning")
"""Here a later revision of the route, by an offer that was taken on, changes no phase."""


def apply(pages: Pages, event: FactEvent, began_utc: str) -> None:
    """Take over what a fact says. `began_utc` orders the epochs of its vehicle."""
    row = pages.vehicle(event, began_utc)
    if row is not None:
        _follow(row, event)
    effect = EFFECTS.get(type(event.data))
    if effect is not None:
        effect(pages, event, event.data)


def _follow(row: VehicleRow, event: FactEvent) -> None:
    fact = event.data
    row.seq = event.seq
    row.utc = event.time.isoformat()
    row.driver = event.driver or row.driver
    row.route = event.route or row.route
    if not (isinstance(fact, f.RouteAccepted) and row.phase in ON_THE_WAY):
        row.phase = PHASES.get(type(fact), row.phase)
    match fact:
        case f.DaemonStarted():
            row.phase = fact.phase
        case f.LegStarted() | f.Arrived():
            row.stop = fact.stop_id
        case f.ReturnStarted():
            row.stop = ""
        case f.RouteAccepted() if row.phase not in ON_THE_WAY:
            row.stop = ""
        case f.GnssLost():
            row.gnss = fact.why or "no position"
        case f.GnssRecovered():
            row.gnss = ""


def _route_accepted(pages: Pages, event: FactEvent, fact: f.RouteAccepted) -> None:
    pages.db.execute(
        "INSERT INTO route_state (route, vehicle, revision, hash, parcels, accepted_utc)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (route) DO UPDATE SET vehicle = ?2,"
        " revision = ?3, hash = ?4, parcels = ?5, accepted_utc = ?6 WHERE ?3 >= revision",
        (
            fact.route_id,
            event.vehicle,
            fact.revision,
            fact.route_hash,
            fact.parcels,
            event.time.isoformat(),
        ),
    )


def _plan_changed(pages: Pages, event: FactEvent, fact: f.PlanChanged) -> None:
    pages.db.execute(
        "INSERT INTO route_state (route, vehicle, plan) VALUES (?1, ?2, ?3)"
        " ON CONFLICT (route) DO UPDATE SET plan = ?3",
        (event.route, event.vehicle, to_json(fact)),
    )


def _day_closed(pages: Pages, event: FactEvent, fact: f.DayClosed) -> None:
    pages.db.execute(
        "INSERT INTO route_state (route, vehicle, day) VALUES (?1, ?2, ?3)"
        " ON CONFLICT (route) DO UPDATE SET day = ?3",
        (fact.route_id, event.vehicle, to_json(fact)),
    )
    if not fact.balanced:
        pages.alarm(event, "books", f"The vehicle's books of {fact.route_id} do not balance")
    for one, is_given in pages.half_transfers(event.vehicle):
        said = only_given(one) if is_given else only_taken(one)
        pages.alarm(event, "parcel", said[0].upper() + said[1:], key=transfer_alarm(one))


def _parcel_loaded(pages: Pages, event: FactEvent, fact: f.ParcelLoaded) -> None:
    change = "loaded_utc = coalesce(loaded_utc, ?3), custody = iif(ends, custody, 'vehicle')"
    pages.parcel(event, fact.parcel_id, change, event.time.isoformat())
    pages.add(f"loaded/{event.route}", "parcels")
    took = taken(event.vehicle, fact)
    if took is not None:
        pages.transfer(event, took, "taken_utc")


def _attempt_failed(pages: Pages, event: FactEvent, fact: f.AttemptFailed) -> None:
    for parcel_id in fact.parcel_ids:
        change = "attempts = attempts + 1, code = ?3"
        pages.parcel(event, parcel_id, change, fact.code.value)
    pages.stop(event, fact.stop_id, "code = ?3", fact.code.value)


def _parcel_ended(pages: Pages, event: FactEvent, fact: f.ParcelEnded) -> None:
    pages.add(f"ended/{event.route}", fact.outcome.value)
    first = pages.parcel(
        event,
        fact.parcel_id,
        "ends = 1, outcome = ?3, code = iif(?4 = '', code, ?4), custody = ?5, stop = ?6,"
        " ended_utc = ?7",
        fact.outcome.value,
        fact.code.value if fact.code else "",
        fact.custody,
        fact.stop_id or "",
        event.time.isoformat(),
        only_if="ends = 0",
    )
    if not first:
        pages.parcel(event, fact.parcel_id, "ends = ends + 1")
        pages.alarm(event, "books", f"Parcel {fact.parcel_id} ended a second time")
    gave = given(event.vehicle, fact)
    if gave is not None:
        pages.transfer(event, gave, "given_utc")
    if fact.custody == "lost":
        pages.alarm(event, "parcel", f"Parcel {fact.parcel_id} was not found at debrief")
    elif fact.off_site and fact.outcome is not Outcome.RETURNED:
        text = f"Parcel {fact.parcel_id} was handed over away from its stop"
        pages.alarm(event, "parcel", text)


def _arrived(pages: Pages, event: FactEvent, fact: f.Arrived) -> None:
    pages.stop(event, fact.stop_id, "arrived_utc = ?3", event.time.isoformat())


def _stop_closed(pages: Pages, event: FactEvent, fact: f.StopClosed) -> None:
    pages.stop(
        event,
        fact.stop_id,
        "closed_utc = ?3, delivered = ?4, failed = ?5, late_s = ?6",
        event.time.isoformat(),
        fact.delivered,
        fact.failed,
        fact.late_s,
    )


def _stops_cancelled(pages: Pages, event: FactEvent, fact: f.StopsCancelled) -> None:
    for stop_id in fact.stop_ids:
        pages.stop(event, stop_id, "cancelled = 1")


def _gnss_lost(pages: Pages, event: FactEvent, fact: f.GnssLost) -> None:
    text = f"No position since {fact.silent_s:.0f} s: {fact.why or 'no usable fix'}"
    pages.alarm(event, "gnss", text, key=f"gnss/{event.vehicle}")


def _gnss_recovered(pages: Pages, event: FactEvent, _fact: f.GnssRecovered) -> None:
    pages.clear(event, f"gnss/{event.vehicle}")


def _command_refused(pages: Pages, event: FactEvent, fact: f.CommandRefused) -> None:
    if fact.order == "conditions":
        return  # `conditions show` tells: one that is older or over needs nobody's attention
    text = f"Order {fact.command_seq} ({fact.order}) was refused: {fact.reason}"
    pages.alarm(event, "refused", text)


def _machine_tampered(pages: Pages, event: FactEvent, fact: f.MachineTampered) -> None:
    text = f"Somebody meddles with it: {fact.what}. Have a look, then tell it `looked-after`"
    pages.alarm(event, "tamper", text, key=f"tamper/{event.vehicle}")


def _machine_directed(pages: Pages, event: FactEvent, fact: f.MachineDirected) -> None:
    if fact.wish == "looked_after":
        pages.clear(event, f"tamper/{event.vehicle}")


def _help_wanted(pages: Pages, event: FactEvent, fact: f.HelpWanted) -> None:
    text = f"It stands and does not go on by itself: {fact.why}"
    pages.alarm(event, "help", text, key=f"help/{event.vehicle}")


def _drive_phase(pages: Pages, event: FactEvent, fact: f.DrivePhaseEntered) -> None:
    if fact.phase in ("driving", "crossing", "at_door", "served", "arrived"):
        pages.clear(event, f"help/{event.vehicle}")


def _hazard_met(pages: Pages, event: FactEvent, fact: f.HazardMet) -> None:
    what = {"strike": "It was hit", "lost_in_flight": "It began anew in the air"}[fact.what]
    text = f"{what}: others keep away from there" + (f" ({fact.why})" if fact.why else "")
    pages.alarm(event, "hazard", text)


def _item_quarantined(pages: Pages, event: FactEvent, fact: f.ItemQuarantined) -> None:
    text = f"The vehicle could not read item {fact.seq} of {fact.stream}: {fact.why}"
    pages.alarm(event, "quarantine", text)


def _offer_answered(pages: Pages, event: FactEvent, fact: f.OfferAnswered) -> None:
    crossed = offers.take_answer(pages.db, event.vehicle, fact, event.time)
    if crossed:
        pages.alarm(event, "conflict", crossed)


def _stop_barred(pages: Pages, event: FactEvent, fact: f.StopBarred) -> None:
    pages.alarm(event, "barred", f"Stop {fact.stop_id} is not driven to: {fact.reason}")


def _lateness_foreseen(pages: Pages, event: FactEvent, fact: f.LatenessForeseen) -> None:
    late_min = max(0.0, (fact.expected_utc - fact.closes_utc).total_seconds()) / 60
    text = f"Stop {fact.stop_id} will probably be late, by {late_min:.0f} min"
    pages.alarm(event, "foreseen", text, key=f"foreseen/{event.route}/{fact.stop_id}")


def _epoch_started(pages: Pages, event: FactEvent, fact: f.EpochStarted) -> None:
    older = pages.db.execute(
        "SELECT 1 FROM stream WHERE vehicle = ? AND lane = 'fact' AND epoch <> ? AND upto > 0",
        (event.vehicle, event.epoch),
    ).fetchone()
    if older is not None:
        pages.alarm(event, "store", f"The vehicle began a new store: {fact.reason}")


def _pin_refused(pages: Pages, event: FactEvent, fact: f.PinRefused) -> None:
    if fact.tries_left == 0:
        pages.alarm(event, "parcel", f"Parcel {fact.parcel_id} is locked after wrong PINs")


EFFECTS: dict[type[Any], Callable[[Pages, FactEvent, Any], None]] = {
    f.RouteAccepted: _route_accepted,
    f.PlanChanged: _plan_changed,
    f.DayClosed: _day_closed,
    f.ParcelLoaded: _parcel_loaded,
    f.AttemptFailed: _attempt_failed,
    f.ParcelEnded: _parcel_ended,
    f.Arrived: _arrived,
    f.StopClosed: _stop_closed,
    f.StopsCancelled: _stops_cancelled,
    f.GnssLost: _gnss_lost,
    f.GnssRecovered: _gnss_recovered,
    f.CommandRefused: _command_refused,
    f.ItemQuarantined: _item_quarantined,
    f.EpochStarted: _epoch_started,
    f.OfferAnswered: _offer_answered,
    f.StopBarred: _stop_barred,
    f.LatenessForeseen: _lateness_foreseen,
    f.PinRefused: _pin_refused,
    f.MachineTampered: _machine_tampered,
    f.MachineDirected: _machine_directed,
    f.HelpWanted: _help_wanted,
    f.DrivePhaseEntered: _drive_phase,
    f.HazardMet: _hazard_met,
}
