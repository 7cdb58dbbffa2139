"""Small days of drones for the tests, and hands that meddle with them."""

import asyncio

from msgspec.structs import replace

from edge.messages.broker.wire import read_fact
from edge.messages.geo import Place, distance_m, metres_per_degree
from sim.depot.tally import facts_on_board
from sim.run import run_scenario
from sim.scenario import Group, load_scenario


def day(*manners, orders=2, later="09:00", **changes):
    """Return a short day with one drone of each manner; the first begins at nine."""
    scenario = load_scenario("drone_day")
    groups = tuple(
        Group(
            name=f"{manner}-{number}",
            kind="drone",
            capacity_kg=2.0,
            capacity_l=60.0,
            shift_start="09:00" if number == 1 else later,
            shift_end="16:00",
            manner=manner,
        )
        for number, manner in enumerate(manners, 1)
    )
    return replace(
        scenario,
        day=replace(scenario.day, opens="08:58", limit_h=changes.pop("limit_h", 2.0)),
        group=groups,
        orders=replace(scenario.orders, stops=orders),
        **changes,
    )


class Seen:
    """Where each drone really was, once a second; and what somebody did to the day."""

    def __init__(self, script=None):
        self.script = script
        self.tracks = {}
        self.drones = {}

    def __call__(self, vehicles, house):
        self.drones, self.house = dict(vehicles), house
        lives = {"seen": self.watch()}
        if self.script is not None:
            lives["script"] = self.act()
        return lives

    async def act(self):
        await self.script(self.drones)
        await asyncio.Event().wait()

    async def watch(self):
        while True:
            for name, drone in self.drones.items():
                body = drone.autopilot.autopilot.plant.machine.body
                truth = drone.autopilot.autopilot.truth
                place = Place(lat_deg=truth.lat_deg, lon_deg=truth.lon_deg)
                self.tracks.setdefault(name, []).append((place, body.up_m))
            await asyncio.sleep(1.0)


def fly(scenario, seed=1, script=None, folder=None, hands=Seen):
    """Run the day; return its result, what was seen, and each drone's facts."""
    seen = hands(script)
    result = run_scenario(scenario, seed, folder=folder, meddle=seen)
    facts = {}
    if folder is not None:
        for name in seen.drones:
            store = sorted((folder / name).glob("disk-*"))[-1] / "store"
            _, sealed = facts_on_board(store)
            facts[name] = [read_fact(fact).data for _, fact in sealed]
    return result, seen, facts


def of(facts, kind):
    """Return the facts of one kind, of all drones."""
    return [fact for some in facts.values() for fact in some if isinstance(fact, kind)]


async def until(drone, condition, every_s=0.5):
    """Wait until something is true of a drone's body."""
    while not condition(drone):  # noqa: ASYNC110 (the body tells nobody when it moves)
        await asyncio.sleep(every_s)


def height_m(drone):
    """How high it is."""
    return drone.autopilot.autopilot.plant.machine.body.up_m


def beside(place, east_m, north_m):
    """Return a place so far from another."""
    north, east = metres_per_degree(place.lat_deg)
    return Place(lat_deg=place.lat_deg + north_m / north, lon_deg=place.lon_deg + east_m / east)


__all__ = ["Seen", "beside", "day", "distance_m", "fly", "height_m", "of", "until"]
