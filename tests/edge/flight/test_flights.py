"""Whole flights on virtual time: the machine, the session and the simulated autopilot."""

import asyncio

import pytest

from edge.flight import events as e
from edge.flight import in_flight
from edge.flight.progress import Phase, Seen
from edge.messages.facts import DropGivenUp, DropIntended, DropMade
from edge.messages.geo import Place, distance_m
from edge.messages.machines.orders import ChangeMode
from tests.edge.flight.legs import DOOR, HOME, leg, way_home
from tests.edge.flight.pilot import fly

MANNERS = ["ardupilot", "px4"]
WAY = [
    Phase.LOADING,
    Phase.STARTING,
    Phase.CLIMBING,
    Phase.CRUISING,
    Phase.STOPPING,
    Phase.CLEARING,
    Phase.RELEASING,
    Phase.RESUMING,
    Phase.RETURNING,
    Phase.LANDED,
]


def told(pilot, kind):
    return [fact for fact in pilot.facts if isinstance(fact, kind)]


def where(pilot):
    return Place(lat_deg=pilot.truth.lat_deg, lon_deg=pilot.truth.lon_deg)


def is_home(pilot):
    return distance_m(HOME, where(pilot)) < 3.0


def reboot_at(phase, *, of="daemon"):
    """Return a script that lets one side begin anew as soon as a phase is entered."""

    async def script(pilot):
        ended = pilot.on_phase
        struck = asyncio.Event()

        def reached(now):
            if now is phase:
                struck.set()
            ended(now)

        pilot.on_phase = reached
        life = asyncio.create_task(pilot.live())
        strike = asyncio.create_task(struck.wait())
        await asyncio.wait((life, strike), return_when="FIRST_COMPLETED")
        if of == "autopilot":
            pilot.air.autopilot.reboot(asyncio.get_running_loop().time())
            await life
        # A moment later, so that the orders of this phase may or may not be out.
        await asyncio.sleep(0.3)
        life.cancel()
        await asyncio.wait((life,))
        await asyncio.sleep(3)
        pilot.on_phase = ended
        await pilot.live()

    return script


@pytest.mark.parametrize("manner", MANNERS)
class TestEitherManner:
    @pytest.mark.parametrize("how", ["drop", "winch", "land"])
    def test_a_parcel_is_delivered_and_the_drone_is_home(self, manner, how):
        pilot = fly(leg(how), manner=manner)
        assert is_home(pilot)
        assert pilot.payload.released == 1
        (intent,), (made,) = told(pilot, DropIntended), told(pilot, DropMade)
        assert intent.distance_m + intent.accuracy_m <= 6.0
        assert made.seen
        assert pilot.progress.parcel == "gone"

    def test_a2_it_flies_the_same_way_when_a_third_of_all_is_lost(self, manner):
        pilot = fly(leg(), manner=manner, loss=0.3, delay_s=0.2)
        assert is_home(pilot)
        assert pilot.payload.released == 1
        assert [phase for phase in pilot.phases if phase is not Phase.AT_GATE] == WAY

    @pytest.mark.parametrize("phase", WAY[:-1])
    def test_a10_a_daemon_that_dies_at_any_step_goes_on_where_it_really_is(self, manner, phase):
        pilot = fly(leg(), reboot_at(phase), manner=manner)
        assert is_home(pilot), pilot.phases
        assert pilot.payload.released == 1
        assert pilot.progress.parcel == "gone"
        assert len(told(pilot, DropMade)) == 1

    @pytest.mark.parametrize("phase", [Phase.LOWERING, Phase.RELEASING, Phase.RAISING])
    def test_a7_a_daemon_that_dies_with_the_line_out_takes_it_in_first(self, manner, phase):
        pilot = fly(leg("winch"), reboot_at(phase), manner=manner)
        assert is_home(pilot), pilot.phases
        assert pilot.payload.line_m == 0.0
        raised = pilot.phases.index(Phase.RAISING)
        assert raised < pilot.phases.index(Phase.RETURNING)
        assert pilot.payload.released == 1 or told(pilot, DropGivenUp)

    def test_a10_a_daemon_without_a_gripper_sensor_never_opens_it_twice(self, manner):
        pilot = fly(leg(), reboot_at(Phase.RELEASING), manner=manner, sensors=False)
        assert is_home(pilot)
        assert sum(isinstance(action, e.LetGo) for action in pilot.acted) == 1
        (given_up,) = told(pilot, DropGivenUp)
        assert given_up.on_board is None

    @pytest.mark.parametrize("phase", [Phase.LOADING, Phase.STARTING])
    def test_a10_an_autopilot_that_starts_anew_on_the_ground_gets_the_plan_again(
        self, manner, phase
    ):
        pilot = fly(leg(), reboot_at(phase, of="autopilot"), manner=manner)
        assert is_home(pilot), pilot.phases
        assert pilot.payload.released == 1

    @pytest.mark.parametrize("phase", [Phase.CRUISING, Phase.CLEARING, Phase.RETURNING])
    def test_a10_an_autopilot_that_starts_anew_in_the_air_ends_on_the_ground(
        self, manner, phase
    ):
        pilot = fly(leg(), reboot_at(phase, of="autopilot"), manner=manner)
        assert pilot.phases[-1] is Phase.LANDED
        assert pilot.progress.gives_up or pilot.progress.parcel == "gone"
        assert not pilot.progress.proven

    def test_a8_with_somebody_below_the_parcel_comes_back(self, manner):
        pilot = fly(leg(), manner=manner, clear=lambda: False)
        assert is_home(pilot)
        assert pilot.payload.released == 0
        (given_up,) = told(pilot, DropGivenUp)
        assert given_up.on_board

    @pytest.mark.parametrize("finds", [True, False])
    def test_a7_unheard_on_the_way_out_it_holds_and_finds_its_way_home(self, manner, finds):
        async def script(pilot):
            pilot.find_way = (lambda: way_home()) if finds else None
            ended = pilot.on_phase

            def reached(now):
                if now is Phase.CRUISING:
                    pilot.station = False
                ended(now)

            pilot.on_phase = reached
            # The way out takes less than the patience: nobody has heard it for half of it.
            await pilot.live()

        usual = in_flight.LEAVES_AFTER_S[Phase.CRUISING]
        in_flight.LEAVES_AFTER_S[Phase.CRUISING] = 5.0
        try:
            pilot = fly(leg(), script, manner=manner)
        finally:
            in_flight.LEAVES_AFTER_S[Phase.CRUISING] = usual
        assert is_home(pilot), pilot.phases
        assert pilot.payload.released == 0
        last = Phase.RETURNING if finds else Phase.GOING_HOME
        assert pilot.phases[-2:] == [last, Phase.LANDED]

    def test_a_failsafe_on_the_way_waits_for_a_decision_to_go_on(self, manner):
        async def script(pilot):
            ended = pilot.on_phase

            def reached(now):
                loop = asyncio.get_running_loop()
                if now is Phase.CRUISING and Phase.DECIDING not in pilot.phases:
                    loop.call_later(2.0, own)
                if now is Phase.DECIDING:
                    loop.call_later(3.0, decide)
                ended(now)

            def own():
                pilot.autopilot.order(ChangeMode(order_id="own", mode="return"))

            def decide():
                pilot.step(e.Ordered(seen=pilot.seen(), what="go_on", why="the wind is less"))

            pilot.on_phase = reached
            await pilot.live()

        pilot = fly(leg(), script, manner=manner)
        assert is_home(pilot), pilot.phases
        assert Phase.DECIDING in pilot.phases
        assert pilot.payload.released == 1

    def test_a6_it_lands_where_it_is_told_to(self, manner):
        elsewhere = Place(lat_deg=47.3982, lon_deg=8.5470)

        async def script(pilot):
            ended = pilot.on_phase

            def reached(now):
                if now is Phase.CRUISING:
                    asyncio.get_running_loop().call_later(2.0, land)
                ended(now)

            def land():
                pilot.step(
                    e.Ordered(seen=pilot.seen(), what="land", why="energy", place=elsewhere)
                )

            pilot.on_phase = reached
            await pilot.live()

        pilot = fly(leg(), script, manner=manner)
        assert pilot.phases[-2:] == [Phase.DIVERTING, Phase.LANDED]
        assert distance_m(elsewhere, where(pilot)) < 4.0
        (given_up,) = told(pilot, DropGivenUp)
        assert given_up.on_board


def test_what_is_known_is_of_the_drop():
    assert distance_m(DOOR, HOME) == pytest.approx(214, abs=5)
    assert not Seen(now_s=0.0).on_ground
