"""MAVLink as others speak it: everything here is encoded and decoded by pymavlink itself."""

import io
from random import Random

from pymavlink.dialects.v20 import ardupilotmega as mavlink

VEHICLE, AUTOPILOT = 1, 1


def speaker(system=VEHICLE, component=AUTOPILOT, key=None, stamp=0, link_id=0):
    """A sender of pymavlink's own; with a key it signs."""
    mav = mavlink.MAVLink(io.BytesIO(), system, component)
    if key is not None:
        mav.signing.secret_key = key
        mav.signing.sign_outgoing = True
        mav.signing.timestamp = stamp
        mav.signing.link_id = link_id
    return mav


def said(mav, message, *, v1=False):
    """The bytes of one message, numbered as pymavlink numbers them."""
    mav.file.seek(0)
    mav.file.truncate()
    mav.send(message, force_mavlink1=v1)
    return mav.file.getvalue()


def heard(data, key=None):
    """What pymavlink makes of bytes."""
    mav = mavlink.MAVLink(None, 255, 190)
    mav.robust_parsing = True
    if key is not None:
        mav.signing.secret_key = key
        mav.signing.allow_unsigned_callback = None
    return [m for m in mav.parse_buffer(data) or [] if m.get_type() != "BAD_DATA"]


def heartbeat(
    kind=mavlink.MAV_TYPE_QUADROTOR,
    autopilot=mavlink.MAV_AUTOPILOT_ARDUPILOTMEGA,
    base_mode=mavlink.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED,
    custom_mode=0,
    status=mavlink.MAV_STATE_STANDBY,
):
    return mavlink.MAVLink_heartbeat_message(kind, autopilot, base_mode, custom_mode, status, 3)


def usual(rng: Random):
    """One of the messages that make up a flight, with values by chance."""
    return rng.choice(
        (
            heartbeat(),
            mavlink.MAVLink_attitude_message(
                rng.randrange(1 << 32), *(rng.gauss(0, 1) for _ in range(6))
            ),
            mavlink.MAVLink_global_position_int_message(
                rng.randrange(1 << 32), 474250000, 85541666, 448000, 400000, 1, 2, -3, 9000
            ),
            mavlink.MAVLink_gps_raw_int_message(
                rng.randrange(1 << 60), 3, 474250000, 85541666, 448000, 90, 120, 300, 0, 12
            ),
            mavlink.MAVLink_statustext_message(6, b"Mission: 3 WP"),
            mavlink.MAVLink_battery_status_message(
                0, 1, 3, 2500, [4100] * 4 + [65535] * 6, 1200, 300, -1, 80
            ),
            mavlink.MAVLink_vfr_hud_message(5.0, 5.0, 90, 40, 12.0, 0.0),
        )
    )
