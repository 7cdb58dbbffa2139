"""Plans on board whole and proven, or not at all: both manners, over good and bad links."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from edge.messages.geo import Place
from edge.messages.machines import orders, plans
from edge.messages.machines.autopilot import HomePosition, MissionProgress
from firmware_bridge.mavlink.session import MavlinkSession
from tests.firmware_bridge.mavlink.cable import BAD, GOOD, Cable, Faults
from tests.firmware_bridge.mavlink.scripted import ARDUPILOT, PX4, ROVER, Scripted

FIRMWARES = pytest.mark.parametrize("firmware", [ARDUPILOT, PX4], ids=["ardupilot", "px4"])


def spot(number):
    return Place(lat_deg=47.425 + number * 1e-4, lon_deg=8.5541)


def mission(count=8, height_m=20.123):
    vias = [plans.Via(place=spot(n), height_m=height_m, wait_s=2) for n in range(count)]
    return (plans.Climb(height_m=height_m), *vias, plans.Release(), plans.GoHome())


def load(parts, name="load", kind="mission"):
    return orders.LoadPlan(order_id=name, kind=kind, parts=parts)


def met(firmware, *, faults=GOOD, seed=1, **far):
    """A cable whose ends have met; on a bad one that takes its time."""
    cable = Cable(Scripted(firmware, **far), faults=faults, seed=seed)
    cable.run(5.0)
    cable.run(until=lambda c: c.of(HomePosition) and c.session._met.version, for_s=120)
    return cable


def waypoints(far):
    """Latitudes of the waypoints on board, home left out."""
    stored = far.plans[0][0 if far.is_px4 else 1 :]
    return [item[3] if item else None for item in stored if item is None or item[0] == 16]


def lats(count):
    return [round((47.425 + n * 1e-4) * 1e7) for n in range(count)]


@FIRMWARES
def test_a_mission_is_loaded_proven_and_started(firmware):
    cable = met(firmware)
    assert cable.order(load(mission())).result == "done"
    assert waypoints(cable.far) == lats(8)
    started = cable.order(orders.StartMission(order_id="start"))
    assert started.result == "done"
    assert cable.far.armed


@FIRMWARES
@pytest.mark.parametrize("seed", range(3))
def test_a2_an_upload_over_a_third_lost_and_400_ms_completes(firmware, seed):
    cable = met(firmware, faults=BAD, seed=seed)
    assert cable.order(load(mission())).result == "done"
    assert waypoints(cable.far) == lats(8)


@FIRMWARES
@pytest.mark.parametrize("bytes_lost", [0.001, 0.005])
def test_a2_an_upload_over_a_serial_line_that_loses_bytes_completes(firmware, bytes_lost):
    faults = Faults(delay_s=0.05, bytes_lost=bytes_lost)
    cable = Cable(Scripted(firmware), faults=faults, session=MavlinkSession(0.0))
    cable.run(until=lambda c: c.of(HomePosition) and c.session._met.version, for_s=120)
    assert cable.order(load(mission(18))).result == "done"
    assert waypoints(cable.far) == lats(18)
    assert cable.session.count.lost > 0


@FIRMWARES
def test_a_hundred_items_go_quickly_over_a_good_link(firmware):
    cable = met(firmware, faults=Faults(delay_s=0.002))
    before_s = cable.now_s
    assert cable.order(load(mission(97))).result == "done"
    assert cable.now_s - before_s < 6.0


@FIRMWARES
def test_fence_and_rally_points_go_the_same_way(firmware):
    cable = met(firmware)
    corners = (spot(0), spot(3), Place(lat_deg=47.43, lon_deg=8.56))
    fence = (
        plans.CorneredFence(corners=corners, stay="inside"),
        plans.RoundFence(centre=spot(1), radius_m=30.0, stay="outside"),
    )
    assert cable.order(load(fence, "fence", "fence")).result == "done"
    refuge = (plans.Refuge(place=spot(2), height_m=30.0),)
    assert cable.order(load(refuge, "rally", "rally")).result == "done"
    assert [item[0] for item in cable.far.plans[1]] == [5001, 5001, 5001, 5004]
    assert [item[0] for item in cable.far.plans[2]] == [5100]


def test_whoever_knows_no_whole_numbered_items_gets_floats():
    cable = met(ARDUPILOT, ints=False)
    assert cable.order(load(mission())).result == "done"
    kinds = {message.get_type() for _, message in cable.far.heard}
    assert "MISSION_ITEM" in kinds
    assert not {"MISSION_ITEM_INT", "MISSION_REQUEST_INT"} & kinds


@FIRMWARES
def test_an_empty_plan_clears_and_is_proven(firmware):
    cable = met(firmware)
    cable.order(load(mission(), "full"))
    assert cable.order(load((), "empty")).result == "done"
    assert cable.far.plans[0] == []
    assert cable.order(orders.Arm(order_id="arm")).result == "done"
    refused = cable.order(orders.StartMission(order_id="start"))
    assert refused.why == "there is no mission on board"


@FIRMWARES
def test_nothing_may_be_armed_before_anybody_knows_what_is_on_board(firmware):
    cable = met(firmware)
    for order in (
        orders.Arm(order_id="arm"),
        orders.StartMission(order_id="start"),
        orders.ChangeMode(order_id="mode", mode="mission"),
        orders.GoOnFrom(order_id="on", part=2),
    ):
        assert "nobody knows which mission" in cable.order(order).why
    assert not cable.far.armed


@FIRMWARES
def test_a_refused_item_rolls_back_to_nothing(firmware):
    cable = met(firmware)
    cable.order(load(mission(5), "old"))
    cable.far.refuses.add(211)
    answer = cable.order(load(mission(7), "new"))
    assert answer.result == "refused"
    assert "unsupported command; rolled back" in answer.why
    assert cable.far.plans[0] == []


def test_an_upload_that_ends_in_the_middle_leaves_a_mixture_that_nobody_can_start():
    """ArduPilot keeps what came: new items in front, old ones behind."""
    cable = met(ARDUPILOT)
    cable.order(load(mission(10), "old"))
    cable.session.send(load(mission(10, height_m=50.0), "new"), cable.now_s)
    cable.run(until=lambda c: c.far.upload and len(c.far.upload[0].items) == 4)
    cable.faults = Faults(loss=1.0)
    assert {item[5] for item in cable.far.plans[0][1:4]} == {50.0}
    answer = cable.run(until=lambda c: c.answer("new"), for_s=900).answer("new")
    assert answer.result == "unanswered"
    assert "in doubt" in answer.why
    assert {item[5] for item in cable.far.plans[0][1:12]} == {50.0, 20.12}
    cable.faults = GOOD
    cable.run(for_s=15.0)
    for order in (orders.Arm(order_id="arm"), orders.StartMission(order_id="start")):
        assert cable.order(order).result == "refused"
    assert not cable.far.armed
    assert cable.order(load(mission(3), "again")).result == "done"
    assert cable.order(orders.Arm(order_id="arm now")).result == "done"


@FIRMWARES
def test_a2_while_a_plan_is_being_loaded_nothing_can_be_armed(firmware):
    cable = met(firmware)
    cable.order(load(mission(), "old"))
    cable.session.send(load(mission(height_m=50.0), "new"), cable.now_s)
    tried = 0
    while not cable.answer("new"):
        cable.run(for_s=0.02)
        if not cable.answer("new"):
            tried += 1
            cable.session.send(orders.Arm(order_id=f"arm {tried}"), cable.now_s)
    assert tried > 15
    assert {cable.answer(f"arm {n}").result for n in range(1, tried)} == {"refused"}
    assert not cable.far.armed


def test_px4_is_busy_after_a_download_that_nobody_ended_and_we_wait_for_it():
    cable = met(PX4)
    cable.far.serving[0] = cable.now_s  # somebody asked for the list and went away
    assert cable.order(load(mission())).result == "done"
    cable.run(for_s=1.0)
    verdicts = [m.type for _, m in cable.far.heard if m.get_type() == "MISSION_ACK"]
    assert verdicts == [0]


@FIRMWARES
def test_every_download_is_ended_also_one_that_is_given_up(firmware):
    cable = met(firmware)
    cable.order(load(mission()))
    heard = len(cable.far.heard)
    cable.session.send(orders.CheckPlan(order_id="c", kind="mission", parts=()), cable.now_s)
    cable.run(
        until=lambda c: any(
            m.get_type() == "MISSION_REQUEST_INT" for _, m in c.far.heard[heard:]
        )
    )
    cable.session._orders._plans._running.abandon(cable.now_s)
    cable.run(for_s=1.0)
    assert cable.far.heard[-1][1].get_type() in ("MISSION_ACK", "HEARTBEAT", "TIMESYNC")
    assert not cable.far.serving


def test_in_the_first_seconds_after_a_start_ardupilot_takes_nothing_and_is_asked_again():
    cable = met(ARDUPILOT)
    cable.far.start(cable.now_s, pause_s=0.2)
    assert cable.order(load(mission())).result == "done"


def test_a_mission_that_is_flown_is_not_overwritten_where_that_makes_a_mixture():
    cable = met(ARDUPILOT)
    cable.order(load(mission()))
    cable.order(orders.StartMission(order_id="start"))
    assert "let it hold first" in cable.order(load(mission(3), "other")).why
    cable = met(PX4)
    cable.order(load(mission()))
    cable.order(orders.StartMission(order_id="start"))
    assert cable.order(load(mission(3), "other")).result == "done"


def test_what_is_on_board_can_be_proven_again_and_another_plan_is_not_taken_for_it():
    cable = met(ARDUPILOT)
    cable.order(load(mission()))
    cable.session._board.doubt_all()
    wrong = cable.order(orders.CheckPlan(order_id="wrong", kind="mission", parts=mission(7)))
    assert "not the same on board: 12 items on board instead of 11" in wrong.why
    moved = mission(8, height_m=20.15)
    wrong = cable.order(orders.CheckPlan(order_id="moved", kind="mission", parts=moved))
    assert wrong.result == "refused"
    right = cable.order(orders.CheckPlan(order_id="right", kind="mission", parts=mission()))
    assert right.result == "done"
    assert cable.order(orders.Arm(order_id="arm")).result == "done"


@FIRMWARES
def test_what_a_vehicle_cannot_do_is_refused_before_anything_is_sent(firmware):
    cable = met(firmware, kind=ROVER)
    answer = cable.order(load((plans.SetDown(place=spot(1), height_m=20, deepest_m=15),)))
    assert answer.why.endswith("rover does not do set_down")
    fence = plans.RoundFence(centre=spot(1), radius_m=30.0, stay="inside")
    assert "no part of a mission" in cable.order(load((fence,), "f")).why
    assert cable.far.mission_messages == 0


@FIRMWARES
def test_a10_after_a_start_in_mid_mission_nothing_of_before_is_believed(firmware):
    cable = met(firmware)
    cable.order(load(mission()))
    cable.order(orders.StartMission(order_id="start"))
    cable.far.current = 5
    cable.run(for_s=2.0)
    first = 0 if firmware == PX4 else 1
    progress = cable.of(MissionProgress)
    assert progress[-1].part == 5 - first
    cable.news.clear()
    cable.far.start(cable.now_s)
    cable.run(for_s=20.0)
    progress = cable.of(MissionProgress)
    assert progress[0].part is None
    assert progress[-1].part == (None if first else 0)
    assert cable.order(orders.GoOnFrom(order_id="on", part=4)).result == "refused"
    again = orders.CheckPlan(order_id="check", kind="mission", parts=mission())
    assert cable.order(again).result == "done"
    assert cable.order(orders.GoOnFrom(order_id="on 2", part=4)).result == "done"
    assert cable.far.current == 4 + first


@FIRMWARES
@pytest.mark.parametrize("step", range(1, 22, 2))
def test_a2_a_start_at_any_step_of_an_upload_ends_in_the_whole_plan(firmware, step):
    cable = met(firmware)
    cable.order(load(mission(6), "old"))
    cable.far.reboots_on = cable.far.mission_messages + step
    answer = cable.order(load(mission(4, height_m=50.0), "new"))
    assert answer.result == "done"
    assert waypoints(cable.far) == lats(4)
    cable.run(for_s=10.0)
    armed = cable.order(orders.Arm(order_id="arm"))
    if armed.result == "refused":  # it started behind the proof
        again = orders.CheckPlan(order_id="c", kind="mission", parts=mission(4, height_m=50.0))
        assert cable.order(again).result == "done"


class Loading(RuleBasedStateMachine):
    """Orders, starts, cuts and losses in any order; only proven plans are ever armed."""

    def __init__(self):
        super().__init__()
        self.names = 0
        self.proven = None

    def name(self):
        self.names += 1
        return str(self.names)

    @rule(firmware=st.sampled_from([ARDUPILOT, PX4]), seed=st.integers(0, 1000))
    @precondition(lambda self: self.names == 0)
    def meet(self, firmware, seed):
        self.cable = met(firmware, seed=seed)
        self.wanted = {}
        self.names = 1

    @precondition(lambda self: self.names)
    @rule(count=st.integers(0, 5), height_m=st.sampled_from([20.0, 50.0]))
    def load(self, count, height_m):
        name = self.name()
        parts = mission(count, height_m) if count else ()
        self.wanted[name] = parts
        self.cable.session.send(load(parts, name), self.cable.now_s)

    @precondition(lambda self: self.names)
    @rule(for_s=st.floats(0.01, 20.0))
    def wait(self, for_s):
        self.cable.run(for_s=for_s)

    @precondition(lambda self: self.names)
    @rule(loss=st.sampled_from([0.0, 0.0, 0.2, 1.0]), delay_s=st.sampled_from([0.01, 0.3]))
    def cable_changes(self, loss, delay_s):
        self.cable.faults = Faults(loss=loss, delay_s=delay_s, jitter_s=0.05, twice=0.05)

    @precondition(lambda self: self.names)
    @rule()
    def autopilot_starts_anew(self):
        self.cable.far.start(self.cable.now_s)

    @precondition(lambda self: self.names)
    @rule()
    def arm_and_disarm(self):
        self.cable.session.send(orders.Arm(order_id=self.name()), self.cable.now_s)
        self.cable.run(for_s=1.0)
        self.cable.session.send(orders.Disarm(order_id=self.name()), self.cable.now_s)

    @precondition(lambda self: self.names)
    @invariant()
    def what_is_believed_proven_is_on_board(self):
        items = self.cable.session._board.proven("mission")
        if items is None:
            return
        far = self.cable.far
        first = 0 if far.is_px4 else 1
        stored = [item and (item[0], item[3], round(item[5], 1)) for item in far.plans[0]]
        believed = [(item.command, item.lat_e7, round(item.height_m, 1)) for item in items]
        assert stored[first:] == believed[first:]

    def teardown(self):
        if not self.names:
            return
        self.cable.faults = GOOD
        answered = lambda cable: all(cable.answer(name) for name in self.wanted)  # noqa: E731
        assert answered(self.cable.run(until=answered, for_s=900.0)), "an order without an end"


Loading.TestCase.settings = settings(
    max_examples=30,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestLoading = Loading.TestCase


class LongLoading(Loading):
    """The same for longer."""


LongLoading.TestCase.settings = settings(
    Loading.TestCase.settings, max_examples=1500, stateful_step_count=40
)
TestLongLoading = pytest.mark.soak(pytest.mark.timeout(0)(LongLoading.TestCase))
