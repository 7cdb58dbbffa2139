"""Decisions about machines: sealed, short-lived, and what the machine made of them."""

from datetime import timedelta

import pytest

from edge.errors import RefusedError
from edge.messages import facts as f
from edge.messages.broker.wire import from_json
from edge.messages.commands import Command, DirectMachine
from station.directing.desk import DirectingDesk, DirectRequest
from tests.station.office.days import reported
from tests.station.office.test_dispatch import outbox


@pytest.fixture
def desk(office, station):
    kinds = {"van-1": "robot", "van-2": "van"}
    return DirectingDesk(
        station.database, kinds, station.clock, sender=office._sender, wake=lambda _: None
    )


def wants(vehicle, wish="hold"):
    return DirectRequest(vehicle=vehicle, wish=wish, by="ada", why="a fire")


async def test_a_decision_goes_out_sealed_and_counts_for_two_minutes(desk, station):
    sent = await desk.direct(wants("van-1"))
    _, ((seq, name, sealed),) = await outbox(station.database, "van-1")
    command = from_json(sealed, Command)
    assert station.keys.signing.public.signed(sealed)
    assert (seq, name, sent.state) == (sent.seq, "command", "waiting")
    assert command.order == DirectMachine(wish="hold", by="ada", why="a fire")
    assert command.expires_utc - command.issued_utc == timedelta(minutes=2)


@pytest.mark.parametrize(
    ("vehicle", "why"), [("van-2", "van-2 is a van: call"), ("van-9", "no vehicle 'van-9'")]
)
async def test_only_machines_of_the_fleet_are_told(desk, station, vehicle, why):
    with pytest.raises(RefusedError, match=why):
        await desk.direct(wants(vehicle))


async def test_what_became_of_it_is_what_the_machine_says(desk, station):
    done, refused, silent = [await desk.direct(wants("van-1")) for _ in range(3)]
    facts = (
        f.MachineDirected(command_seq=done.seq, wish="hold", by="ada"),
        f.CommandRefused(order="direct_machine", command_seq=refused.seq, reason="it is idle"),
    )
    await reported(station, "van-1", *((fact, "") for fact in facts))
    assert (await desk.became(done)).state == "done"
    answer = await desk.became(refused)
    assert (answer.state, answer.reason) == ("refused", "it is idle")
    assert (await desk.became(silent)).state == "waiting"
    station.clock.now += timedelta(minutes=2, seconds=1)
    assert (await desk.became(silent)).state == "unanswered"


async def test_s7_the_alarm_stands_until_somebody_has_looked(desk, station):
    def alarms(db):
        return set(db.execute("SELECT vehicle, kind FROM alarm WHERE cleared_utc IS NULL"))

    meddled = f.MachineTampered(what="it was lifted")
    looked = f.MachineDirected(command_seq=1, wish="looked_after", by="bob")
    await reported(station, "van-1", (meddled, ""), (f.HelpWanted(why="it stands"), ""))
    await reported(station, "van-2", (meddled, ""), (looked, ""))
    assert await station.database.read(alarms) == {("van-1", "tamper"), ("van-1", "help")}
