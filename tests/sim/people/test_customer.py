from datetime import UTC, datetime

from sim.people.customer import Customers
from sim.people.manners import CustomerManners

NOON = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)


def meet(count, manners, pins=None, hour=12):
    customers = Customers(1, manners, pins or {})
    at = NOON.replace(hour=hour)
    return [customers.ring(f"s-{n}", "Ada", [f"p-{n}"], at) for n in range(count)]


def test_the_same_door_answers_the_same():
    assert meet(50, CustomerManners()) == meet(50, CustomerManners())


def test_about_as_many_are_away_refuse_and_are_slow_as_said():
    met = meet(4000, CustomerManners(away_frac=0.1, refuses_frac=0.05, slow_frac=0.2))
    away = [one for one in met if one.opens_after_s == float("inf")]
    assert 300 < len(away) < 500
    assert 140 < sum(one.refuses for one in met) < 260
    slow = [one for one in met if 60 <= one.opens_after_s < float("inf")]
    assert 600 < len(slow) < 1100


def test_more_are_at_home_in_the_evening():
    def away(hour):
        met = meet(2000, CustomerManners(away_frac=0.2), hour=hour)
        return sum(one.opens_after_s == float("inf") for one in met)

    assert away(21) < away(10) / 3


def test_pins_are_read_out_right_at_last_unless_they_are_forgotten():
    pins = {f"p-{n}": f"{n:06d}" for n in range(1000)}
    manners = CustomerManners(wrong_pin_frac=0.3, forgot_pin_frac=0.1)
    answers = [
        met.pin_answers[f"p-{n}"] for n, met in enumerate(meet(1000, manners, pins=pins))
    ]
    right = [tries[-1] == pins[f"p-{n}"] for n, tries in enumerate(answers)]
    assert 60 < right.count(False) < 140
    assert sum(len(tries) == 2 and ok for tries, ok in zip(answers, right, strict=True)) > 200
    assert all(len(pin) == 6 for tries in answers for pin in tries)
