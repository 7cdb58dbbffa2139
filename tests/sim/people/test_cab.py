import asyncio

import pytest

from edge.messages.commands import Arrive, Photo
from edge.messages.view import ActResult, DayView
from edge.streams import Latest
from sim.people.cab import Cab
from tests.conftest import simulate

ARRIVE = Arrive(action_id="a-1", driver="ada", stop_id="s-1")


class SlowDesk:
    """Answers after a while, unless its daemon dies first."""

    def __init__(self, name, takes_s):
        self.views = Latest()
        self.asked = []
        self._name = name
        self._takes_s = takes_s

    async def act(self, action):
        self.asked.append(action.action_id)
        await asyncio.sleep(self._takes_s)
        return ActResult(accepted=True, why=self._name)

    async def attach(self, content, media_type):
        await asyncio.sleep(self._takes_s)
        return Photo(sha256="0" * 64, media_type=media_type, size=len(content))


def test_a_button_pressed_before_the_daemon_runs_waits_for_it():
    async def main():
        cab, desk = Cab(), SlowDesk("first", 1.0)
        pressed = asyncio.ensure_future(cab.act(ARRIVE))
        await asyncio.sleep(5.0)
        watching = asyncio.ensure_future(cab.watch(desk))
        answer = await pressed
        watching.cancel()
        return answer.why, asyncio.get_running_loop().time()

    assert simulate(main) == ("first", 6.0)


@pytest.mark.parametrize("dies_after_s", [0.0, 0.5, 1.0])
def test_what_a_dead_daemon_answers_does_not_count_and_the_button_is_pressed_again(
    dies_after_s,
):
    async def main():
        cab, first, second = Cab(), SlowDesk("first", 1.0), SlowDesk("second", 1.0)
        loop = asyncio.get_running_loop()
        watching = asyncio.ensure_future(cab.watch(first))
        await asyncio.sleep(0)
        loop.call_later(dies_after_s, cab.dark)
        loop.call_later(10.0, lambda: asyncio.ensure_future(cab.watch(second)))
        answer = await cab.act(ARRIVE)
        watching.cancel()
        return answer.why, first.asked, second.asked, loop.time()

    assert simulate(main) == ("second", ["a-1"], ["a-1"], 11.0)


def test_views_stay_as_they_were_while_it_is_dark():
    async def main():
        cab, desk = Cab(), SlowDesk("first", 1.0)
        watching = asyncio.ensure_future(cab.watch(desk))
        await asyncio.sleep(0)
        shown = DayView(vehicle="v", utc=None, phase="idle")
        desk.views.set(shown)
        await asyncio.sleep(1.0)
        cab.dark()
        desk.views.set(DayView(vehicle="v", utc=None, phase="closed"))
        await asyncio.sleep(1.0)
        assert watching.done()
        return cab.views.value.phase

    assert simulate(main) == "idle"
