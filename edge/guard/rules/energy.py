"""There is always a landing place that can be reached with the reserve still in the battery."""

import math
from itertools import pairwise

from edge.guard.bounds import Site
from edge.guard.question import LEASE_S, Denied, Question, Ruling, wish_of
from edge.guard.rules.air.ways import Way, Zones, way_to
from edge.guard.rules.geofence import around, barring
from edge.guard.rules.pavement import crossing
from edge.guard.shapes import Point
from edge.messages.machines.actuators import FlyPlan, GoToward, Land, Return

ALOFT = 1.45  # wind at 120 m against that at 10 m: power law 1/7 (Peterson, Hennessey 1978)
UNSURE_MPS = 2.0  # of any wind that is told
GUSTY = 0.3  # a gust is over before it has cost much: so much of it counts as wind all the time
LEAST_GROUND_MPS = 1.0  # slower than this it gets nowhere
LOOK_S = 4.0  # this much flying before it is asked again, braking and turning included
CHARGE_WITHIN_S = 5.0
LEAST_TRANSIT_M = 20.0  # above home: over houses


def power_w(question: Question) -> float:
    """Return what moving takes at most, with the payload; with an unknown one, the heaviest."""
    energy, told_kg = question.bounds.figures.energy, question.truth.payload_kg
    payload_kg = energy.most_payload_kg if told_kg is None else max(told_kg, 0.0)
    return energy.level_w * float((1 + payload_kg / energy.mass_kg) ** 1.5)


def cost_j(question: Question, start: Point, height_m: float, way: Way) -> float:
    """Return what it takes to go a way and land at its end; infinite if it cannot."""
    energy = question.bounds.figures.energy
    level_s = 0.0
    for one, other in pairwise((start, *way)):
        ground_mps = _ground_mps(question, one, other)
        if ground_mps < LEAST_GROUND_MPS:
            return math.inf
        level_s += math.dist(one, other) * energy.way_frac / ground_mps
    down_s = max(height_m, 0.0) / energy.descent_mps
    return power_w(question) * (level_s + down_s + energy.landing_s)


def reachable(
    question: Question, start: Point, height_m: float, but: Zones = ()
) -> list[tuple[float, Site]]:
    """Return what each site costs that can be reached from a point, the cheapest first.

    It is in the zones of `but`, or too near to them: it may come out.
    """
    found = [
        (cost_j(question, start, height_m, way), site)
        for site in question.bounds.sites
        if site.site_id not in question.truth.blocked_sites
        and (way := way_to_site(question, start, height_m, site, but)) is not None
    ]
    return sorted(
        (cost for cost in found if cost[0] < math.inf),
        key=lambda cost: (cost[0], cost[1].site_id),
    )


def cheapest(question: Question, start: Point, height_m: float) -> tuple[float, Site] | None:
    """Return the first that `reachable` has, without looking at what cannot be cheaper."""
    blocked = question.truth.blocked_sites
    costs = [
        (cost_j(question, start, height_m, (site.point,)), site.site_id, site)
        for site in question.bounds.sites
        if site.site_id not in blocked
    ]
    best: tuple[float, str, Site] | None = None
    for straight in sorted(costs, key=lambda cost: cost[:2]):
        if straight[0] == math.inf or (best is not None and straight[:2] >= best[:2]):
            break
        way = way_to_site(question, start, height_m, straight[2])
        if way is not None:
            found = (cost_j(question, start, height_m, way), *straight[1:])
            best = min(best or found, found, key=lambda cost: cost[:2])
    return (best[0], best[2]) if best is not None and best[0] < math.inf else None


def choose(question: Question, *, soon: bool = False, but: Zones = ()) -> Site | None:
    """Return the site of least risk that can be afforded, else, or soon, the cheapest."""
    here, charge = question.whereabouts, question.truth.charge
    if here is None:
        return None
    costs = reachable(question, question.point, transit_m(here.height_m), but)
    left_j = charge.left_j - question.bounds.figures.energy.reserve_j if charge else -math.inf
    afforded = [(site.risk, cost, site.site_id, site) for cost, site in costs if cost <= left_j]
    if afforded and not soon:
        return min(afforded)[3]
    return costs[0][1] if costs else None


def enough(question: Question) -> Ruling:
    """Refuse a command after which no landing place could be reached with the reserve."""
    here = question.whereabouts
    assert here is not None, "the rule about the position comes first"
    wish = wish_of(question)
    command, way = question.command, wish.way
    if isinstance(command, Land | Return):
        return None
    if isinstance(command, FlyPlan):
        flown_m = sum(map(math.dist, way, way[1:]))
        return judge_at(question, way[-1], wish.high_m, flown_m, wish.high_m - here.height_m)
    if isinstance(command, GoToward):
        return judge_at(question, way[-1], wish.high_m, math.dist(*way), 0.0)
    tip = question.reach(wish.velocity_enu_mps, LEASE_S)[2]
    return judge_at(question, tip, wish.high_m, 0.0, wish.high_m - here.height_m)


def homeward(question: Question) -> bool:
    """Tell whether a command brings it nearer to a landing place than it is."""
    here = question.whereabouts
    assert here is not None, "the rule about the position comes first"
    wish = wish_of(question)
    end = wish.way[-1] if wish.way else question.reach(wish.velocity_enu_mps, LEASE_S)[2]
    then = reachable(question, end, wish.low_m)
    costs = reachable(question, question.point, here.height_m)
    return bool(then and costs) and then[0][0] < costs[0][0]


def enough_or_homeward(question: Question) -> Ruling:
    """Refuse what leads away from the last place it can reach; the way there stays open.

    So does the way off a road: it is short, and no place to stand with an empty battery.
    """
    if crossing.half_way(question):
        return None
    ruling = enough(question)
    return None if ruling and homeward(question) else ruling


def now(question: Question) -> Ruling:
    """Judge every second whether it must go to a landing place now."""
    here = question.whereabouts
    assert here is not None, "the rule about the position comes first"
    tip = question.reach(here.velocity_enu_mps, 0.0)[1]
    ruling = judge_at(question, question.point, here.height_m, 0.0, 0.0)
    ruling = ruling or judge_at(question, tip, here.height_m, 0.0, 0.0)
    return Denied(ruling.reason, ruling.why, stop=True) if ruling else None


def transit_m(height_m: float) -> float:
    """Return how high it goes to a landing place: not between houses."""
    return max(height_m, LEAST_TRANSIT_M)


def shut_off(question: Question, site: Site) -> bool:
    """Tell whether a zone bars the way to a site; one that it is in does not."""
    here = question.whereabouts
    if here is None:
        return False
    inside = around(question)
    height_m = transit_m(here.height_m)
    return way_to_site(question, question.point, height_m, site, inside) is None


def not_diverting(question: Question) -> Ruling:
    """Refuse everything else on the way to a landing place."""
    site = question.memory.diverting
    if site is None:
        return None
    return Denied("energy", f"it is on the way to land at {site.site_id}", stop=True)


def judge_at(
    question: Question, end: Point, height_m: float, flown_m: float, climbed_m: float
) -> Denied | None:
    """Judge being at a point after so many metres along and up."""
    energy, charge = question.bounds.figures.energy, question.truth.charge
    if charge is None or not question.fresh(charge.at_s, CHARGE_WITHIN_S):
        return Denied("energy", "nobody knows what is left in the battery")
    if not math.isfinite(charge.left_j):
        return Denied("not_a_number", "what is left in the battery is no number")
    nearest = cheapest(question, end, height_m)
    if nearest is None:
        return Denied("site", "no landing place can be reached from there")
    on_s = LOOK_S + max(climbed_m, 0.0) / energy.climb_mps
    if flown_m > 0:
        on_s += flown_m * energy.way_frac / max(_least_ground_mps(question), LEAST_GROUND_MPS)
    cost, site = nearest
    needed_j = power_w(question) * on_s + cost + energy.reserve_j
    if charge.left_j < needed_j:
        return Denied(
            "energy",
            f"{charge.left_j / 1e3:.0f} kJ left, {needed_j / 1e3:.0f} needed to land"
            f" at {site.site_id} with the reserve",
        )
    return None


def way_to_site(
    question: Question, start: Point, height_m: float, site: Site, but: Zones = ()
) -> Way | None:
    """Return an open way to a site; on the ground the streets are beyond the guard."""
    if not question.flies:
        return (site.point,)
    down = (site.point, site.point, site.point)
    if next(barring(question, down, 0.0, max(height_m, 0.0), but), None):
        return None
    return way_to(question, start, height_m, site.point, but)


def _wind_mps(question: Question) -> tuple[float, float]:
    """Return the mean wind aloft as it may be, and how much it may differ from that."""
    weather, figures = question.truth.weather, question.bounds.figures.weather
    told_mps = weather.wind_mps if weather else None
    gust_mps = weather.gust_mps if weather else None
    mean_mps = figures.most_wind_mps if told_mps is None else told_mps
    worst_mps = figures.most_gust_mps if gust_mps is None else gust_mps
    return mean_mps * ALOFT, UNSURE_MPS + GUSTY * max(worst_mps - mean_mps, 0.0)


def _least_ground_mps(question: Question) -> float:
    energy = question.bounds.figures.energy
    if not energy.feels_wind:
        return energy.airspeed_mps
    mean_mps, unsure_mps = _wind_mps(question)
    return energy.airspeed_mps - mean_mps - unsure_mps


def _ground_mps(question: Question, start: Point, end: Point) -> float:
    """Return the speed over ground that is sure, whichever way the unsure part blows.

    Along the track at g it flies g − mean − unsure through the air; that is not more than its
    airspeed for every direction of the unsure part just if g − mean is not more than what of
    the airspeed the unsure part leaves.
    """
    energy, weather = question.bounds.figures.energy, question.truth.weather
    from_deg = weather.wind_from_deg if weather else None
    if not energy.feels_wind or from_deg is None or start == end:
        return _least_ground_mps(question)
    mean_mps, unsure_mps = _wind_mps(question)
    track_rad = math.atan2(end[0] - start[0], end[1] - start[1])
    angle_rad = math.radians(from_deg) - track_rad
    across_mps = abs(mean_mps * math.sin(angle_rad))
    left_mps = energy.airspeed_mps - unsure_mps
    if across_mps >= left_mps:
        return 0.0
    along_mps = math.sqrt(left_mps**2 - across_mps**2)
    return along_mps - mean_mps * math.cos(angle_rad)
