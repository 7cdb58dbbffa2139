"""What is driven where no sign says it: limits by country, and the side of the road.

Limits: https://wiki.openstreetmap.org/wiki/Default_speed_limits, and the law named with each
country; looked up by `maxspeed=PT:urban` and the like. Class speeds: the limit where it decides
(motorways, living streets), else the cautious `edge.roads.classes.DEFAULT_SPEED_KMH`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from edge.errors import RefusedError
from edge.roads.classes import DEFAULT_SPEED_KMH
from edge.roads.stored.layout import Country

# "none" on a German motorway: the recommended speed (Autobahn-Richtgeschwindigkeits-V, 1978).
NO_LIMIT_KMH = 130
WALK_KMH = 7  # a brisk walk: the upper end of what "walking pace" is taken for
KMH_PER_MPH = 1.609344


@dataclass(frozen=True, slots=True)
class Rules:
    """The limits of one country [km/h]."""

    country: Country
    zones_kmh: Mapping[str, int]
    law: str = ""
    classes_kmh: Mapping[str, int] = field(default_factory=dict)

    def class_kmh(self, road_class: str) -> int:
        """Return the speed of a class where no limit is posted."""
        return self.classes_kmh.get(road_class, DEFAULT_SPEED_KMH[road_class])


def _mph(miles: int) -> int:
    return round(miles * KMH_PER_MPH)


ANYWHERE = Rules(
    country=Country(),
    zones_kmh={
        "urban": 50,
        "rural": 90,
        "trunk": 100,
        "motorway": 120,
        "living_street": 20,
        "bicycle_road": 30,
        "walk": WALK_KMH,
    },
)

_KNOWN = (
    Rules(
        country=Country(code="ad"),
        zones_kmh={
            "urban": 50,
            "rural": 60,
            "trunk": 120,
            "motorway": 120,
            "living_street": 20,
        },
        law="Codi de la circulació; general roads (CG) 90",
        classes_kmh={"living_street": 20},
    ),
    Rules(
        country=Country(code="de"),
        zones_kmh={
            "urban": 50,
            "rural": 100,
            "trunk": 100,
            "motorway": NO_LIMIT_KMH,
            "living_street": WALK_KMH,
            "bicycle_road": 30,
        },
        law="StVO § 3; Anlage 3, Zeichen 325.1",
        classes_kmh={"motorway": 120, "trunk": 90, "living_street": WALK_KMH},
    ),
    Rules(
        country=Country(code="gb", driving_side="left", speed_unit="mph"),
        zones_kmh={
            "urban": _mph(30),
            "rural": _mph(60),
            "nsl_restricted": _mph(30),
            "nsl_single": _mph(60),
            "nsl_dual": _mph(70),
            "trunk": _mph(70),
            "motorway": _mph(70),
            "living_street": _mph(10),
        },
        law="Road Traffic Regulation Act 1984, part VI; Highway Code rule 124",
        classes_kmh={"motorway": 105, "living_street": _mph(10)},
    ),
    Rules(
        country=Country(code="li"),
        zones_kmh={"urban": 50, "rural": 80, "living_street": 20},
        law="Verkehrsregelnverordnung",
        classes_kmh={"living_street": 20},
    ),
    Rules(
        country=Country(code="mc"),
        zones_kmh={"urban": 50, "rural": 50, "living_street": 20},
        law="Code de la route de Monaco",
        classes_kmh={"trunk": 50, "primary": 45, "secondary": 40, "living_street": 20},
    ),
    Rules(
        country=Country(code="pt"),
        zones_kmh={
            "urban": 50,
            "rural": 90,
            "trunk": 100,
            "motorway": 120,
            "living_street": 20,
        },
        law="Código da Estrada, art. 27.º and 78.º-A",
        classes_kmh={"motorway": 115, "trunk": 90, "living_street": 20},
    ),
    Rules(
        # Every state has its own; these are the commonest (FHWA, Speed Limit Basics).
        country=Country(code="us", speed_unit="mph"),
        zones_kmh={
            "urban": _mph(25),
            "rural": _mph(55),
            "trunk": _mph(55),
            "motorway": _mph(65),
            "living_street": _mph(15),
        },
        law="state vehicle codes",
        classes_kmh={"motorway": _mph(65), "residential": _mph(25), "living_street": _mph(10)},
    ),
)
COUNTRIES: Mapping[str, Rules] = {rules.country.code: rules for rules in _KNOWN}


def rules_of(code: str | None) -> Rules:
    """Return a country's rules; without a code, right-hand traffic and common limits.

    Raises RefusedError.
    """
    if code is None:
        return ANYWHERE
    rules = COUNTRIES.get(code.lower())
    if rules is None:
        known = ", ".join(sorted(COUNTRIES))
        raise RefusedError(
            f"--country {code}: no rules of it are known, only of {known}; "
            "leave it out for right-hand traffic and common limits"
        )
    return rules


def zone_kmh(code: str, zone: str) -> int | None:
    """Return the limit of a zone such as PT:urban; None if the zone is not known."""
    rules = COUNTRIES.get(code.lower(), ANYWHERE)
    return rules.zones_kmh.get(zone, ANYWHERE.zones_kmh.get(zone))
