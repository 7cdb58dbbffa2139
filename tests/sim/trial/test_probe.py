"""Who answers on a link is found, made safe, or refused with the reason."""

import asyncio
from datetime import UTC, datetime

import pytest

from edge.errors import ConfigError, LinkError
from edge.messages.geo import Place
from edge.messages.machines.orders import WantedParameter
from firmware_bridge.mavlink.exchange.numbers import problems_of
from firmware_bridge.mavlink.manners import MANNERS
from sim.devices.autopilot.build import Setup, build
from sim.devices.autopilot.listen import Radio, listen
from sim.trial.ground import scenario_of, work_round
from sim.trial.probe import find, links_of, safe_value

HERE = (52.0, 5.0, 10.0)


async def found(kind, vehicle, manner="ardupilot", *, may_set=True, address="tcp:127.0.0.1:0"):
    autopilot = build(
        Setup(kind=vehicle, manner=manner, home=HERE), now_s=0.0, utc=datetime.now(UTC)
    )
    radio, told = Radio(autopilot), []
    async with listen(radio, address) as where:
        living = asyncio.create_task(radio.run())
        try:
            who = await find(where, kind, patience_s=30.0, may_set=may_set, tell=told.append)
        finally:
            living.cancel()
    return who, autopilot, told


@pytest.mark.parametrize("manner", ["ardupilot", "px4"])
async def test_a_copter_is_found_where_it_stands_and_its_failsafes_are_set(manner):
    who, autopilot, told = await found("drone", "copter", manner)
    assert who.manner.startswith(manner)
    assert who.place.lat_deg == pytest.approx(HERE[0], abs=1e-4)
    assert who.altitude_m == pytest.approx(HERE[2], abs=3.0)
    assert who.changed
    assert any(line.startswith("set for the trial: ") for line in told)
    parameters = autopilot.memory.parameters
    wanted = MANNERS[who.manner].wanted
    now = {name: parameters[name] for one in wanted for name in one.names if name in parameters}
    assert problems_of(wanted, now) == ()


async def test_nothing_is_set_where_that_was_not_wanted():
    with pytest.raises(ConfigError, match=r"BATT_FS_LOW_ACT is 0.*--keep-parameters"):
        await found("drone", "copter", may_set=False)


async def test_another_kind_is_refused():
    with pytest.raises(ConfigError, match="--kind robot, but a multicopter answers"):
        await found("robot", "copter")


async def test_nobody_is_named_as_nobody(unused_tcp_port):
    where = f"tcp:127.0.0.1:{unused_tcp_port}"
    with pytest.raises(LinkError, match="no heartbeat of an autopilot is heard within 2 s"):
        await find(where, "drone", patience_s=2.0, may_set=True, tell=print)


@pytest.mark.parametrize(
    ("link", "ways"),
    [
        ("udp:10.0.0.1:14550", ("udp:10.0.0.1:14550", "udpin:10.0.0.1:14550")),
        ("udp:0.0.0.0:14540", ("udpin:0.0.0.0:14540",)),
        ("serial:/dev/ttyACM0", ("serial:/dev/ttyACM0",)),
    ],
)
def test_udp_is_tried_both_ways(link, ways):
    assert links_of(link) == ways


def test_an_unknown_parameter_is_set_to_the_nearest_that_will_do():
    assert safe_value(WantedParameter(names=("A",), one_of=(3, 4), why="x"), "A") == 3
    assert safe_value(WantedParameter(names=("A",), most=0.6, why="x"), "A") == 0.6
    assert safe_value(WantedParameter(names=("A",), least=2, why="x"), "A") == 2


@pytest.mark.parametrize("hour", range(24))
@pytest.mark.parametrize("kind", ["drone", "robot"])
def test_a_trial_never_runs_into_midnight(kind, hour, tmp_path):
    now = datetime(2026, 11, 23, hour, 59, 30, tzinfo=UTC)
    scenario = scenario_of(kind, now)
    assert 0 <= (now - scenario.opens).total_seconds() < 60
    (group,) = scenario.group
    assert group.shift_start < group.shift_end
    station = Place(lat_deg=HERE[0], lon_deg=HERE[1])
    work = work_round(
        kind, station, distance_m=300.0, bearing_deg=45.0, day=scenario, folder=tmp_path
    )
    assert work.sheet.exists()
    assert work.day == scenario.day.on
