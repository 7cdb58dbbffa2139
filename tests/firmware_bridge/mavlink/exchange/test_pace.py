from firmware_bridge.mavlink.exchange.pace import FIRST_S, MOST_BACKED_OFF_S, Pace


def test_before_anything_is_known_it_waits_as_the_protocol_says():
    assert Pace(0.3).wait_s() == FIRST_S


def test_a_quick_link_is_asked_again_soon_but_never_sooner_than_the_firmware_likes():
    quick, slow = Pace(0.3), Pace(1.0)
    for _ in range(50):
        quick.heard(0.01)
        slow.heard(0.01)
    assert quick.wait_s() == 0.3
    assert slow.wait_s() == 1.0


def test_a_slow_link_is_given_its_time():
    pace = Pace(0.3)
    for _ in range(50):
        pace.heard(0.85)
    assert 0.85 < pace.wait_s() < 1.3
    for trip_s in (0.8, 2.0, 0.9, 1.8):
        pace.heard(trip_s)
    assert pace.wait_s() > 1.8


def test_asking_again_waits_longer_up_to_a_bound():
    pace = Pace(0.5)
    waits = [pace.wait_s(asked) for asked in range(1, 20)]
    assert waits == sorted(waits)
    assert waits[-1] == MOST_BACKED_OFF_S
