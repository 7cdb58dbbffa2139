"""Messages about what is below the vehicle, on its winch, and said of it by radio."""

import math

from firmware_bridge.mavlink.wire.dialect import Message, mavlink
from sim.devices.autopilot.pilot.craft import Craft
from sim.devices.autopilot.talk.voice import Voice

NEAREST_CM, FARTHEST_CM = 10, 4000
LASER, DOWN, GOOD = 0, 25, 100
HEALTHY, MOVING = 1, 4
AIRBORNE, ON_GROUND = 2, 1
UNKNOWN_ACCURACY = 0


class Around:
    """Messages by number, as of now."""

    def __init__(self, craft: Craft, voice: Voice) -> None:
        self._craft = craft
        self._voice = voice
        self._makers = {132: self._distance, 9005: self._winch, 12901: self._remote_id}
        self.numbers = frozenset(self._makers)

    def make(self, number: int) -> Message | None:
        """Return a message of this number; None if it has nothing to say."""
        maker = self._makers.get(number)
        return maker() if maker else None

    def _distance(self) -> Message | None:
        craft = self._craft
        if not craft.flies:
            return None
        free_m = craft.machine.body.up_m - craft.plant.below_m
        distance_cm = round(max(0.0, free_m) * 100)
        return mavlink.MAVLink_distance_sensor_message(
            self._voice.boot_ms, NEAREST_CM, FARTHEST_CM,
            min(FARTHEST_CM + 1, max(NEAREST_CM, distance_cm)), LASER, 1, DOWN, 255,
            0.0, 0.0, [1.0, 0.0, 0.0, 0.0], GOOD,
        )  # fmt: skip

    def _winch(self) -> Message:
        payload = self._craft.payload
        moves = payload.line_m != payload.line_goal_m
        return mavlink.MAVLink_winch_status_message(
            self._voice.boot_us, payload.line_m, math.nan, math.nan, math.nan, 0, 32767,
            HEALTHY | (MOVING if moves else 0),
        )  # fmt: skip

    def _remote_id(self) -> Message | None:
        craft = self._craft
        if not (craft.flies and craft.plant.says_who and craft.knows_position):
            return None
        ground = craft.plant.ground
        lat_e7, lon_e7 = ground.e7(craft.here)
        alt_m = ground.alt_m + craft.here.up_m
        return mavlink.MAVLink_open_drone_id_location_message(
            0, 0, [0] * 20, AIRBORNE if craft.landed_state == 2 else ON_GROUND, 36100, 25500,
            6300, lat_e7, lon_e7, alt_m, alt_m, 0, craft.here.up_m, UNKNOWN_ACCURACY,
            UNKNOWN_ACCURACY, UNKNOWN_ACCURACY, UNKNOWN_ACCURACY, 0xFFFF, UNKNOWN_ACCURACY,
        )  # fmt: skip
