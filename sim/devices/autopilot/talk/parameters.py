"""Parameters asked for, set and listed; the list goes out at the measured pace."""

import math
import struct

from firmware_bridge.mavlink.wire.dialect import Message, mavlink
from sim.devices.autopilot.memory import REAL32, Parameters
from sim.devices.autopilot.talk.voice import Voice


class ParameterTalk:
    """One list at a time; asked again it begins anew."""

    def __init__(self, parameters: Parameters, voice: Voice) -> None:
        self._parameters = parameters
        self._voice = voice
        self._next = len(parameters.names)
        self._due_s = math.inf

    @property
    def wake_at_s(self) -> float:
        """When the next piece of a list is due."""
        return self._due_s

    def begin_list(self) -> None:
        """Say all of them, from the next loop on."""
        self._next = 0
        self._due_s = self._voice.now_s

    def go_on(self) -> None:
        """Say those of the list that are due."""
        voice, names = self._voice, self._parameters.names
        per_s = voice.manner.parameters_per_s
        while self._next < len(names) and self._due_s <= voice.now_s:
            self._say(self._next)
            self._next += 1
            self._due_s += 1.0 / per_s
        if self._next >= len(names):
            self._due_s = math.inf

    def read(self, message: Message) -> None:
        """Answer PARAM_REQUEST_READ; what is not known is passed over in silence."""
        names = self._parameters.names
        if message.param_index >= 0:
            if message.param_index < len(names):
                self._say(message.param_index)
        elif (name := text_of(message.param_id)) in self._parameters:
            self._say(names.index(name))

    def write(self, message: Message) -> None:
        """Answer PARAM_SET with what is stored now."""
        name = text_of(message.param_id)
        if name not in self._parameters:
            return
        value = message.param_value
        if self._voice.manner.bytewise:
            kind = self._parameters.types[name]
            if message.param_type != kind:  # PX4 refuses another type than its own
                self._voice.tell(3, f"[pm] param types mismatch param: {name}")
                return
            value = value if kind == REAL32 else int_of(value)
        if math.isfinite(value):
            self._parameters.set(name, value)
        self._say(self._parameters.names.index(name))

    def _say(self, index: int) -> None:
        parameters = self._parameters
        name = parameters.names[index]
        kind, value = parameters.types[name], parameters[name]
        if self._voice.manner.bytewise and kind != REAL32:
            value = float_of(int(value))
        self._voice.say(
            mavlink.MAVLink_param_value_message(
                name.encode("ascii"), value, kind, len(parameters.names), index
            )
        )


def text_of(field: bytes | str) -> str:
    """Return a text field without what pads it."""
    text = field.decode("ascii", "replace") if isinstance(field, bytes) else field
    return text.rstrip("\0")


def float_of(value: int) -> float:
    """Return the float that has the bytes of an int."""
    return float(struct.unpack("<f", struct.pack("<i", value))[0])


def int_of(value: float) -> int:
    """Return the int that has the bytes of a float."""
    return int(struct.unpack("<i", struct.pack("<f", value))[0])
