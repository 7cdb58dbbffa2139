"""A ground station on pymavlink alone, on a time of its own, in front of one autopilot."""

import math
from datetime import UTC, datetime

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from sim.devices.autopilot.build import Setup, build
from sim.town.streets import M_PER_DEG

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
LAT, LON, ALT = 47.397742, 8.545594, 488.0
READY_S = 4.0
WAYPOINT, LAND, TAKE_OFF, RETURN = 16, 21, 22, 20
ALL_FOUR = [(kind, manner) for kind in ("copter", "rover") for manner in ("ardupilot", "px4")]
PX4_MODES = {
    "take-off": (4, 2),
    "hold": (4, 3),
    "mission": (4, 4),
    "rtl": (4, 5),
    "land": (4, 6),
}
PX4_MODES |= {"offboard": (6, 0)}
COPTER_MODES = {"hold": 5, "mission": 3, "rtl": 6, "land": 9, "guided": 4}
ROVER_MODES = {"hold": 4, "mission": 10, "rtl": 11, "guided": 15}


def place(north_m, east_m):
    """A place near where the vehicle stands, in 1e-7 degrees."""
    lat = LAT + north_m / M_PER_DEG
    lon = LON + east_m / (M_PER_DEG * math.cos(math.radians(LAT)))
    return round(lat * 1e7), round(lon * 1e7)


def item(command=WAYPOINT, north_m=0.0, east_m=0.0, z=0.0, *, frame=6, p=(0, 0, 0, 0)):
    return frame, command, p, *place(north_m, east_m), z


class Peer:
    """Says what it is told to and keeps what it hears, with the time."""

    def __init__(self, kind="copter", manner="ardupilot", *, system=255, beats=True, **setup):
        self.kind, self.manner, self.beats = kind, manner, beats
        self.autopilot = build(Setup(kind=kind, manner=manner, **setup), now_s=0.0, utc=START)
        self.mav = mavlink.MAVLink(None, system, 190)
        self.ears = mavlink.MAVLink(None, system, 190)
        self.ears.robust_parsing = True
        self.now_s, self.beat_s = 0.0, 0.0
        self.heard = []
        self.said = []
        """Its texts, so that they need not be sought among all that is heard."""
        self.bytes_in = 0
        self.on = {}
        """By kind of message: what to do when one comes."""

    @property
    def craft(self):
        return self.autopilot.controller.craft

    @property
    def body(self):
        return self.autopilot.plant.machine.body

    def say(self, message):
        self.autopilot.receive(message.pack(self.mav), self.now_s)
        self.mav.seq = (self.mav.seq + 1) % 256

    def run(self, for_s, until=None):
        """Let time pass; with `until` no longer than until that is true. Tell if it was."""
        end_s = self.now_s + for_s
        while not (until and until()):
            due_s = min(self.autopilot.wake_at_s, self.beat_s if self.beats else math.inf)
            if due_s > end_s:
                self.now_s = end_s
                return until is None
            self.now_s = max(self.now_s, due_s)
            if self.beats and self.now_s >= self.beat_s:
                self.beat_s = self.now_s + 1.0
                self.say(mavlink.MAVLink_heartbeat_message(6, 8, 0, 0, 4, 3))
            self.autopilot.wake(self.now_s)
            while data := self.autopilot.outgoing():
                self.bytes_in += len(data)
                for message in self.ears.parse_buffer(data) or []:
                    self.heard.append((self.now_s, message))
                    if message.get_type() == "STATUSTEXT":
                        self.said.append(message.text)
                    if act := self.on.get(message.get_type()):
                        act(message)
        return True

    def ready(self):
        """Past what a firmware does only in its first seconds."""
        self.run(READY_S)
        return self

    @property
    def mark(self):
        """How much it has heard until now."""
        return len(self.heard)

    def of(self, name, since=0):
        return [m for _, m in self.heard[since:] if m.get_type() == name]

    def when(self, name, since=0):
        return [at_s for at_s, m in self.heard[since:] if m.get_type() == name]

    def wait(self, name, within_s=3.0):
        """The next message of this kind, None if none comes."""
        known = len(self.of(name))
        self.run(within_s, lambda: len(self.of(name)) > known)
        return next(iter(self.of(name)[known:]), None)

    def texts(self):
        return self.said

    def command(self, number, *params):
        """Send COMMAND_LONG and return the result of its answer."""
        params = (*params, *[0.0] * 7)[:7]
        self.say(mavlink.MAVLink_command_long_message(1, 1, number, 0, *params))
        return self._result(number)

    def command_int(self, number, *params, x=0, y=0, z=0.0, frame=5):
        params = (*params, *[0.0] * 4)[:4]
        self.say(
            mavlink.MAVLink_command_int_message(1, 1, frame, number, 0, 0, *params, x, y, z)
        )
        return self._result(number)

    def _result(self, number):
        ack = self.wait("COMMAND_ACK")
        assert ack is not None, f"no answer to {number}"
        assert (ack.command, ack.target_system) == (number, self.mav.srcSystem)
        return ack.result

    def mode(self, name):
        if self.manner == "px4":
            return self.command(176, 1, *PX4_MODES[name])
        modes = COPTER_MODES if self.kind == "copter" else ROVER_MODES
        return self.command(176, 1, modes[name])

    def mode_name(self):
        return self.craft.manner.modes[self.craft.custom_mode][0]

    def set(self, name, value):
        kind = self.craft.parameters.types[name]
        if self.manner == "px4" and kind != 9:
            value = self.as_float(value)
        self.say(mavlink.MAVLink_param_set_message(1, 1, name.encode(), value, kind))
        return self.wait("PARAM_VALUE")

    @staticmethod
    def as_float(value):
        import struct

        return struct.unpack("<f", struct.pack("<i", value))[0]

    def quiet(self):
        """Have PX4 say less: its four hundred messages a second are not every test's matter."""
        for number in (30, 31, 32, 33, 36, 74, 83, 85, 87, 105, 141, 331):
            assert self.command(511, number, -1) == 0
        return self

    # Plans.

    def count(self, number, kind=0):
        self.say(mavlink.MAVLink_mission_count_message(1, 1, number, kind))

    def give(self, seq, item, kind=0):
        frame, command, params, x, y, z = item
        self.say(
            mavlink.MAVLink_mission_item_int_message(
                1, 1, seq, frame, command, int(seq == 0), 1, *params, x, y, z, kind
            )
        )

    def upload(self, items, kind=0, *, until_seq=None):
        """Upload, and return the result; with `until_seq` fall silent before that item."""
        mark = self.mark

        def answer(request):
            if request.mission_type == kind and (until_seq is None or request.seq < until_seq):
                self.give(request.seq, items[request.seq], kind)

        self.on = {"MISSION_REQUEST": answer, "MISSION_REQUEST_INT": answer}
        self.count(len(items), kind)
        if until_seq is not None:
            seen = lambda: any(  # noqa: E731
                m.seq == until_seq for n in self.on for m in self.of(n, mark)
            )
            assert self.run(5.0, seen)
            self.on = {}
            return None
        ack = self.wait("MISSION_ACK", 10.0)
        self.on = {}
        return ack.type if ack else None

    def download(self, kind=0):
        """Download as others do; the items, or the type of what came instead of a count."""
        mark = self.mark
        self.say(mavlink.MAVLink_mission_request_list_message(1, 1, kind))
        self.run(1.0, lambda: self.of("MISSION_COUNT", mark) or self.of("MISSION_ACK", mark))
        if not self.of("MISSION_COUNT", mark):
            acks = self.of("MISSION_ACK", mark)
            return acks[-1].type if acks else None
        count = self.of("MISSION_COUNT", mark)[-1].count
        items = []
        for seq in range(count):
            self.say(mavlink.MAVLink_mission_request_int_message(1, 1, seq, kind))
            m = self.wait("MISSION_ITEM_INT")
            params = (m.param1, m.param2, m.param3, m.param4)
            items.append((m.frame, m.command, params, m.x, m.y, m.z))
        self.say(mavlink.MAVLink_mission_ack_message(1, 1, 0, kind))
        self.run(0.1)
        return items

    # Flying.

    def up(self, up_m=10.0):
        """Take off, and be there."""
        self.quiet()
        if self.manner == "ardupilot":
            assert self.mode("guided") == 0
            assert self.command(400, 1) == 0
            assert self.command(22, 0, 0, 0, 0, 0, 0, up_m) == 0
        else:
            self.set("MIS_TAKEOFF_ALT", up_m)
            assert self.command(400, 1) == 0
            assert self.command(22, *[math.nan] * 7) == 0
        assert self.run(40.0, lambda: self.body.up_m > up_m - 0.7)
        self.run(2.0)
        return self
