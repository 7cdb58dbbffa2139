"""Which rule applies to which command, in order; and what is watched between commands."""

from collections.abc import Callable

from edge.guard.question import Question, Ruling
from edge.guard.rules import (
    energy,
    geofence,
    leases,
    limits,
    position,
    substates,
    weather,
)
from edge.guard.rules.air import sites
from edge.guard.rules.pavement import crossing, tamper, yielding
from edge.messages.machines.actuators import (
    AnyCommand,
    CloseLid,
    Drop,
    FlyPlan,
    GoToward,
    Grasp,
    Hold,
    Land,
    Launch,
    Lock,
    Move,
    OpenLid,
    PayOut,
    Return,
    SoundAlarm,
    TakeIn,
    Unlock,
)

Rule = Callable[[Question], Ruling]

HEARD: tuple[Rule, ...] = (leases.in_time,)
ASKED: tuple[Rule, ...] = (leases.in_time, leases.sender, tamper.unharmed)
GOES: tuple[Rule, ...] = (
    *ASKED,
    energy.not_diverting,
    position.numbers,
    position.known,
    position.stood,
    substates.closed_up,
    weather.may_set_out,
)
OPENS: tuple[Rule, ...] = (
    *ASKED,
    substates.has_part,
    position.known,
    substates.still,
    substates.at_the_stop,
    substates.proven,
)
LETS_DOWN: tuple[Rule, ...] = (
    *ASKED,
    energy.not_diverting,
    substates.has_part,
    position.known,
    substates.still,
    substates.at_the_stop,
    substates.at_the_height,
    substates.looked,
)
DRIVES: tuple[Rule, ...] = (
    *GOES,
    tamper.felt,
    limits.speed,
    yielding.slow_for_people,
    crossing.permitted,
    geofence.keep_inside,
    energy.enough_or_homeward,
)
FLIES: tuple[Rule, ...] = (
    *GOES,
    substates.in_the_air,
    limits.speed,
    limits.climb,
    limits.descent,
    limits.height,
    geofence.keep_inside,
    geofence.way,
    energy.enough,
)

ON_THE_GROUND: dict[type[AnyCommand], tuple[Rule, ...]] = {
    Move: DRIVES,
    GoToward: (*DRIVES, geofence.way),
    FlyPlan: (*ASKED, substates.of_the_air),
    Launch: (*ASKED, substates.of_the_air),
    Land: (*ASKED, substates.of_the_air),
    Return: (*ASKED, substates.of_the_air),
    Hold: (),
    OpenLid: OPENS,
    CloseLid: (*HEARD, substates.has_part),
    Unlock: (*OPENS, substates.right_compartment),
    Lock: (*HEARD, substates.has_part),
    PayOut: LETS_DOWN,
    TakeIn: (*HEARD, substates.has_part),
    Drop: LETS_DOWN,
    Grasp: (*HEARD, substates.has_part),
    SoundAlarm: HEARD,
}
"""A robot's streets are the planner's; the guard keeps it on the kerb map."""
IN_THE_AIR: dict[type[AnyCommand], tuple[Rule, ...]] = ON_THE_GROUND | {
    Move: FLIES,
    GoToward: FLIES,
    FlyPlan: (
        *GOES,
        substates.plan_without_drops,
        substates.announced,
        substates.not_too_heavy,
        limits.speed,
        limits.height,
        geofence.way,
        energy.enough,
    ),
    Launch: (
        *GOES,
        substates.on_the_ground,
        substates.announced,
        substates.not_too_heavy,
        limits.height,
        geofence.way,
        energy.enough,
    ),
    Land: (
        *ASKED,
        energy.not_diverting,
        position.known,
        substates.closed_up,
        sites.landing_place,
        geofence.way,
    ),
    Return: (
        *ASKED,
        energy.not_diverting,
        position.known,
        substates.closed_up,
        geofence.way,
    ),
    Hold: (energy.not_diverting, geofence.not_inside),
}

WATCHED_STANDING: tuple[Rule, ...] = (tamper.unharmed,)
WATCHED_ON_THE_GROUND: tuple[Rule, ...] = (
    tamper.unharmed,
    position.known,
    substates.closed_up,
    geofence.now,
    crossing.now,
    yielding.now,
    leases.still_led,
    limits.not_too_fast,
)
WATCHED_IN_THE_AIR: tuple[Rule, ...] = (
    position.known,
    energy.not_diverting,
    substates.closed_up_on_the_way,
    geofence.now,
    leases.still_led,
    limits.not_too_fast,
    energy.now,
    weather.now,
)
