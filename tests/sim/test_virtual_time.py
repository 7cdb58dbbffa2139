import asyncio
import contextlib
import heapq
import signal
import time
from random import Random

import pytest

from sim.demo.paced import Pace, PacedLoop
from sim.virtual_time import BUSY_ROUNDS, SimulationSpinningError, SimulationStalledError
from tests.conftest import simulate


def paced(main, speed):
    with asyncio.Runner(loop_factory=lambda: PacedLoop(Pace.starting_now(speed))) as runner:
        return runner.run(main())


def test_ten_hours_pass_in_a_moment():
    async def main():
        for _ in range(36_000):
            await asyncio.sleep(1.0)
        return asyncio.get_running_loop().time()

    started_s = time.perf_counter()
    assert simulate(main) == pytest.approx(36_000)
    assert time.perf_counter() - started_s < 10


def test_a_stalled_simulation_says_so():
    async def main():
        await asyncio.Event().wait()

    with pytest.raises(SimulationStalledError):
        simulate(main)


def test_a_generator_that_was_dropped_is_closed():
    async def main():
        closed = []

        async def numbers():
            try:
                yield 1
            finally:
                closed.append(1)

        generator = numbers()
        await anext(generator)
        del generator
        await asyncio.sleep(1.0)
        return closed

    assert simulate(main) == [1]


def test_a_keystroke_ends_a_simulation():
    async def main():
        asyncio.get_running_loop().call_later(100.0, signal.raise_signal, signal.SIGINT)
        await asyncio.sleep(36_000.0)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in background
    try:
        with pytest.raises(KeyboardInterrupt):
            simulate(main)
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_callback_that_was_taken_back_never_runs_and_one_that_fails_is_told():
    async def main():
        loop, told, ran = asyncio.get_running_loop(), [], []
        loop.set_exception_handler(lambda _, context: told.append(context["exception"]))
        for step in (loop.call_soon(ran.append, 1), loop.call_later(1.0, ran.append, 2)):
            step.cancel()
            assert step.cancelled()
        loop.call_later(2.0, divmod, 1, 0)
        loop.call_later(3.0, ran.append, 3)
        await asyncio.sleep(4.0)
        return ran, [type(error) for error in told]

    assert simulate(main) == ([3], [ZeroDivisionError])


def test_a_spinning_simulation_says_so(monkeypatch):
    monkeypatch.setattr("sim.virtual_time.SPIN_LIMIT", 1000)

    async def main():
        loop = asyncio.get_running_loop()

        def again():
            loop.call_soon(again)

        again()
        await asyncio.Event().wait()

    with pytest.raises(SimulationSpinningError):
        simulate(main)


@pytest.mark.parametrize("late_s", [0.1, 0.3, 2864.99, 35_999.7])
def test_waiting_for_a_difference_of_floats_comes_to_an_end(late_s):
    """In whichever way the sum of the parts is rounded, the instant is reached."""

    async def main():
        loop = asyncio.get_running_loop()
        await asyncio.sleep(late_s)
        rng = Random(1)
        for _ in range(300):
            zero_s = loop.time() - rng.uniform(0.0, 20.0)
            wake_at_s = loop.time() - zero_s + rng.uniform(0.0, 60.0)
            rounds = 0
            while (now_s := loop.time() - zero_s) < wake_at_s:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wake_at_s - now_s):
                        await asyncio.Event().wait()
                rounds += 1
                assert rounds <= BUSY_ROUNDS

    simulate(main)
    if late_s < 10:
        paced(main, 1e6)


def test_work_in_an_executor_takes_no_time_but_gives_others_a_turn():
    async def main():
        loop = asyncio.get_running_loop()
        turns = []
        loop.call_soon(turns.append, "other")
        value = await asyncio.to_thread(lambda: turns.append("work") or 7)
        with pytest.raises(ZeroDivisionError):
            await loop.run_in_executor(None, lambda: 1 / 0)
        return value, turns, loop.time()

    assert simulate(main) == (7, ["work", "other"], 0.0)


def timers_in_order(rng):
    """Set timers that set timers; return what fired, as (due, number)."""

    async def main():
        loop = asyncio.get_running_loop()
        fired, waiting, done = [], [], loop.create_future()
        numbers = iter(range(10**6))

        def add(delay_s):
            number, due_s = next(numbers), loop.time() + delay_s
            heapq.heappush(waiting, due_s)
            loop.call_at(due_s, fire, due_s, number)

        def fire(due_s, number):
            assert due_s == heapq.heappop(waiting), "overtaken by a later timer"
            assert loop.time() == pytest.approx(due_s, abs=1e-6)
            fired.append((due_s, number))
            if rng.random() < 0.05:
                stalled_until_s = time.perf_counter() + 0.004
                while time.perf_counter() < stalled_until_s:
                    pass
            if len(fired) < 1500:
                add(rng.choice((0.0, 0.001, 0.05, 0.3, 2.0)))
            elif not waiting:
                done.set_result(None)

        for _ in range(20):
            add(rng.uniform(0.0, 1.0))
        await done
        return fired

    return main


def test_no_timer_overtakes_another_however_the_machine_stalls():
    fired = paced(timers_in_order(Random(3)), 500.0)
    assert [due_s for due_s, _ in fired] == sorted(due_s for due_s, _ in fired)


def test_paced_and_virtual_time_fire_the_same_timers_in_the_same_order():
    in_virtual_time = simulate(timers_in_order(Random(4)))
    at_a_pace = paced(timers_in_order(Random(4)), 800.0)
    assert [number for _, number in at_a_pace] == [number for _, number in in_virtual_time]


def test_simulated_time_runs_at_its_pace():
    async def main():
        await asyncio.sleep(20.0)

    started_s = time.perf_counter()
    paced(main, 100.0)
    assert 0.19 <= time.perf_counter() - started_s < 0.6


def test_the_pace_changes_while_a_timer_waits():
    async def main():
        loop = asyncio.get_running_loop()
        loop.call_later(10.0, lambda: loop.follow(loop.pace.changed(1000.0)))
        await asyncio.sleep(500.0)
        return loop.time()

    started_s = time.perf_counter()
    assert paced(main, 100.0) == pytest.approx(500.0, abs=5.0)
    assert time.perf_counter() - started_s < 1.5


def test_a_pace_of_zero_stands_still_until_it_is_changed():
    async def main():
        loop = asyncio.get_running_loop()

        def go_on():
            time.sleep(0.05)
            loop.call_soon_threadsafe(lambda: loop.follow(loop.pace.changed(1000.0)))

        timer = asyncio.ensure_future(asyncio.sleep(1.0))
        await asyncio.gather(asyncio.to_thread(go_on), timer)
        return loop.time()

    assert paced(main, 0.0) == pytest.approx(1.0, abs=0.5)


def test_a_thread_s_result_wakes_the_loop_before_the_next_timer():
    async def main():
        loop = asyncio.get_running_loop()
        timer = loop.call_later(3600.0, lambda: None)
        value = await asyncio.to_thread(lambda: time.sleep(0.02) or 5)
        timer.cancel()
        return value, loop.time()

    value, now_s = paced(main, 50.0)
    assert value == 5
    assert 0.5 <= now_s < 60


def test_real_sockets_work_while_the_loop_is_behind():
    async def main():
        async def echo(reader, writer):
            while line := await reader.readline():
                writer.write(line)
            writer.close()

        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())

        async def busy():
            for _ in range(2000):
                await asyncio.sleep(0.5)

        async def talk():
            for number in range(100):
                writer.write(b"%d\n" % number)
                assert await reader.readline() == b"%d\n" % number

        await asyncio.gather(busy(), talk())
        writer.close()
        server.close()

    paced(main, 1e6)


def test_the_same_pace_keeps_several_loops_in_step():
    pace = Pace.starting_now(200.0, 5.0)

    async def main():
        await asyncio.sleep(4.0)
        return asyncio.get_running_loop().time(), pace.due_s()

    for _ in range(2):
        with asyncio.Runner(loop_factory=lambda: PacedLoop(pace)) as runner:
            reached_s, due_s = runner.run(main())
        assert reached_s <= due_s + 1e-6
        assert due_s - reached_s < 20
