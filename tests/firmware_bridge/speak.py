"""What receivers and gpsd say, written by hand for the tests."""

import json
from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


def sentence(body):
    total = 0
    for byte in body.encode("ascii"):
        total ^= byte
    return f"${body}*{total:02X}\r\n".encode("ascii")


def rmc(
    utc=NOON, *, status="A", mode="A", lat="4725.50000,N", lon="00833.25000,E", speed="10.0"
):
    where = f"{lat},{lon}" if status == "A" else ",,,"
    return sentence(
        f"GNRMC,{utc:%H%M%S}.00,{status},{where},{speed},90.0,{utc:%d%m%y},,,{mode}"
    )


def gga(utc=NOON, *, quality=1, lat="4725.50000,N", lon="00833.25000,E", hdop="0.9"):
    return sentence(f"GNGGA,{utc:%H%M%S}.00,{lat},{lon},{quality},11,{hdop},400.0,M,48.0,M,,")


def gsa(mode=3):
    return sentence(f"GNGSA,A,{mode},02,05,09,12,,,,,,,,,1.5,0.9,1.2")


def gst(utc=NOON, north="0.6", east="0.8"):
    return sentence(f"GNGST,{utc:%H%M%S}.00,1.0,,,,{north},{east},2.0")


def epoch(second=0, **changes):
    """RMC, GGA and GSA of one second after noon."""
    utc = NOON + timedelta(seconds=second)
    return rmc(utc, **changes) + gga(utc, **changes) + gsa()


def report(**fields):
    return json.dumps(fields, separators=(",", ":")).encode("ascii") + b"\r\n"


def tpv(second=0, **changes):
    """A TPV report as gpsd 3.22 writes it."""
    utc = NOON + timedelta(seconds=second)
    fields = {
        "class": "TPV",
        "device": "/dev/gnss",
        "status": 1,
        "mode": 3,
        "time": f"{utc:%Y-%m-%dT%H:%M:%S}.000Z",
        "ept": 0.005,
        "lat": 47.425,
        "lon": 8.554166667,
        "altHAE": 448.0,
        "altMSL": 400.0,
        "alt": 400.0,
        "track": 90.0,
        "speed": 5.144,
        "climb": 0.0,
        "eps": 30.0,
        "epx": 3.0,
        "epy": 4.0,
        "eph": 15.77,
        **changes,
    }
    return report(**{key: value for key, value in fields.items() if value is not None})


def sky(hdop=0.9, used=9):
    satellites = [{"PRN": prn, "used": prn <= used} for prn in range(1, 13)]
    return report(**{"class": "SKY"}, device="/dev/gnss", hdop=hdop, satellites=satellites)


VERSION = report(
    **{"class": "VERSION"}, release="3.22", rev="3.22", proto_major=3, proto_minor=14
)
