"""A station laid round the place where a vehicle stands: its day, its orders, its weather."""

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from edge.messages.geo import Place, metres_per_degree
from sim.depot.work import Work
from sim.people.manners import CustomerManners
from sim.roads.way import StraightWays
from sim.scenario import Day, Group, Scenario
from sim.town.orders import OrderBook, Ordered, write_sheet
from sim.town.town import Address, TownSize
from sim.trouble.tables import Sky

Kind = Literal["drone", "robot"]

VEHICLE = "trial"
NAME = f"{VEHICLE}-1"
MORNING = 11  # a time zone is chosen in which it is that hour: no day ends meanwhile
LASTS_H = 6
ROBOT_WAY_FRAC = 0.25  # of the drone's distance
PINS = ("271828", "314159")


def scenario_of(kind: Kind, now_utc: datetime) -> Scenario:
    """Return the day of a trial that begins now, with customers who are at home."""
    zone = _zone(now_utc)
    local = now_utc.astimezone(ZoneInfo(zone))
    return Scenario(
        name="trial",
        day=Day(on=local.date(), timezone=zone, opens=f"{local:%H:%M}", limit_h=float(LASTS_H)),
        town=TownSize(name="trial"),
        group=(
            Group(
                name=VEHICLE,
                kind=kind,
                capacity_kg=2.0 if kind == "drone" else 20.0,
                capacity_l=20.0 if kind == "drone" else 80.0,
                shift_start=f"{local:%H:%M}",
                shift_end=f"{local + timedelta(hours=LASTS_H):%H:%M}",
            ),
        ),
        orders=OrderBook(stops=1),
        customers=CustomerManners(
            away_frac=0.0,
            refuses_frac=0.0,
            slow_frac=0.0,
            wrong_pin_frac=0.0,
            forgot_pin_frac=0.0,
            answers_s=5.0,
        ),
        sky=Sky(wind_mps=2.0, gust_mps=3.0),
    )


def work_round(
    kind: Kind, station: Place, *, distance_m: float, bearing_deg: float, day: Scenario,
    folder: Path,
) -> Work:  # fmt: skip
    """Write the orders as a sheet: one garden for a drone, two doors for a robot."""
    pins: tuple[str, ...] = PINS
    if kind == "drone":
        places = [off(station, distance_m, bearing_deg)]
        pins = ("",)
    else:
        near_m = distance_m * ROBOT_WAY_FRAC
        places = [off(station, near_m, bearing_deg), off(station, near_m, bearing_deg + 70.0)]
    rows = [
        Ordered(
            order_id=f"T{day.day.on:%y%m%d}-{number}",
            parcel_id=f"PT{day.day.on:%y%m%d}{number}",
            name=f"Customer {number}",
            address=Address(f"Trial place {number}", place, place),
            window=None,
            service_min=2,
            weight_kg=0.5,
            volume_l=3.0,
            photo=False,
            signature=False,
            pin=pin,
            minimum_age=None,
            notes="",
        )
        for number, (place, pin) in enumerate(zip(places, pins, strict=True), 1)
    ]
    sheet = folder / "orders.xlsx"
    write_sheet(rows, day.town.name, sheet)
    return Work(
        day.day.on,
        station,
        StraightWays(),
        sheet=sheet,
        known_pins=tuple(pin for pin in pins if pin),
    )


def off(place: Place, distance_m: float, bearing_deg: float) -> Place:
    """Return the place so far away in a direction."""
    north_m, east_m = metres_per_degree(place.lat_deg)
    bearing = math.radians(bearing_deg)
    return Place(
        lat_deg=place.lat_deg + distance_m * math.cos(bearing) / north_m,
        lon_deg=place.lon_deg + distance_m * math.sin(bearing) / east_m,
    )


def _zone(now_utc: datetime) -> str:
    """Return a time zone in which it is morning; their names count westwards."""
    ahead_h = MORNING - now_utc.astimezone(UTC).hour
    return f"Etc/GMT{-ahead_h:+d}" if ahead_h else "Etc/GMT"
