"""The recorded drive: what the receiver said, where it was, and the stops along the way."""

import math
from bisect import bisect
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from edge.messages.geo import Place, east_north_m
from tests.real.pty_feeder import PtyFeeder, epochs_of
from tests.replay.recordings import RECEIVERS, drive, lines_of, time_of_day_s

CLOCKS_AGREE = timedelta(milliseconds=20)
"""Two processes of one machine read its clock apart, and a busy machine comes in between."""


@dataclass(frozen=True, slots=True)
class StopAt:
    """A stop where the recorded car was at one epoch."""

    epoch: int
    stood: bool
    """It stood there from then on: the position alone must tell the arrival."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A part of the drive, and how many times faster than the car it is played."""

    first: int
    last: int
    faster: float
    stops: tuple[StopAt, ...]
    station: StopAt
    """Where the day ends."""


A_TURN_ROUND_AND_THREE_LIGHTS = Cut(
    first=832,
    last=1056,  # the log has holes from the next epoch on; faster, they would not look it
    faster=5.0,
    stops=(StopAt(880, False), StopAt(907, True), StopAt(950, True), StopAt(1014, False)),
    station=StopAt(1034, True),
)
THE_WHOLE_DRIVE = Cut(
    first=90,
    last=1530,
    faster=1.0,
    stops=(
        StopAt(390, False),
        StopAt(420, True),
        StopAt(540, True),
        StopAt(610, False),
        StopAt(684, True),
        StopAt(810, False),
        StopAt(907, True),
        StopAt(950, True),
        StopAt(1034, True),
        StopAt(1151, True),
        StopAt(1365, True),
    ),
    station=StopAt(1484, True),
)


class Recording:
    """The log by epochs, read apart from the daemon's own parser."""

    def __init__(self, shared: Path) -> None:
        lines = lines_of(shared / "data" / "position" / RECEIVERS["f9k"])
        self.epochs = [_to_its_end(epoch) for epoch in epochs_of(lines)]
        fields = [epoch.split(b"\r\n")[0].split(b",") for epoch in self.epochs]
        assert all(rmc[0] == b"$GNRMC" and rmc[2] == b"A" for rmc in fields)
        self.places = [
            Place(
                lat_deg=_degrees(rmc[3]) * (1 if rmc[4] == b"N" else -1),
                lon_deg=_degrees(rmc[5]) * (1 if rmc[6] == b"E" else -1),
            )
            for rmc in fields
        ]
        self.told_s = [time_of_day_s(rmc[1].decode()) for rmc in fields]
        self._truth = drive(shared, "f9k").truth

    def true_place(self, epoch: int) -> Place:
        """Return where the SPAN reference was at an epoch."""
        told_s, truth = self.told_s[epoch], self._truth
        return Place(
            lat_deg=float(np.interp(told_s, truth[:, 0], truth[:, 1])),
            lon_deg=float(np.interp(told_s, truth[:, 0], truth[:, 2])),
        )


class Receiver(PtyFeeder):
    """Plays a cut by the log's own clock, and knows when it said what."""

    def __init__(self, path: Path, recording: Recording, cut: Cut) -> None:
        by_second = {
            round(recording.told_s[number] - recording.told_s[cut.first]): number
            for number in range(cut.first, cut.last + 1)
        }
        seconds = max(by_second) + 1
        holes = seconds - len(by_second)
        assert not holes or cut.faster == 1.0, f"{holes} s are missing: no hole when faster"
        self._numbers = list(by_second.values())
        said = (by_second.get(second) for second in range(seconds))
        epochs = [b"" if number is None else recording.epochs[number] for number in said]
        super().__init__(path, epochs, 1.0 / cut.faster)
        self._said_utc: list[datetime] = []

    @property
    def epoch(self) -> int:
        """The epoch of the drive that was said last, -1 before the first."""
        return self._numbers[len(self._said_utc) - 1] if self._said_utc else -1

    @property
    def said_in_all(self) -> int:
        """How many epochs have been said."""
        return len(self._said_utc)

    def said_until(self, utc: datetime) -> int:
        """Return how many epochs had been said at an instant."""
        return bisect(self._said_utc, utc + CLOCKS_AGREE)

    def epoch_at(self, utc: datetime) -> tuple[int, timedelta]:
        """Return the epoch that was the newest at an instant, and how old it was."""
        said = self.said_until(utc)
        assert said, f"the receiver had not spoken at {utc}"
        return self._numbers[said - 1], utc - self._said_utc[said - 1]

    def _say(self, far: int, data: bytes) -> None:
        if data:
            self._said_utc.append(datetime.now(UTC))
            super()._say(far, data)


def _to_its_end(epoch: bytes) -> bytes:
    """Leave out what the log holds of a later epoch whose beginning is lost in a hole."""
    end = epoch.find(b"\r\n", epoch.find(b"$GNGLL"))
    assert end > 0, f"no GLL ends {epoch[:20]!r}"
    return epoch[: end + 2]


def gap_m(one: Place, other: Place) -> float:
    """Return the distance of two places."""
    return math.hypot(*east_north_m(one, other))


def _degrees(field: bytes) -> float:
    """Return ddmm.mmmm in degrees."""
    whole, minutes = divmod(float(field), 100)
    return whole + minutes / 60
