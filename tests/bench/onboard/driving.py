"""How surely harsh driving is found on labelled drives, and what watching costs."""

import time
from dataclasses import dataclass

from sim.driving.labels import Found
from sim.driving.sensors import Sensors
from tests.bench.report import Figure, Told
from tests.edge.behaviour.drives import watched


@dataclass(frozen=True, slots=True)
class Effort:
    """How many drives of each kind, and how long they are [s]."""

    drives: int
    lasts_s: float


FULL = Effort(drives=10, lasts_s=2400)
TINY = Effort(drives=1, lasts_s=900)

WAYS = (
    ("felt_1hz", "accelerometer, GPS 1 Hz", Sensors(gnss_hz=1), 0.4, 800.0),
    ("felt_10hz", "accelerometer, GPS 10 Hz", Sensors(gnss_hz=10), 0.4, 800.0),
    ("felt_wheel", "accelerometer, wheels", Sensors(gnss_hz=1, wheel_hz=10), 0.4, 800.0),
    ("gnss_1hz", "GPS 1 Hz alone", Sensors(gnss_hz=1, accelerometer=False), 2.0, 5.0),
    ("gnss_5hz", "GPS 5 Hz alone", Sensors(gnss_hz=5, accelerometer=False), 1.0, 5.0),
    ("gnss_10hz", "GPS 10 Hz alone", Sensors(gnss_hz=10, accelerometer=False), 1.0, 5.0),
)
"""Key, words, sensors, how long a labelled moment lasts at least [s], from when on [s]."""


def measure(effort: Effort) -> Told:
    """Watch seeded drives with each set of sensors."""
    figures, count, took_s = [], 0, 0.0
    for key, words, sensors, least_s, from_s in WAYS:
        total = Found(0, 0, 0)
        for seed in range(100, 100 + effort.drives):
            began_s = time.process_time()
            found, _, watch = watched(
                seed, sensors, effort.lasts_s, least_s, from_s=min(from_s, effort.lasts_s / 2)
            )
            took_s += time.process_time() - began_s
            count += watch.taken
            total += found
        figures += [
            Figure(f"{key}_precision", f"{words}: precision", total.precision, "≥ 0.98"),
            Figure(f"{key}_recall", "  recall", total.recall, "≥ 0.98"),
            Figure(f"{key}_events", "  events found", total.hit),
        ]
    figures.append(
        Figure("reading_us", "a reading, its simulation included [µs]", took_s / count * 1e6)
    )
    return Told(
        figures,
        [
            f"{effort.drives} drives of {effort.lasts_s:.0f} s each; the accelerometer's "
            "mounting is learnt in the first 800 s, which are not judged",
            "moments within a tenth of a limit, or with the box in a hand, do not count",
            "labelled moments hold their force 0.4 s (accelerometer), 1 s (5 and 10 Hz), "
            "2 s (1 Hz): shorter ones are not claimed",
        ],
    )
