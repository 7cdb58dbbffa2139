"""A receiver that speaks NMEA 0183 over a line of its own."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Never

from edge.errors import LinkError, PeerError
from edge.messages.readings import GnssFix, GnssNoFix
from firmware_bridge.gnss.dates import Calendar
from firmware_bridge.gnss.epoch import Epoch, EpochJoiner, reading_of
from firmware_bridge.gnss.freshness import Freshness
from firmware_bridge.gnss.lines import LineSplitter
from firmware_bridge.gnss.reach import Reach
from firmware_bridge.gnss.sentences import LONGEST_LINE_BYTES, Zda, parse_line

REOPEN_AFTER_S = 10.0  # a port this quiet is opened again: its path may lead elsewhere by now


class NmeaSession:
    """Bytes of a receiver to fixes; sends nothing."""

    def __init__(
        self,
        now_s: float,
        *,
        freshness: Freshness,
        not_before: datetime,
        suspect: Callable[[str], None],
    ) -> None:
        self._freshness = freshness
        self._suspect = suspect
        self._lines = LineSplitter(LONGEST_LINE_BYTES)
        self._joiner = EpochJoiner()
        self._calendar = Calendar(not_before)
        self._reach = Reach()
        self._quiet_since_s = now_s
        self.damaged = 0
        """Lines that were no sound sentence."""

    @property
    def wake_at_s(self) -> float:
        """When a burst is over or the port has been quiet for too long."""
        return min(self._joiner.wake_at_s, self._quiet_since_s + REOPEN_AFTER_S)

    def receive(self, data: bytes, now_s: float) -> Sequence[GnssFix | GnssNoFix]:
        """Take bytes in pieces of any size; return the fixes they complete."""
        self._quiet_since_s = now_s
        self._joiner.bytes_came(now_s)
        readings: list[GnssFix | GnssNoFix] = []
        for line in self._lines.feed(data):
            try:
                sentence = parse_line(line)
            except PeerError as error:
                self.damaged += 1
                self._suspect(f"last line not understood: {error}")
                continue
            if sentence is None:
                continue
            if (
                isinstance(sentence, Zda)
                and sentence.day
                and sentence.time_of_day_s is not None
            ):
                self._calendar.tell_date(sentence.day, sentence.time_of_day_s)
            readings += self._judge(self._joiner.add(sentence, now_s))
        return readings

    def send(self, command: Never, now_s: float) -> None:
        """Take no commands: the receiver is only listened to."""

    def wake(self, now_s: float) -> Sequence[GnssFix | GnssNoFix]:
        """Return the fix of a burst that is over without all it usually holds.

        Raises LinkError when the port has been quiet for too long.
        """
        if now_s >= self._quiet_since_s + REOPEN_AFTER_S:
            raise LinkError(f"no bytes for {now_s - self._quiet_since_s:.0f} s")
        return self._judge(self._joiner.end()) if now_s >= self._joiner.wake_at_s else ()

    def outgoing(self) -> bytes:
        """Return nothing: the receiver is only listened to."""
        return b""

    def _judge(self, epochs: Sequence[Epoch]) -> list[GnssFix | GnssNoFix]:
        readings = []
        for epoch in epochs:
            reading = reading_of(epoch, self._calendar)
            if reading is not None and self._is_believed(reading, epoch):
                readings.append(reading)
        return readings

    def _is_believed(self, reading: GnssFix | GnssNoFix, epoch: Epoch) -> bool:
        if isinstance(reading, GnssNoFix):
            return True
        if not self._reach.holds(reading, twice=epoch.tells_twice):
            self._suspect("one sentence alone tells a far-off position")
            return False
        if not self._freshness.is_fresh(self._calendar.told_s, reading.received_s):
            self._suspect(self._freshness.why)
            return False
        return True
