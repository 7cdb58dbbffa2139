"""A whole conversation with a car that is played, in virtual time."""

import pytest

from edge.errors import LinkError
from edge.messages import signals
from edge.messages.readings import WheelSpeed
from edge.messages.signals import UNITS, DeviceAsleep, VehicleSignal
from firmware_bridge.obd.isotp import CAN_29, LINE
from firmware_bridge.obd.pids import SLOW, Identifier
from firmware_bridge.obd.rounds import Rounds
from firmware_bridge.obd.session import ObdSession
from sim.devices.ecu import Adapter, Car

VALUES = {
    0x01: bytes.fromhex("8207E500"),
    0x0C: bytes.fromhex("1AF8"),
    0x0D: b"\x37",
    0x21: b"\x00\x02",
    0x2F: b"\x80",
    0x31: b"\x00\x31",
    0x42: bytes.fromhex("36B0"),
    0x46: b"\x23",
    0x5B: b"\xcc",
    0xA6: bytes.fromhex("0001E240"),
}
CODES = {
    0x03: (b"\x01\x43", b"\xc1\x23"),
    0x07: (),
    0x0A: (b"\x44\x20", b"\x01\x96", b"\x02\x34"),
}
CHARGE = Identifier(
    name=signals.CHARGE, unit="7E4", identifier=0x0101, first=2, length=1, scale=0.5
)
FOUND = {
    signals.ENGINE_SPEED: 0x1AF8 / 240,
    signals.FUEL_LEVEL: 128 / 2.55,
    signals.ODOMETER: 12_345_600.0,
    signals.AMBIENT: -5.0,
    signals.MODULE_VOLTAGE: 14.0,
    signals.BATTERY_VOLTAGE: 14.1,
    signals.SINCE_CLEARED: 49_000.0,
    signals.WITH_LAMP: 2000.0,
    signals.LAMP: True,
    signals.TROUBLE_COUNT: 2.0,
    signals.CHARGE: 80.0,
    signals.VIN: "WDB9066331S123456",
    signals.TROUBLE: ("P0143", "U0123"),
    signals.PENDING_TROUBLE: (),
    signals.PERMANENT_TROUBLE: ("C0420", "P0196", "P0234"),
}


class Cable:
    """A session and an adapter with a delay between them."""

    def __init__(self, asked=(), **car):
        self.now_s = 10.0
        self.session = ObdSession(self.now_s, asked)
        given = {"values": dict(VALUES), "codes": CODES, "identifiers": {0x0101: b"\0\0\x96"}}
        self.adapter = Adapter(Car(**(given | car)), self._say)
        self.under_way = []
        self.news = []
        self.delay_s = 0.03

    def _say(self, data):
        self.under_way.append((self.now_s + self.delay_s, data))

    def run(self, seconds):
        until_s = self.now_s + seconds
        while self.now_s < until_s:
            self.now_s = round(self.now_s + 0.01, 6)
            while self.under_way and self.under_way[0][0] <= self.now_s:
                self.news += self.session.receive(self.under_way.pop(0)[1], self.now_s)
            if self.now_s >= self.session.wake_at_s:
                self.news += self.session.wake(self.now_s)
            if data := self.session.outgoing():
                self.adapter.receive(data)
        return self

    def told(self):
        return {one.name: one.value for one in self.news if isinstance(one, VehicleSignal)}

    def speeds(self, after_s=0.0):
        return [o for o in self.news if isinstance(o, WheelSpeed) and o.received_s >= after_s]


class TestReading:
    def test_everything_it_has_is_read(self):
        cable = Cable().run(5)
        told = cable.told()
        assert set(told) == set(FOUND)
        for name, value in FOUND.items():
            assert told[name] == (pytest.approx(value) if isinstance(value, float) else value)

    def test_speed_comes_two_to_five_times_a_second(self):
        cable = Cable().run(15)
        speeds = cable.speeds(after_s=15.0)
        assert 20 <= len(speeds) <= 50
        assert speeds[0].speed_mps == pytest.approx(55 / 3.6)
        assert speeds[0].sigma_mps == 0.5

    def test_what_the_car_does_not_claim_is_tried_once(self):
        cable = Cable(values={0x0C: b"\0\0", 0x0D: b"\0"}).run(60)
        asked = [c for c in cable.adapter.asked if c.startswith("01")]
        assert set(asked) - {"0100", "010D0C"} == {f"01{pid:02X}" for pid in SLOW}
        assert all(asked.count(f"01{pid:02X}") == 1 for pid in SLOW)

    def test_what_it_has_and_does_not_claim_is_read(self):
        cable = Cable()
        cable.adapter.trouble = {"0140": "7E806414000000000"}
        told = cable.run(25).told()
        assert told[signals.AMBIENT] == -5.0
        assert cable.adapter.asked.count("0146") == 3

    def test_what_does_not_come_with_others_is_asked_alone(self):
        cable = Cable()
        del cable.adapter.car.values[0xA6]
        cable.adapter.trouble = {
            "01A0": "7E80641A004000000",
            "01A6": "7EA0661A60000EA5C",
            "0180": "7E806418000000001",
        }
        told = cable.run(25).told()
        assert told[signals.ODOMETER] == 5_999_600.0
        assert len(cable.speeds()) > 40

    def test_nothing_is_ever_cleared_or_written(self):
        cable = Cable([CHARGE]).run(400)
        services = {c[:2] for c in cable.adapter.asked if c[:2] not in ("AT", "")}
        assert services == {"01", "03", "07", "0A", "09", "22"}
        assert cable.adapter.asked.count("03") == 2

    def test_a_makers_own_value_is_asked_at_its_unit(self):
        cable = Cable([CHARGE], values={0x0D: b"\0"}).run(5)
        asked = cable.adapter.asked
        assert asked[asked.index("220101") - 1] == "ATSH7E4"
        assert "ATSH7DF" in asked[asked.index("220101") :]
        assert cable.told()[signals.CHARGE] == 75.0

    def test_a_value_that_never_comes_is_not_asked_for_ever(self):
        cable = Cable([CHARGE])
        cable.adapter.car.identifiers.clear()
        cable.run(120)
        assert cable.adapter.asked.count("220101") == 3

    def test_a_car_that_wants_them_one_by_one(self):
        cable = Cable()
        cable.adapter.trouble = {"010D0C2F4642": "NO DATA"}
        cable.adapter.trouble["010D0C2F464231"] = "NO DATA"
        cable.run(10)
        assert cable.told()[signals.ODOMETER] == 12_345_600.0
        assert len(cable.speeds()) > 10

    def test_every_name_has_a_unit(self):
        assert set(FOUND) <= set(UNITS)


class TestOtherBuses:
    def test_on_29_bits_all_units_are_asked_by_their_own_address(self):
        rounds = Rounds([CHARGE], bus=CAN_29)
        rounds.begin(0.0, {0x0D})
        asked = [rounds.next(0.0) for _ in range(30)]
        assert asked[asked.index("220101") - 1] == "ATSH7E4"
        assert "ATSHDB33F1" in asked

    def test_before_can_nothing_is_batched_and_no_header_set(self):
        rounds = Rounds([CHARGE], bus=LINE)
        rounds.begin(0.0, {0x0D, 0x0C})
        asked = [command for _ in range(30) if (command := rounds.next(0.0))]
        assert {len(command) for command in asked if command.startswith("01")} == {4}
        assert not [command for command in asked if command.startswith(("ATSH", "22"))]


class TestTrouble:
    def test_a_frozen_adapter_is_begun_anew_when_it_thaws(self):
        cable = Cable().run(5)
        cable.adapter.is_frozen = True
        frozen_s = cable.now_s
        cable.run(3)
        assert cable.session.heard_s <= frozen_s + 0.1
        assert not cable.session.is_excused(cable.now_s)
        cable.adapter.thaw()
        thawed_s = cable.now_s
        cable.run(5)
        assert cable.speeds(after_s=thawed_s)

    def test_one_that_stays_frozen_has_its_port_opened_again(self):
        cable = Cable().run(5)
        cable.adapter.is_frozen = True
        with pytest.raises(LinkError, match="12 s"):
            cable.run(20)

    def test_an_adapter_that_lost_power_is_set_up_again(self):
        cable = Cable().run(5)
        cable.adapter.restart()
        anew_s = cable.now_s
        cable.run(5)
        assert cable.speeds(after_s=anew_s)
        assert cable.adapter.asked.count("ATE0") == 2

    def test_no_ignition_is_asked_again_until_there_is_one(self):
        cable = Cable(is_on=False).run(20)
        assert not cable.speeds()
        assert cable.told() == {signals.BATTERY_VOLTAGE: 14.1}
        cable.adapter.car.is_on = True
        cable.run(8)
        assert cable.speeds()

    def test_a_bus_that_fails_is_connected_anew(self):
        cable = Cable().run(5)
        cable.adapter.trouble = {"010D0C": "CAN ERROR"}
        cable.run(2)
        cable.adapter.trouble = {}
        broken_s = cable.now_s
        cable.run(6)
        assert cable.speeds(after_s=broken_s)

    @pytest.mark.parametrize("word", ["?", "STOPPED", "BUFFER FULL", "<DATA ERROR", "7E8"])
    def test_words_that_are_no_value_are_no_value(self, word):
        cable = Cable().run(5)
        cable.adapter.trouble = {"010D0C": word, "010D": word, "010C": word}
        silent_s = cable.now_s + 0.1
        cable.run(1)
        assert not cable.speeds(after_s=silent_s)
        cable.adapter.trouble = {}
        back_s = cable.now_s
        cable.run(8)
        assert cable.speeds(after_s=back_s)


class TestSleeping:
    def test_a_car_at_rest_is_left_asleep_and_found_awake(self):
        cable = Cable(volts=12.4, values=VALUES | {0x0C: b"\0\0", 0x0D: b"\0"}).run(100)
        (asleep,) = [one for one in cable.news if isinstance(one, DeviceAsleep)][:1]
        assert "12.4 V" in asleep.why
        assert cable.session.is_excused(cable.now_s)
        asked = len(cable.adapter.asked)
        cable.run(60)
        further = set(cable.adapter.asked[asked:])
        assert not {c for c in further if c[:2] in ("01", "03", "09")}, "the car is not woken"
        cable.adapter.car.volts = 14.2
        cable.adapter.car.values |= VALUES
        on_s = cable.now_s
        cable.run(40)
        assert cable.speeds(after_s=on_s)

    def test_an_alternator_that_keeps_below_13_volts_is_noticed(self):
        cable = Cable(volts=12.3, values=VALUES | {0x0C: b"\0\0", 0x0D: b"\0"}).run(100)
        assert cable.session.is_excused(cable.now_s)
        cable.adapter.car.volts = 12.8
        cable.adapter.car.values |= VALUES
        on_s = cable.now_s
        cable.run(40)
        assert cable.speeds(after_s=on_s)

    def test_a_turning_engine_is_no_rest_whatever_the_voltage(self):
        cable = Cable(volts=12.8).run(200)
        assert not [one for one in cable.news if isinstance(one, DeviceAsleep)]
