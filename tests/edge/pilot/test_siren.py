"""How often a robot's siren sounds (S7)."""

from hypothesis import given
from hypothesis import strategies as st

from edge.messages.machines.controller import SIREN_S
from edge.pilot.robots.siren import MOST_TIMES, Siren


@given(st.lists(st.tuples(st.floats(0, 20), st.booleans()), min_size=1, max_size=400))
def test_s7_whatever_the_guard_wishes_it_sounds_for_five_minutes_at_most(looks):
    siren, now_s, began = Siren(), 100.0, []
    for wait_s, harmed in looks:
        now_s += wait_s
        if siren.may_sound(now_s, harmed=harmed):
            assert harmed or not began, "again only while somebody goes on"
            assert not began or now_s >= began[-1] + SIREN_S
            siren.sounds(now_s)
            began.append(now_s)
    assert 1 <= len(began) <= MOST_TIMES
    siren.ended()
    assert siren.may_sound(now_s, harmed=False), "the next alarm is another one"
