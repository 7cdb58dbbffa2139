"""A small day for the tests of the page: six stops, every kind of proof."""

from datetime import UTC, datetime, timedelta

from edge.handover.pin import make_pin_hash
from edge.messages.geo import Place
from edge.messages.parcels import HandoverRequirements, Parcel
from edge.messages.routes import Route, Stop, TimeWindow

T0 = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
STATION = Place(lat_deg=48.1180, lon_deg=11.5320)
PIN = "493027"
PIN_KEY = "00112233445566778899aabbccddeeff"


def stop(
    stop_id: str,
    at: tuple[float, float],
    name: str,
    address: str,
    *parcels: str,
    notes: str = "",
    minutes: tuple[int, int] | None = None,
) -> Stop:
    windows: tuple[TimeWindow, ...] = ()
    if minutes is not None:
        opens, closes = (T0 + timedelta(minutes=m) for m in minutes)
        windows = (TimeWindow(opens_utc=opens, closes_utc=closes),)
    return Stop(
        stop_id=stop_id,
        place=Place(lat_deg=at[0], lon_deg=at[1]),
        name=name,
        address=address,
        parcels=parcels,
        notes=notes,
        windows=windows,
    )


STOPS = (
    stop("S-101", (48.1247, 11.5411), "Amal Haddad", "Lindenweg 14, 3rd floor",
         "P-40071", "P-40072", notes="Ring twice, the bell is quiet.", minutes=(0, 120)),
    stop("S-102", (48.1281, 11.5478), "Bäckerei Vogel", "Marktplatz 2", "P-40080",
         minutes=(0, 15)),
    stop("S-103", (48.1312, 11.5402), "Jonas Okafor", "Am Anger 31 b", "P-40093"),
    stop("S-104", (48.1339, 11.5519), "Whisky & Wein", "Hafenstraße 8", "P-40107", "P-40108",
         minutes=(30, 180)),
    stop("S-105", (48.1266, 11.5588), "Mira Sedlak", "Ziegelhof 5", "P-40121"),
    stop("S-106", (48.1221, 11.5530), "Praxis Dr. Lang", "Bahnhofstraße 77", "P-40130",
         "P-40131", "P-40132", notes="Deliveries by the yard only."),
)  # fmt: skip

NEEDS = {
    "P-40071": HandoverRequirements(photo=True, signature=True),
    "P-40093": HandoverRequirements(pin_hash=make_pin_hash(PIN, PIN_KEY), pin_key=PIN_KEY),
    "P-40107": HandoverRequirements(minimum_age=18, signature=True),
    "P-40108": HandoverRequirements(minimum_age=18),
    "P-40121": HandoverRequirements(photo=True),
}


def a_route(*stops: Stop) -> Route:
    """Return a route of these stops, of all six without any."""
    stops = stops or STOPS
    return Route(
        route_id="2026-11-23-van-3",
        revision=1,
        vehicle="van-3",
        station=STATION,
        departs_utc=T0,
        returns_by_utc=T0 + timedelta(hours=9),
        stops=stops,
        parcels=tuple(
            Parcel(parcel_id=p, requirements=NEEDS.get(p, HandoverRequirements()))
            for s in stops
            for p in s.parcels
        ),
    )
