"""The siren (S7): it ends by itself, by an order, and by nothing else."""

import pytest

from edge.messages.machines.controller import ControllerStatus, SoundSiren
from firmware_bridge.mcu.words import PROTOCOL, HostHello, SirenWord, StopWord
from tests.firmware_bridge.mcu.host import greeted
from tests.firmware_bridge.mcu.test_session import Cable


class TestFirmware:
    def sound(self, host, *, on=1, lasts_ms=30_000):
        return host.order(SirenWord, (host.now_ms + lasts_ms) % 2**32, on)

    def test_it_ends_by_itself_and_not_by_silence(self):
        host = greeted()
        assert self.sound(host) == 0
        host.wait(29_980, beats=False)
        assert host.mcu.sounds(host.now_ms), "who cuts the cable does not silence it"
        assert host.mcu.sounds(host.now_ms + 19)
        assert not host.mcu.sounds(host.now_ms + 20), "without a tick, too"

    def test_neither_stop_nor_another_host_ends_it_but_an_order_does(self):
        host = greeted()
        self.sound(host)
        host.say(StopWord(0))
        host.mcu.sense(host.now_ms, stop_pressed=True, doors=[1], lifted=1)
        host.say(HostHello(PROTOCOL, 0))
        assert host.mcu.sounds(host.now_ms)
        assert self.sound(host, on=0) == 8, "not greeted"
        host.greet()
        assert self.sound(host, on=0, lasts_ms=-1) == 1
        assert host.mcu.sounds(host.now_ms)
        assert self.sound(host, on=0, lasts_ms=3000) == 0
        assert not host.mcu.sounds(host.now_ms)

    def test_what_is_wrong_sounds_nothing(self):
        host = greeted()
        assert self.sound(host, lasts_ms=30_001) == 7
        assert self.sound(host, lasts_ms=0) == 1
        host.wait(400, beats=False)
        assert self.sound(host) == 13
        assert not host.mcu.sounds(host.now_ms)
        assert self.sound(greeted(capabilities=15)) == 4

    def test_the_same_order_again_is_one_deed(self):
        host = greeted()
        word = SirenWord(1, 20_000, 1)
        first = host.say(word)
        host.say(SirenWord(2, 20_000, 0))
        assert [w.reason for w in host.say(word)] == [w.reason for w in first] == [0]
        assert not host.mcu.sounds(host.now_ms)

    def test_no_wrap_of_the_clock_makes_it_sound_on(self):
        host = greeted(now_ms=2**32 - 10_000)
        assert self.sound(host) == 0
        host.wait(29_900, step_ms=100)
        assert host.mcu.sounds(host.now_ms)
        host.wait(200, step_ms=100)
        assert not host.mcu.sounds(host.now_ms)


@pytest.mark.parametrize("loss", [0.0, 0.3])
def test_our_side_begins_and_ends_it_also_over_a_lossy_cable(loss):
    cable = Cable(loss=loss, late_s=0.1).run(3)
    for name, on in (("on", True), ("off", False)):
        cable.send(SoundSiren(order_id=name, on=on))
        cable.run(2)
        assert cable.answer(name) == ("done", "")
        assert cable.mcu.sounds(cable.mcu_ms) is on
        assert cable.of(ControllerStatus)[-1].siren is on
    cable.send(SoundSiren(order_id="once more", on=True))
    cable.run(27)
    assert cable.mcu.sounds(cable.mcu_ms)
    cable.run(4)
    assert not cable.mcu.sounds(cable.mcu_ms), "nobody ended it"
