import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import RefusedError
from edge.roads.classes import ROAD_CLASSES
from station.roads.countries import COUNTRIES, rules_of
from station.roads.speed import MOST_KMH, posted_kmh, speeds_of


@pytest.mark.parametrize(
    ("text", "kmh"),
    [
        ("50", 50),
        ("50 km/h", 50),
        ("30 mph", 48),
        ("30mph", 48),
        ("10 knots", 19),
        ("70;50", 50),
        ("signals;60", 60),
        ("none", 130),
        ("walk", 7),
        ("RO:urban", 50),
        ("PT:motorway", 120),
        ("DE:rural", 100),
        ("DE:zone:30", 30),
        ("DE:zone30", 30),
        ("GB:zone20", 32),
        ("GB:nsl_single", 97),
        ("GB-SCT:urban", 48),
        ("de:walk", 7),
        ("signals", None),
        ("", None),
        ("fast", None),
        ("0", None),
        ("9999", None),
        ("PT:nowhere", None),
    ],
)
def test_limits_are_read_as_people_write_them(text, kmh):
    assert posted_kmh(text) == kmh


@given(st.text(max_size=30) | st.from_regex(r"[A-Z]{2}:[a-z]+:?\d*|\d+\.?\d* ?(mph)?"))
def test_any_text_is_a_speed_or_none(text):
    kmh = posted_kmh(text)

    assert kmh is None or 1 <= kmh <= MOST_KMH


def test_a_direction_has_its_own_limit():
    speeds = speeds_of(
        {"maxspeed": "50", "maxspeed:backward": "30"}, "secondary", rules_of("pt")
    )

    assert (speeds.forward_kmh, speeds.backward_kmh) == (50, 30)


def test_the_class_decides_where_no_limit_can_be_read():
    speeds = speeds_of({"maxspeed": "fast"}, "residential", rules_of("us"))

    assert (speeds.forward_kmh, speeds.unreadable) == (40, "fast")
    assert speeds_of({"maxspeed": "signals"}, "residential", rules_of(None)).unreadable is None


def test_nobody_drives_fast_between_parked_cars():
    tags = {"service": "parking_aisle", "maxspeed": "50"}

    assert speeds_of(tags, "service", rules_of(None)).forward_kmh == 10


@pytest.mark.parametrize("code", [None, *COUNTRIES])
def test_every_country_has_a_speed_for_every_class(code):
    rules = rules_of(code)

    assert all(1 <= rules.class_kmh(name) <= 130 for name in ROAD_CLASSES)


def test_the_british_drive_on_the_left_in_miles():
    assert rules_of("GB").country.driving_side == "left"
    assert rules_of("gb").country.speed_unit == "mph"


def test_an_unknown_country_is_refused_with_the_known_ones():
    with pytest.raises(RefusedError, match=r"--country xx.*ad, de, gb"):
        rules_of("xx")


def test_a_limit_is_posted_only_if_signs_say_it_both_ways():
    def posted(road_class="residential", **tags):
        named = {key.replace("_", ":"): value for key, value in tags.items()}
        return speeds_of(named, road_class, rules_of("de")).posted

    assert posted(maxspeed="30")
    assert posted(maxspeed_forward="30", maxspeed_backward="50")
    assert not posted(maxspeed_forward="30")
    assert not posted()
    assert not posted("motorway", maxspeed="none")
    assert not posted("service", maxspeed="50", service="parking_aisle")
