import math

from edge.messages.readings import DeviceBack, DeviceSilent
from firmware_bridge.silence import SilenceWatch


def test_a_silence_is_said_once_and_its_end_once():
    watch = SilenceWatch("gnss", 2.5, 10.0)
    assert watch.heard(11.0) is None
    assert watch.wake(13.4) is None
    assert watch.wake(13.5) == DeviceSilent(
        received_s=13.5, device="gnss", silent_s=2.5, why="no data"
    )
    assert math.isinf(watch.wake_at_s)
    assert watch.wake(100.0) is None
    assert watch.heard(101.0) == DeviceBack(received_s=101.0, device="gnss")
    assert watch.heard(102.0) is None
    assert watch.wake_at_s == 104.5


def test_a_device_that_was_never_there_is_silent_from_the_start():
    watch = SilenceWatch("gnss", 2.5, 10.0)
    assert watch.wake(12.5) is not None


def test_the_newest_suspicion_explains_the_silence_and_is_forgotten_with_it():
    watch = SilenceWatch("gnss", 2.5, 0.0)
    watch.suspect("gpsd has no device")
    watch.suspect("cannot connect")
    silent = watch.wake(3.0)
    assert silent is not None
    assert silent.why == "cannot connect"
    watch.heard(4.0)
    silent = watch.wake(7.0)
    assert silent is not None
    assert silent.why == "no data"
