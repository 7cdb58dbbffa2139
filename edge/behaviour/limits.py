"""From which value on driving counts as an event, and how sure we have to be."""

from collections.abc import Mapping

from edge.messages.driving.view import BehaviourKind

G_MPS2 = 9.80665

Limits = Mapping[BehaviourKind, float]

LIMITS: Limits = {
    "braking": 0.41 * G_MPS2,  # works.md D4
    "cornering": 0.5 * G_MPS2,  # works.md D4
    "acceleration": 3.5,  # docs: information only, it costs nothing
    "belt_off": 6 * 0.44704,  # 6 mph
    "reversing": 5.5,  # m
    "speeding": 0.0,  # the posted limit, told with each event
}
"""[m/s2], belt_off and speeding [m/s], reversing [m]."""

LEAST_S = 0.3  # so long the low-passed acceleration stays beyond its limit
OVER_AGAIN_FRAC = 0.85  # below this share of the limit a moment is over
OVER_S = 0.5  # and stays below so long
LOW_PASS_HZ = 4.0

BELT_S = 3.0  # so long without the belt at more than 6 mph
SIGNAL_STALE_S = 2.5  # belt and gear unsaid for so long are unknown
SPEED_STALE_S = 2.5

SPEEDING_OVER_FRAC = 0.10  # over the posted limit by more than a tenth,
SPEEDING_OVER_MPS = 5 / 3.6  # and by more than 5 km/h,
SPEEDING_S = 10.0  # for so long without a break
LIMIT_STALE_S = 3.0

LONGEST_S = 60.0  # what lasts on is an event anew
BEFORE_S = AFTER_S = 5.0  # of raw evidence
