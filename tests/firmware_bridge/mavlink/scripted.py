"""A far end written by hand on pymavlink alone: the measured oddities of both firmwares."""

import math
import struct
from typing import ClassVar

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from tests.firmware_bridge.mavlink.scripted_plans import HOME, ScriptedPlans
from tests.firmware_bridge.mavlink.speak import said, speaker

ARDUPILOT, PX4 = mavlink.MAV_AUTOPILOT_ARDUPILOTMEGA, mavlink.MAV_AUTOPILOT_PX4
COPTER, ROVER = mavlink.MAV_TYPE_QUADROTOR, mavlink.MAV_TYPE_GROUND_ROVER
BOOT_S = 2.0


class Scripted(ScriptedPlans):
    """One autopilot. What it keeps over a restart: plans and parameters."""

    params_of: ClassVar = {
        ARDUPILOT: {
            "FS_GCS_ENABLE": (1, 2),
            "BATT_FS_LOW_ACT": (2, 2),
            "BATT_FS_CRT_ACT": (1, 2),
            "FENCE_ENABLE": (0, 2),
            "MAV_SYSID": (1, 5),
            "WPNAV_SPEED": (1000.5, 9),
        },
        PX4: {
            "NAV_DLL_ACT": (2, 6),
            "COM_LOW_BAT_ACT": (0, 6),
            "GF_ACTION": (2, 6),
            "MAV_SYS_ID": (1, 6),
            "MIS_TAKEOFF_ALT": (2.5, 9),
            "NEGATIVE": (-7, 6),
        },
    }

    def __init__(self, autopilot=ARDUPILOT, kind=COPTER, *, floods=False, ints=True):
        self.autopilot, self.kind, self.floods, self.ints = autopilot, kind, floods, ints
        self.is_px4 = autopilot == PX4
        self.mav = speaker()
        self.parser = mavlink.MAVLink(None, 255, 1)
        self.parser.robust_parsing = True
        self.plans = {0: [], 1: [], 2: []}
        self.params = dict(self.params_of[autopilot])
        self.refuses = set()
        self.heard = []
        self.deeds = []
        self.told = None
        self.now_s = 0.0
        self.reboots_on = None
        """Start anew when this many mission messages have been heard."""
        self.mission_messages = 0
        self.start(0.0, pause_s=0.0)

    def start(self, now_s, pause_s=BOOT_S):
        """Start anew: all that is not stored is gone."""
        self.alive_s = now_s + pause_s
        self.armed, self.mode, self.current = False, self.idle_mode, 0
        self.goes = False
        self.landed = 1
        self.intervals = {}
        if self.is_px4 and self.floods:
            self.intervals = {30: 0.01, 105: 0.02, 33: 0.02}
        self.sent = {}
        self.upload = {}
        self.serving = {}
        self.beat_s = self.alive_s
        self.out = []

    @property
    def idle_mode(self):
        return 4 << 16 | 3 << 24 if self.is_px4 else 0

    def say(self, message):
        self.out.append(said(self.mav, message))

    def outgoing(self):
        out, self.out = self.out, []
        return out

    def tick(self, now_s):
        self.now_s = now_s
        if now_s < self.alive_s:
            return
        if now_s >= self.beat_s:
            base = 1 | (128 if self.armed else 0)
            self.say(
                mavlink.MAVLink_heartbeat_message(
                    self.kind, self.autopilot, base, self.mode, 4 if self.armed else 3, 3
                )
            )
            self.beat_s = now_s + 1.0
        for number, interval_s in self.intervals.items():
            if now_s >= self.sent.get(number, -9) + interval_s and (m := self.stream(number)):
                self.sent[number] = now_s
                self.say(m)
        for plan_type, one in list(self.upload.items()):
            every_s = 0.25 if self.is_px4 else 1.0
            if now_s - one.last_s > (5.0 if self.is_px4 else 8.0):
                del self.upload[plan_type]
                if not self.is_px4:
                    self.ack(plan_type, 15)
            elif now_s - one.asked_s >= every_s:
                self.ask(plan_type)

    def ask_for_our_time(self):
        self.say(mavlink.MAVLink_timesync_message(0, self.boot_ms() * 1_000_000))

    def boot_ms(self):
        return int((self.now_s - self.alive_s) * 1000)

    def stream(self, number):
        lat, lon, alt = HOME
        up = 1 if self.landed == 2 else 0
        return {
            33: lambda: mavlink.MAVLink_global_position_int_message(
                self.boot_ms(), lat, lon, int(alt * 1000), up * 10_000, 0, 0, 0, 9000
            ),
            30: lambda: mavlink.MAVLink_attitude_message(self.boot_ms(), 0, 0, 1.57, 0, 0, 0),
            24: lambda: mavlink.MAVLink_gps_raw_int_message(
                self.boot_ms() * 1000,
                3,
                lat,
                lon,
                int(alt * 1000),
                90,
                90,
                0,
                65535,
                12,
                h_acc=1500,
            ),
            1: lambda: mavlink.MAVLink_sys_status_message(
                0x10000027, 0x10000027, 0x10000023, 100, 12000, 100, 80, 0, 0, 0, 0, 0, 0
            ),
            245: lambda: mavlink.MAVLink_extended_sys_state_message(0, self.landed),
            147: lambda: mavlink.MAVLink_battery_status_message(
                0, 1, 3, 2500, [4100] * 3 + [65535] * 7, 1234, 300, -1, 80
            ),
            42: lambda: mavlink.MAVLink_mission_current_message(self.current),
            2: lambda: mavlink.MAVLink_system_time_message(0, self.boot_ms()),
            242: lambda: mavlink.MAVLink_home_position_message(
                lat, lon, int(alt * 1000), 0, 0, 0, [1, 0, 0, 0], 0, 0, 0
            ),
            105: lambda: mavlink.MAVLink_highres_imu_message(0, *[0.0] * 13, 0),
        }.get(number, lambda: None)()

    def receive(self, data, now_s):
        self.now_s = now_s
        for message in self.parser.parse_buffer(data) or []:
            if now_s < self.alive_s or message.get_type() in ("BAD_DATA",):
                continue
            kind = message.get_type()
            self.heard.append((now_s, message))
            if kind.startswith("MISSION_"):
                self.mission_messages += 1
                if self.reboots_on == self.mission_messages:
                    self.start(now_s)
                    return
            handler = getattr(self, "on_" + kind.lower(), None)
            if handler:
                handler(message)

    def on_timesync(self, m):
        if m.tc1 == 0:
            ns = int((self.now_s - self.alive_s + 0.001) * 1e9)
            self.say(mavlink.MAVLink_timesync_message(ns, m.ts1))

    # Parameters.

    def on_param_request_read(self, m):
        name = m.param_id or list(self.params)[m.param_index]
        if name in self.params:
            self.say_param(name)

    def on_param_request_list(self, _m):
        for name in self.params:
            self.say_param(name)

    def on_param_set(self, m):
        if m.param_id not in self.params:
            return
        _, kind = self.params[m.param_id]
        value = m.param_value
        if kind != 9:
            value = as_int(value) if self.is_px4 else int(value)
        if m.param_id not in self.refuses:
            self.params[m.param_id] = (value, kind)
        self.say_param(m.param_id)

    def say_param(self, name):
        value, kind = self.params[name]
        told = as_float(value) if kind != 9 and self.is_px4 else float(value)
        index = list(self.params).index(name)
        self.say(
            mavlink.MAVLink_param_value_message(
                name.encode(), told, kind, len(self.params), index
            )
        )

    # Commands.

    def acknowledge(self, m, result):
        self.say(
            mavlink.MAVLink_command_ack_message(
                m.command,
                result,
                target_system=m.get_srcSystem(),
                target_component=m.get_srcComponent(),
            )
        )

    def on_command_long(self, m):
        if m.command in self.refuses:
            self.say(mavlink.MAVLink_statustext_message(3, b"PreArm: no"))
            self.acknowledge(m, 4)
            return
        doing = {
            400: self.arm,
            176: self.set_mode,
            22: self.take_off,
            300: self.start_mission,
            511: self.set_interval,
            512: self.request,
            192: self.stay,
            224: self.set_current,
            211: lambda _m: 0,
            42600: lambda _m: 0,
        }.get(m.command)
        self.deeds.append((m.command, m.param1, m.param2))
        if doing is None:
            self.acknowledge(m, 3)
            return
        self.acknowledge(m, doing(m))
        if m.command == 512 and (told := self.told):
            self.say(told)

    def on_command_int(self, m):
        self.deeds.append((m.command, m.param1, m.param2))
        if m.command == 192 and m.param2 == 1:
            self.goes = True
            self.mode = self.idle_mode if self.is_px4 else (4 if self.kind == COPTER else 15)
            self.acknowledge(m, 0)
        else:
            self.acknowledge(m, 3)

    def stay(self, m):
        """PX4 takes it by COMMAND_LONG, too; a place that is no number is here."""
        if not self.is_px4 or m.param2 != 1:
            return 3
        self.goes = not math.isnan(m.param5)
        self.mode = self.idle_mode
        return 0

    def arm(self, m):
        assert m.param2 != 21196, "forced"
        self.armed = m.param1 == 1
        return 0

    def set_mode(self, m):
        mode = int(m.param2) << 16 | int(m.param3) << 24 if self.is_px4 else int(m.param2)
        self.goes = self.goes and mode == self.mode  # in the same mode it goes on
        self.mode = mode
        return 0

    def take_off(self, m):
        if not self.armed or (not self.is_px4 and self.mode != 4):
            return 4
        self.took_off_to = m.param7
        self.landed = 2
        return 0

    def start_mission(self, m):
        assert (m.param1, m.param2) == (0, 0)
        self.mode = 4 << 16 | 4 << 24 if self.is_px4 else (3 if self.kind == COPTER else 10)
        if self.is_px4:
            self.armed = True
        self.started_with = list(self.plans[0])
        return 0

    def set_interval(self, m):
        number = int(m.param1)
        if self.stream(number) is None:
            return 3
        self.intervals.pop(number, None)
        if m.param2 > 0:
            self.intervals[number] = m.param2 / 1e6
        return 0

    def request(self, m):
        self.told = None
        if m.param1 == 148:
            bits = 0xE8FF if self.is_px4 else 0xFBEF
            bits = bits if self.ints else bits & ~4
            self.told = mavlink.MAVLink_autopilot_version_message(
                bits, 0x040700_00, 0, 0, 0, [0] * 8, [0] * 8, [0] * 8, 0, 0, 0
            )
        else:
            self.told = self.stream(int(m.param1))
        return 0 if self.told else 3

    def set_current(self, m):
        self.current = int(m.param1)
        return 0


def as_float(value):
    return struct.unpack("<f", struct.pack("<i", value))[0]


def as_int(value):
    return struct.unpack("<i", struct.pack("<f", value))[0]
