"""What the controller does by itself: ground station lost, battery low, fence breached."""

import math

from sim.devices.autopilot.manners.manner import Activity
from sim.devices.autopilot.pilot.craft import Craft
from sim.devices.autopilot.pilot.fence import breach
from sim.devices.autopilot.pilot.plant import ALERT, CRITICAL, EMERGENCY, WARNING

LOOKS_S = 0.2
PX4_NOTICES_S = 2.0  # measured: Hold some 12 s after the last heartbeat, with 10 s set
SHORT_S = 10.0  # a voltage that low for so long is no peak of the load


class Failsafes:
    """Looked at five times a second, only while armed."""

    def __init__(self, craft: Craft) -> None:
        self._craft = craft
        self._gcs_s: float | None = None
        self._gcs_lost = False
        self._holds_since_s = math.inf
        self._resumes = 0
        self._low_s: float | None = None
        self._battery = 0
        self._outside = ""
        self._offboard_lost = False

    @property
    def is_critical(self) -> bool:
        """A failsafe is at work."""
        return self._craft.in_failsafe or self._battery > 1

    @property
    def breached(self) -> str:
        """What of the fence is breached now."""
        return self._outside

    def heard_gcs(self, now_s: float) -> None:
        """Take note of a heartbeat of the ground station."""
        craft = self._craft
        self._gcs_s = now_s
        if not self._gcs_lost:
            return
        self._gcs_lost = False
        if craft.gives_texts:
            craft.tell(WARNING, "GCS Failsafe Cleared")
            craft.in_failsafe = False
        elif not math.isinf(self._holds_since_s):
            # Still in the pause before it acts: it goes on as if nothing had been.
            self._holds_since_s = math.inf
            craft.set_mode(self._resumes)

    def look(self, now_s: float) -> None:
        """Judge everything once."""
        craft = self._craft
        if not craft.armed:
            self._gcs_lost, self._holds_since_s, self._outside = False, math.inf, ""
            return
        if craft.gives_texts:
            self._ardupilot_gcs(now_s)
            self._ardupilot_battery(now_s)
        else:
            self._px4_gcs(now_s)
            self._px4_battery()
            self._px4_offboard()
        self._fence()

    def _act(self, activity: Activity, severity: int, text: str) -> None:
        craft = self._craft
        craft.tell(severity, text)
        if craft.flies and craft.is_on_ground:
            craft.disarm()
        elif craft.activity is not activity:
            craft.do(activity)
        craft.in_failsafe = craft.armed

    # ArduPilot.

    def _ardupilot_gcs(self, now_s: float) -> None:
        craft, parameters = self._craft, self._craft.parameters
        enabled = int(parameters.get("FS_GCS_ENABLE"))
        if not enabled or self._gcs_s is None or self._gcs_lost:
            return
        waits_s = parameters.get("FS_GCS_TIMEOUT", 5.0) + parameters.get("FS_TIMEOUT")
        if now_s - self._gcs_s < waits_s:
            return
        self._gcs_lost = True
        text = "GCS Failsafe"
        if craft.flies:
            self._act(Activity.LAND if enabled == 5 else Activity.RETURN, WARNING, text)
            return
        holding = craft.custom_mode == craft.manner.mode_of[Activity.HOLD]
        action = int(parameters["FS_ACTION"])
        if holding and not int(parameters["FS_OPTIONS"]) & 1:
            craft.tell(WARNING, text)
        elif action:
            self._act(Activity.RETURN if action == 1 else Activity.HOLD, WARNING, text)

    def _ardupilot_battery(self, now_s: float) -> None:
        craft, parameters = self._craft, self._craft.parameters
        battery = craft.machine.battery
        left_mah = parameters["BATT_CAPACITY"] - battery.used_ah * 1000.0
        if battery.voltage_v >= parameters["BATT_LOW_VOLT"]:
            self._low_s = None
        elif self._low_s is None:
            self._low_s = now_s
        low = self._low_s is not None and now_s - self._low_s >= SHORT_S
        critical = 0.0 < parameters["BATT_CRT_VOLT"] > battery.voltage_v and low
        level = 0
        if low or 0.0 < parameters["BATT_LOW_MAH"] > left_mah:
            level = 1
        if critical or 0.0 < parameters["BATT_CRT_MAH"] > left_mah:
            level = 2
        if level <= self._battery:
            return
        self._battery = level
        action = int(parameters["BATT_FS_LOW_ACT" if level == 1 else "BATT_FS_CRT_ACT"])
        text = f"Battery 1 is {'low' if level == 1 else 'critical'} {battery.voltage_v:.2f}V"
        if craft.flies:
            acts = {1: Activity.LAND, 2: Activity.RETURN, 3: Activity.RETURN}
        else:
            acts = {1: Activity.RETURN, 2: Activity.HOLD}
        if action in acts:
            self._act(acts[action], WARNING, text)
        else:
            craft.tell(WARNING, text)

    # PX4.

    def _px4_gcs(self, now_s: float) -> None:
        craft, parameters = self._craft, self._craft.parameters
        action = int(parameters["NAV_DLL_ACT"])
        if not action or self._gcs_s is None:
            return
        lost_s = parameters["COM_DL_LOSS_T"] + PX4_NOTICES_S
        if not self._gcs_lost and now_s - self._gcs_s >= lost_s:
            self._gcs_lost = True
            self._resumes = craft.custom_mode
            self._holds_since_s = now_s
            craft.tell(CRITICAL, "Data link lost, Hold for a while before acting")
            craft.do(Activity.HOLD)
            craft.in_failsafe = True
        elif now_s - self._holds_since_s >= parameters["COM_FAIL_ACT_T"]:
            self._holds_since_s = math.inf
            if action >= 2:
                ends_in = Activity.LAND if action == 3 else Activity.RETURN
                self._act(ends_in, CRITICAL, "Failsafe activated: data link lost")

    def _px4_battery(self) -> None:
        craft, parameters = self._craft, self._craft.parameters
        left = craft.machine.battery.left_frac
        names = ("BAT_LOW_THR", "BAT_CRIT_THR", "BAT_EMERGEN_THR")
        level = sum(left < parameters[name] for name in names)
        if level <= self._battery:
            return
        self._battery = level
        action = int(parameters["COM_LOW_BAT_ACT"])
        words = ("Low battery level", "Critical battery level", "Emergency battery level")
        severity = (WARNING, CRITICAL, EMERGENCY)[level - 1]
        if level == 1 or not action:
            craft.tell(severity, words[level - 1])
        elif level == 3 or action == 2:
            self._act(Activity.LAND, severity, words[level - 1])
        else:
            self._act(Activity.RETURN, severity, words[level - 1])

    def _px4_offboard(self) -> None:
        """Without setpoints: Position mode, or Hold; when they return, so does OFFBOARD."""
        craft = self._craft
        if craft.activity is Activity.OFFBOARD and not craft.has_setpoints:
            self._offboard_lost = True
            holds = int(craft.parameters["COM_OBL_RC_ACT"]) == 5
            craft.tell(CRITICAL, "Offboard signal lost")
            craft.enter(craft.manner.mode_of[Activity.HOLD] if holds else POSITION)
            craft.in_failsafe = True
        elif self._offboard_lost and not craft.in_failsafe:
            self._offboard_lost = False  # somebody chose another mode meanwhile
        elif self._offboard_lost and craft.has_setpoints:
            self._offboard_lost = False
            craft.enter(OFFBOARD)
            craft.in_failsafe = False

    # Both.

    def _fence(self) -> None:
        craft, parameters = self._craft, self._craft.parameters
        if craft.gives_texts and not parameters["FENCE_ENABLE"]:
            self._outside = ""
            return
        shapes, ground = craft.plans[1], craft.plant.ground
        found = breach(craft.here, craft.home, parameters, shapes, ground)
        if found == self._outside:
            return
        self._outside = found
        if not found:
            return
        action = int(parameters["FENCE_ACTION" if craft.gives_texts else "GF_ACTION"])
        text = f"Fence breached: {found}"
        acts = {1: Activity.RETURN, 2: Activity.HOLD}
        if craft.gives_texts and craft.flies:
            acts = {1: Activity.RETURN, 2: Activity.LAND, 3: Activity.RETURN, 4: Activity.HOLD}
        elif not craft.gives_texts:
            acts = {2: Activity.HOLD, 3: Activity.RETURN, 5: Activity.LAND}
        if action in acts:
            self._act(acts[action], ALERT, text)
        elif action:
            craft.tell(ALERT, text)


POSITION, OFFBOARD = 3 << 16, 6 << 16
"""PX4's modes by number: those that a lost stream of setpoints leads to and back from."""
