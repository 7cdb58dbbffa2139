from contextlib import suppress
from functools import reduce
from operator import xor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import PeerError
from firmware_bridge.gnss.sentences import Gga, Gsa, Gst, Rmc, Vtg, Zda, checksum, parse_line
from tests.firmware_bridge.speak import gga, rmc, sentence


def parsed(body):
    return parse_line(sentence(body).rstrip(b"\n"))


@given(st.binary(max_size=1100))
def test_the_checksum_is_the_exclusive_or_of_all_bytes(body):
    assert checksum(body) == reduce(xor, body, 0)


def test_a_recorded_rmc_is_read():
    line = b"$GNRMC,021417.00,A,3725.58362,N,12205.61915,W,0.028,65.13,070220,13.06,E,F,V*4A\r"
    rmc = parse_line(line)
    assert isinstance(rmc, Rmc)
    assert rmc.valid
    assert rmc.time_of_day_s == 2 * 3600 + 14 * 60 + 17
    assert rmc.position_deg == (37 + 25.58362 / 60, -(122 + 5.61915 / 60))
    assert rmc.speed_mps == pytest.approx(0.028 * 1852 / 3600)
    assert rmc.course_deg == 65.13
    assert rmc.day is not None
    assert rmc.day.isoformat() == "2020-02-07"


def test_a_recorded_gga_is_read():
    line = b"$GNGGA,021417.00,3725.58362,N,12205.61915,W,5,12,0.76,4.4,M,-30.0,M,0.0,2000*52\r"
    assert parse_line(line) == Gga(
        time_of_day_s=8057.0,
        position_deg=(37 + 25.58362 / 60, -(122 + 5.61915 / 60)),
        quality=5,
        satellites=12,
        hdop=0.76,
        altitude_m=4.4,
    )


def test_the_other_sentences_are_read():
    assert parsed("GNGSA,A,3,17,02,06,28,12,13,15,24,19,,,,1.48,0.76,1.27,1") == Gsa(3, 0.76)
    assert parsed("GPGST,120000.00,5.0,,,,3.0,4.0,6.0") == Gst(43_200.0, 10.0)
    assert parsed("GPVTG,65.13,T,52.07,M,10.0,N,18.52,K,D") == Vtg(65.13, 10.0 * 1852 / 3600)
    zda = parsed("GPZDA,120000.00,22,11,2026,00,00")
    assert isinstance(zda, Zda)
    assert str(zda.day) == "2026-11-22"


@pytest.mark.parametrize("talker", ["GP", "GN", "GL", "GA", "GB", "BD", "GQ", "GI", "IN"])
def test_any_talker_will_do(talker):
    assert isinstance(parsed(f"{talker}VTG,,T,,M,0.5,N,0.9,K,A"), Vtg)


@pytest.mark.parametrize(
    "line",
    [
        b"$GNGSV,3,1,10,02,25,181,42*00",
        b"$GNGLL,3725.1,N,12204.8,W,023345.00,A,D*64",
        b"$GNTXT,01,01,00,txbuf alloc*61",
        sentence("PUBX,00,081350.00").strip(),
        sentence("GPGBS,235503.00,1.6,1.4,3.2,,,,,,").strip(),
        sentence("GGNVTG,144.50,T,131.44,M,13.944,N,25.825,K,D").strip(),
    ],
)
def test_what_is_not_used_is_passed_over(line):
    assert parse_line(line) is None


def test_a_line_is_read_from_its_last_dollar_sign():
    glued = b"$GNRMC,021417.00,A,37" + gga().strip()
    assert isinstance(parse_line(glued), Gga)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"hello",
        b"$",
        b"$GNRMC",
        rmc().strip()[:-3],  # no checksum
        rmc().strip()[:-1],  # half a checksum
        rmc().strip()[:-2] + b"zz",
        rmc().strip() + b"x",
        rmc().strip().replace(b"A", b"\xc1"),
        rmc().strip().replace(b",", b"\x00"),
    ],
)
def test_damage_is_an_error(line):
    with pytest.raises(PeerError):
        parse_line(line)


def test_every_single_changed_byte_and_every_truncation_is_an_error():
    whole = rmc().strip()
    for place in range(1, len(whole)):
        with pytest.raises(PeerError):
            parse_line(whole[:place])
        for byte in range(256):
            changed = whole[:place] + bytes([byte]) + whole[place + 1 :]
            if changed.upper() == whole.upper():  # the case of a checksum's hex digits is free
                continue
            with suppress(PeerError):
                assert parse_line(changed) is None  # became one of those passed over


@pytest.mark.parametrize(
    "body",
    [
        "GNRMC,250000.00,A,4725.5,N,00833.2,E,1.0,90.0,221126,,,A",  # hour
        "GNRMC,126000.00,A,4725.5,N,00833.2,E,1.0,90.0,221126,,,A",  # minute
        "GNRMC,120000.00,A,4760.0,N,00833.2,E,1.0,90.0,221126,,,A",  # minutes of latitude
        "GNRMC,120000.00,A,9100.0,N,00833.2,E,1.0,90.0,221126,,,A",
        "GNRMC,120000.00,A,4725.5,N,18100.0,E,1.0,90.0,221126,,,A",
        "GNRMC,120000.00,A,4725.5,E,00833.2,N,1.0,90.0,221126,,,A",  # signs swapped
        "GNRMC,120000.00,A,4725.5,,00833.2,E,1.0,90.0,221126,,,A",
        "GNRMC,120000.00,A,4725.5,N,,E,1.0,90.0,221126,,,A",
        "GNRMC,120000.00,A,725.5,N,00833.2,E,1.0,90.0,221126,,,A",  # a digit lost
        "GNRMC,120000.00,A,4725.5,N,0833.2,E,1.0,90.0,221126,,,A",
        "GNRMC,120000.00,A,-725.5,N,00833.2,E,1.0,90.0,221126,,,A",
        "GNRMC,120000.00,A,4725.5,N,00833.2,E,900,90.0,221126,,,A",  # 463 m/s
        "GNRMC,120000.00,A,4725.5,N,00833.2,E,1.0,361,221126,,,A",
        "GNRMC,120000.00,A,4725.5,N,00833.2,E,1e1,90.0,221126,,,A",
        "GNRMC,120000.00,A,4725.5,N,00833.2,E,nan,90.0,221126,,,A",
        "GNRMC,120000.00,A,4725.5,N",
        "GNGGA,120000.00,4725.5,N,00833.2,E,x,11,0.9,400.0,M,48.0,M,,",
        "GNGGA,120000.00,4725.5,N,00833.2,E,1,-1,0.9,400.0,M,48.0,M,,",
        "GNGSA,A,7,02,05,09,12,,,,,,,,,1.5,0.9,1.2",
        "GNVTG,90.0,45.0,10.0,18.5,,,,",  # NMEA 1.5
        "GNGST,120000.00,1.0,,,,x,0.8,2.0",
    ],
)
def test_a_number_out_of_range_spoils_its_sentence(body):
    with pytest.raises(PeerError):
        parsed(body)


@pytest.mark.parametrize("day", ["", "-10499", "321126", "001126", "221326", "2211267"])
def test_a_date_that_is_none_is_unknown_and_the_position_stays(day):
    rmc = parsed(f"GNRMC,120000.00,A,4725.5,N,00833.2,E,1.0,90.0,{day},,,A")
    assert isinstance(rmc, Rmc)
    assert rmc.day is None
    assert rmc.position_deg is not None


@pytest.mark.parametrize(
    ("status", "mode"), [("V", "A"), ("V", "N"), ("A", "N"), ("A", "S"), ("A", "M"), ("", "")]
)
def test_an_rmc_that_vouches_for_nothing_is_not_valid(status, mode):
    rmc = parsed(f"GNRMC,120000.00,{status},4725.5,N,00833.2,E,1.0,90.0,221126,,,{mode}")
    assert isinstance(rmc, Rmc)
    assert not rmc.valid


def test_nothing_at_zero_zero_is_a_position():
    gga = parsed("GNGGA,120000.00,0000.0000,N,00000.0000,E,1,05,0.9,0.0,M,0.0,M,,")
    assert isinstance(gga, Gga)
    assert gga.position_deg is None


def test_dilution_99_is_unknown():
    gga = parsed("GNGGA,120000.00,,,,,0,00,99.99,,,,,,")
    assert gga == Gga(43_200.0, None, 0, 0, None, None)
