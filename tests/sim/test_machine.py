import asyncio

import pytest

from sim.machine import Machine
from tests.conftest import simulate


def test_a_killed_process_goes_on_from_what_its_disk_held_and_its_last_words_are_lost(tmp_path):
    died_s = []

    async def process(disk, start):
        file = disk / "log"
        try:
            while True:
                await asyncio.sleep(1.0)
                file.write_text(file.read_text() + f"{start}" if file.exists() else f"{start}")
        finally:
            file.write_text("last words")

    async def main():
        loop = asyncio.get_running_loop()
        machine = Machine("pi", tmp_path, process, lambda: died_s.append(loop.time()))
        running = asyncio.ensure_future(machine.run())
        await asyncio.sleep(3.5)
        assert machine.kill(2.0)
        assert not machine.kill(2.0)  # dead already
        await asyncio.sleep(1.0)
        assert not machine.kill(2.0)  # and still down
        await asyncio.sleep(3.6)
        assert (machine.disk / "log").read_text() == "11122"
        running.cancel()
        await asyncio.wait((running,))
        return machine.starts

    assert simulate(main) == 2
    assert died_s == [3.5]
    assert [folder.name for folder in tmp_path.iterdir()] == ["disk-2"]


@pytest.mark.parametrize("ending", ["error", "return"])
def test_a_process_that_ends_by_itself_ends_the_simulation(tmp_path, ending):
    async def process(disk, start):
        await asyncio.sleep(1.0)
        if ending == "error":
            raise ValueError("ours")

    async def main():
        await Machine("pi", tmp_path, process, lambda: None).run()

    with pytest.raises(ValueError if ending == "error" else AssertionError):
        simulate(main)
