"""A receiver behind gpsd: its JSON stream, with a deadline for everything that may hang."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Never

import msgspec

from edge.errors import LinkError
from edge.messages.readings import GnssFix, GnssNoFix
from firmware_bridge.gnss.freshness import Freshness
from firmware_bridge.gnss.lines import LineSplitter
from firmware_bridge.gnss.tpv import Report, Reports, reading_of

LONGEST_LINE_BYTES = 65_536  # gpsd's longest report, a full sky, takes some 10 kB
WATCH_AGAIN_S = 2.0  # gpsd 3.22 looks at a device that has hung up only when it is woken
POLL_AFTER_S = 5.0  # is gpsd itself still there?
GIVE_UP_AFTER_S = 10.0  # it is not
SKY_EVERY_S = 5.0  # a full sky costs ten times a fix to parse, and comes several times a second
SILENT_DEVICE_S = 3.0  # after this another device of the same gpsd may take over
UNDATED_AFTER_S = 3.0  # a receiver that never tells the date is believed without it
PROTOCOL_MAJOR = 3
SKY_KEYS = ("hdop", "satellites", "uSat")
SKY_START = b'{"class":"SKY"'
NO_REPORT: Report = {}


class GpsdSession:
    """One connection to gpsd: asks for its stream and turns TPV reports into readings."""

    def __init__(
        self,
        now_s: float,
        *,
        freshness: Freshness,
        not_before: datetime,
        suspect: Callable[[str], None],
        device: str = "",
    ) -> None:
        self._freshness = freshness
        self._not_before = not_before
        self._wanted = device
        self._suspect = suspect
        self._lines = LineSplitter(LONGEST_LINE_BYTES)
        self._decoder = msgspec.json.Decoder(dict[str, Any])
        self._out = b""
        self._heard_s = now_s
        self._report_s = now_s
        self._poll_at_s = now_s + POLL_AFTER_S
        self._watch_at_s = now_s
        self._speaking: object = None
        self._speaking_s = now_s
        self._sky: dict[str, Any] = {}
        self._sky_due_s = now_s
        self._gst = NO_REPORT
        self._gst_s = now_s
        self._drivers: dict[str, str] = {}
        self._dated = False
        self._first_tpv_s: float | None = None
        self._watch(now_s)
        self.damaged = 0
        """Lines that were no report."""

    @property
    def wake_at_s(self) -> float:
        """When gpsd is to be asked again, or given up."""
        return min(self._watch_at_s, self._poll_at_s, self._heard_s + GIVE_UP_AFTER_S)

    def receive(self, data: bytes, now_s: float) -> Sequence[GnssFix | GnssNoFix]:
        """Take bytes in pieces of any size; return the fixes they complete."""
        self._heard_s = now_s
        self._poll_at_s = now_s + POLL_AFTER_S
        readings: list[GnssFix | GnssNoFix] = []
        for line in self._lines.feed(data):
            if line.startswith(SKY_START) and now_s < self._sky_due_s:
                continue
            try:
                report = self._decoder.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                self.damaged += bool(line.strip())
                continue
            reading = self._take(report, now_s)
            if reading is not None:
                readings.append(reading)
        return readings

    def send(self, command: Never, now_s: float) -> None:
        """Take no commands: the receiver is gpsd's to configure."""

    def wake(self, now_s: float) -> Sequence[GnssFix | GnssNoFix]:
        """Ask again where gpsd says nothing. Raises LinkError when it has not spoken at all."""
        if now_s >= self._heard_s + GIVE_UP_AFTER_S:
            raise LinkError(f"gpsd says nothing for {now_s - self._heard_s:.0f} s")
        if now_s >= self._poll_at_s:
            self._out += b"?POLL;\n"
            self._poll_at_s = now_s + POLL_AFTER_S
            self._suspect("gpsd does not answer")
        if now_s >= self._watch_at_s:
            self._watch(now_s)
        return ()

    def outgoing(self) -> bytes:
        """Return and clear the bytes waiting to be written."""
        data, self._out = self._out, b""
        return data

    def _watch(self, now_s: float) -> None:
        command: dict[str, object] = {"enable": True, "json": True}
        if self._wanted:
            command["device"] = self._wanted
        self._out += b"?WATCH=" + msgspec.json.encode(command) + b";\n"
        self._watch_at_s = now_s + WATCH_AGAIN_S

    def _take(self, report: dict[str, Any], now_s: float) -> GnssFix | GnssNoFix | None:
        match report.get("class"):
            case "TPV":
                return self._take_tpv(report, now_s)
            case "SKY" if self._is_ours(report, now_s):
                # One sky is told in several reports, each with a part of it.
                self._sky |= {key: report[key] for key in SKY_KEYS if key in report}
                self._sky_due_s = now_s + SKY_EVERY_S
            case "GST" if self._is_ours(report, now_s):
                self._gst, self._gst_s = report, now_s
            case "DEVICES":
                self._take_devices(report.get("devices"))
            case "DEVICE":
                self._take_device(report)
            case "ERROR":
                self._suspect(f"gpsd: {str(report.get('message'))[:200]}")
            case "VERSION" if report.get("proto_major") != PROTOCOL_MAJOR:
                self._suspect(f"gpsd speaks protocol {str(report.get('proto_major'))[:20]}")
            case _:
                pass  # POLL proves that gpsd lives; its fixes may be minutes old
        return None

    def _take_tpv(self, tpv: Report, now_s: float) -> GnssFix | GnssNoFix | None:
        if not self._is_ours(tpv, now_s):
            return None
        self._watch_at_s = now_s + WATCH_AGAIN_S
        told_lately = now_s - self._gst_s < SILENT_DEVICE_S
        reading = reading_of(
            Reports(
                tpv,
                sky=self._sky,
                gst=self._gst if told_lately else NO_REPORT,
                driver=self._drivers.get(str(tpv.get("device")), ""),
            ),
            now_s,
            self._not_before,
        )
        if reading is None:
            return None
        self._speaking, self._speaking_s = tpv.get("device"), now_s
        if isinstance(reading, GnssNoFix):
            return reading
        if reading.utc is None:
            if self._first_tpv_s is None:
                self._first_tpv_s = now_s
            undated = not self._dated and now_s - self._first_tpv_s >= UNDATED_AFTER_S
            return reading if undated else None
        self._dated = True
        if self._freshness.is_fresh(reading.utc.timestamp(), now_s):
            return reading
        self._suspect(self._freshness.why)
        return None

    def _is_ours(self, report: Report, now_s: float) -> bool:
        """Tell whether a report is of the wanted device, or of the first that spoke."""
        device = report.get("device")
        if self._wanted:
            return device in (self._wanted, None)
        quiet = now_s - self._speaking_s >= SILENT_DEVICE_S
        return self._speaking is None or device == self._speaking or quiet

    def _take_devices(self, devices: object) -> None:
        if not isinstance(devices, list):
            return
        for device in devices[:16]:
            if isinstance(device, dict):
                self._take_device(device)
        if not devices:
            self._suspect("gpsd has no device")

    def _take_device(self, device: Report) -> None:
        path, driver = device.get("path"), device.get("driver")
        if not isinstance(path, str):
            return
        if isinstance(driver, str) and len(self._drivers) < 16:
            self._drivers[path] = driver
        if device.get("activated") in (None, 0):
            self._suspect(f"gpsd has closed {path[:200]}")
