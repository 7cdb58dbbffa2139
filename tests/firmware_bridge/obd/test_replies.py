"""What adapters answer: replies of real ones and of ELM327-emulator, and any bytes at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.messages import signals
from firmware_bridge.obd.elm327 import Elm327, reply_of
from firmware_bridge.obd.isotp import CAN_11, CAN_29, LINE, Assembly
from firmware_bridge.obd.pids import codes_of, supported_of, values_of, vin_of
from firmware_bridge.obd.session import ObdSession
from sim.devices.ecu import segments


def messages(text, bus=CAN_11, command="0100"):
    reply = reply_of(command, text)
    assembly = Assembly(bus)
    for line in reply.lines:
        assembly.add(line)
    return assembly.messages()


class TestCaptures:
    """As they came over the wire."""

    def test_the_first_answer_after_a_search(self):
        ((unit, message),) = messages("SEARCHING...\r7E8064100BE3FA813\r\r")
        assert unit == "7E8"
        assert {0x01, 0x0C, 0x0D, 0x20} <= supported_of(message)
        assert 0x02 not in supported_of(message)

    def test_a_search_on_the_same_line(self):
        ((_, message),) = messages("SEARCHING...7E8064100BE3FA813\r\r")
        assert message.hex() == "4100be3fa813"

    def test_an_echo_and_spaces_from_an_adapter_that_was_not_set_up(self):
        ((_, message),) = messages("01 00\r7E8 06 41 00 BE 3F A8 13 \r\r")
        assert message.hex() == "4100be3fa813"

    def test_six_values_in_one_message_of_three_frames(self):
        ((_, message),) = messages("7E8100E410C145F0D0A\r7E8212FAA42394B3100\r7E82232\r\r")
        told = values_of(message)
        assert told[signals.ENGINE_SPEED] == pytest.approx(0x145F / 4 / 60)
        assert told[signals.SPEED] == pytest.approx(10 / 3.6)
        assert told[signals.FUEL_LEVEL] == pytest.approx(0xAA * 100 / 255)
        assert told[signals.MODULE_VOLTAGE] == pytest.approx(14.667)
        assert told[signals.SINCE_CLEARED] == 50_000

    def test_an_odometer_answered_as_of_another_service(self):
        ((unit, message),) = messages("7EA0661A60000EA5C\r\r", command="01A6")
        assert unit == "7EA"
        assert values_of(message) == {signals.ODOMETER: 5_999_600.0}

    def test_a_vehicle_number_in_three_frames(self):
        found = messages("7E81014490201575030\r7E8215A5A5A39395A54\r7E82253333930303030\r\r")
        assert vin_of([message for _, message in found]) == "WP0ZZZ99ZTS390000"

    def test_a_vehicle_number_in_five_lines_of_an_older_bus(self):
        lines = (
            "87F1104902010000003182",
            "87F1104902024434475089",
            "87F110490203303052358E",
            "87F1104902043542313298",
            "87F1104902053334353660",
        )
        found = messages("BUS INIT: OK\r" + "\r".join(lines) + "\r\r", LINE)
        assert vin_of([message for _, message in found]) == "1D4GP00R55B123456"

    def test_speed_on_an_older_bus(self):
        ((unit, message),) = messages("486B10410D37C3\r\r", LINE)
        assert unit == "10"
        assert values_of(message) == {signals.SPEED: pytest.approx(55 / 3.6)}

    def test_a_header_of_29_bits(self):
        ((unit, message),) = messages("18DAF11003410D37\r\r", CAN_29)
        assert (unit, message.hex()) == ("18DAF110", "410d37")

    def test_two_units_whose_frames_interleave(self):
        text = "7E8100A410C1AF82F80\r7E9100A410C00002F10\r7E8210D37460A\r7E9210D00460A\r\r"
        found = dict(messages(text))
        assert values_of(found["7E8"])[signals.SPEED] == pytest.approx(55 / 3.6)
        assert values_of(found["7E9"])[signals.SPEED] == 0

    def test_codes_of_each_kind_of_bus(self):
        assert codes_of(bytes.fromhex("43020143C123"), 3, counted=True) == ("P0143", "U0123")
        assert codes_of(bytes.fromhex("43013300000000"), 3, counted=False) == ("P0133",)
        assert codes_of(bytes.fromhex("4300"), 3, counted=True) == ()
        assert codes_of(bytes.fromhex("7F0311"), 3, counted=True) is None

    def test_a_frame_that_was_lost_leaves_nothing(self):
        assert messages("7E8100E410C145F0D0A\r7E82232\r\r") == []

    def test_padding_is_no_value(self):
        ((_, message),) = messages("7E803410D3755555555\r\r")
        assert message.hex() == "410d37"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("NO DATA\r\r", "no_data"),
        ("SEARCHING...\rUNABLE TO CONNECT\r\r", "bus"),
        ("SEARCHING...UNABLE TO CONNECT\r\r", "bus"),
        ("BUS INIT: ...ERROR\r\r", "bus"),
        ("BUS INIT: ERROR\r\r", "bus"),
        ("CAN ERROR\r\r", "bus"),
        ("7E8100E410C145F\rBUFFER FULL\r\r", "full"),
        ("STOPPED\r\r", "stopped"),
        ("7E803410D <DATA ERROR\r\r", "damaged"),
        ("7E803410D37<RX ERROR\r\r", "damaged"),
        ("?\r\r", "not_understood"),
        ("7E803410D37\r\r", "lines"),
    ],
)
def test_words_of_the_adapter(text, kind):
    assert reply_of("010D", text).kind == kind


@given(st.binary(max_size=200), st.sampled_from([CAN_11, CAN_29, LINE]))
def test_any_text_is_some_reply(noise, bus):
    for _, message in messages(noise.decode("latin-1"), bus):
        assert message
        values_of(message)
        codes_of(message, 3, counted=True)
        supported_of(message)
        vin_of([message])


@given(st.binary(min_size=1, max_size=400))
def test_what_was_cut_into_segments_comes_together(message):
    assert messages("\r".join(segments("7E8", message))) == [("7E8", message)]


@given(st.lists(st.integers(1, 40), max_size=30))
def test_pieces_of_any_size_give_the_same_reply(sizes):
    text = b"\0SEARCHING...\r7E8100E410C145F0D0A\r7E8212FAA42394B3100\r7E82232\r\r>"
    elm = Elm327(0.0)
    elm.take(b"".join((b"ATZ\r\r\rELM327 v1.5\r\r>", b"OK\r\r>" * 6)), 0.0)
    elm.ask("010C0D2F4231", 0.0)
    said, at = [], 0
    for size in [*sizes, len(text)]:
        said += elm.take(text[at : at + size], 0.0)
        at += size
    assert said == [reply_of("010C0D2F4231", text[:-1].decode())]
    assert len(said[0].lines) == 3


WORDS = st.sampled_from(
    [
        b">",
        b"\r",
        b"ELM327 v1.5\r\r>",
        b"OK\r\r>",
        b"7E803410D37\r\r>",
        b"NO DATA\r\r>",
        b"?\r>",
        b"STOPPED\r\r>",
        b"LV RESET\r\r>",
        b"12.4V\r\r>",
        b"7E8064100BE3FA813\r\r>",
        b"A6\r\r>",
    ]
)


def converse(pieces, gaps):
    """Feed anything to a session; it never fails but by giving the link up."""
    session, now_s, silent_s = ObdSession(0.0), 0.0, 0.0
    for piece, gap_s in zip(pieces, gaps, strict=False):
        now_s += gap_s
        silent_s += gap_s
        session.receive(piece, now_s)
        assert session.wake_at_s > now_s - 40
        if now_s >= session.wake_at_s and silent_s < 5:
            session.wake(now_s)
            silent_s = 0.0
        assert len(session.outgoing()) < 200


@given(
    st.lists(WORDS | st.binary(max_size=30), max_size=60),
    st.lists(st.floats(0, 0.5), min_size=60, max_size=60),
)
def test_any_conversation_is_survived(pieces, gaps):
    converse(pieces, gaps)


@pytest.mark.fuzz
def test_ten_million_bytes_are_survived():
    from random import Random

    rng = Random(5)
    elm = Elm327(0.0)
    for _ in range(10_000):
        elm.take(rng.randbytes(1000), 0.0)
        assert len(elm.out) < 1_000_000
        elm.out.clear()
