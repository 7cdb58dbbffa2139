"""What the car and the controller last told: for people who ask, and what is wrong."""

import logging

from edge.messages.machines.controller import (
    CompartmentEvent,
    ControllerPresence,
    ControllerStatus,
)
from edge.messages.readings import DeviceBack, DeviceSilent, WheelSpeed
from edge.messages.signals import SPEED, UNITS, DeviceAsleep, VehicleSignal

log = logging.getLogger(__name__)

CAR, CONTROLLER = "obd", "mcu"
MOST_SIGNALS = 64
MOST_EVENTS = 8


class AboardWatch:
    """Follows the words of the car behind OBD and of the controller."""

    def __init__(self) -> None:
        self._signals: dict[str, object] = {}
        self._asleep: DeviceAsleep | None = None
        self._silent: dict[str, DeviceSilent] = {}
        self._presence: ControllerPresence | None = None
        self._status: ControllerStatus | None = None
        self._events: list[CompartmentEvent] = []

    def hear(self, word: object) -> bool:
        """Take a word; return whether it concerns nobody else."""
        match word:
            case WheelSpeed():
                self._note(SPEED, round(word.speed_mps, 2))
                return False
            case VehicleSignal():
                self._note(word.name, word.value)
            case DeviceAsleep():
                self._asleep = word
            case DeviceSilent() if word.device in (CAR, CONTROLLER):
                log.warning("device silent", extra={"device": word.device, "why": word.why})
                self._silent[word.device] = word
            case DeviceBack() if word.device in (CAR, CONTROLLER):
                log.info("device back", extra={"device": word.device})
                self._silent.pop(word.device, None)
            case ControllerPresence():
                self._presence = word
            case ControllerStatus():
                self._status = word
            case CompartmentEvent():
                log.info(
                    "compartment", extra={"what": word.what, "compartment": word.compartment}
                )
                self._events = [*self._events[1 - MOST_EVENTS :], word]
            case _:
                return False
        return True

    @property
    def warnings(self) -> tuple[str, ...]:
        """What people on the vehicle should know of the controller."""
        told = []
        if silent := self._silent.get(CONTROLLER):
            told.append(f"The controller of lid and locks is silent: {silent.why}.")
        elif self._presence is not None and self._presence.why_not:
            told.append(f"The controller cannot be used: {self._presence.why_not}.")
        if self._status is not None and self._status.stop_pressed:
            told.append("The stop button is pressed.")
        return tuple(told)

    def car(self) -> dict[str, object]:
        """Return what is read of the car, by VSS name, with its unit."""
        if silent := self._silent.get(CAR):
            return {"state": f"silent: {silent.why}"}
        state = f"asleep: {self._asleep.why}" if self._asleep else "read"
        if not self._signals and not self._asleep:
            state = "not heard yet"
        told = {name: self._signals[name] for name in UNITS if name in self._signals}
        return {"state": state} | {
            f"{name} [{UNITS[name]}]" if UNITS[name] else name: value
            for name, value in told.items()
        }

    def controller(self) -> dict[str, object]:
        """Return what is known of the controller."""
        if silent := self._silent.get(CONTROLLER):
            return {"state": f"silent: {silent.why}"}
        if self._presence is None:
            return {"state": "not heard yet"}
        presence, status = self._presence, self._status
        told: dict[str, object] = {
            "state": presence.why_not or "there",
            "firmware": presence.firmware,
            "last reset": presence.reset_cause,
            "parts": ", ".join(presence.parts),
        }
        if status is not None:
            told |= {
                "takes orders": status.takes_orders,
                "doors": [_side(side, "open", "closed") for side in status.doors_open],
                "bolts": [_side(side, "locked", "drawn") for side in status.bolts_locked],
                "lid": _side(status.lid_open, "open", "closed"),
                "tilt_deg": status.tilt_deg,
                "temperature_c": status.temperature_c,
                "battery_v": status.battery_v,
            }
        return told | {
            "events": [
                f"compartment {event.compartment} {event.what}" for event in self._events
            ]
        }

    def _note(self, name: str, value: object) -> None:
        self._asleep = None
        if name in self._signals or len(self._signals) < MOST_SIGNALS:
            self._signals[name] = list(value) if isinstance(value, tuple) else value


def _side(told: bool | None, yes: str, no: str) -> str:
    return "unknown" if told is None else yes if told else no
