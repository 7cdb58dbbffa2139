"""The firmware in C as a thing the tests can hold: compiled when first asked for."""

import ctypes
import functools
import subprocess
import tempfile
from pathlib import Path

import firmware_bridge.mcu
from tests.edge.native.replan.exact import compiler

FOLDER = Path(firmware_bridge.mcu.__file__).with_name("firmware")
FACE = Path(__file__).with_name("face.c")
FLAGS = ("-std=c99", "-Wall", "-Wextra", "-Werror", "-Wconversion", "-pedantic")
UNKNOWN = -(2**31)
COMPARTMENTS = 8


class Identity(ctypes.Structure):
    """As dm_identity_t in doorstep_mcu.h."""

    _fields_ = [
        ("firmware", ctypes.c_uint8 * 8),
        ("boot_id", ctypes.c_uint32),
        ("seed", ctypes.c_uint32),
        ("reset_cause", ctypes.c_uint8),
        ("capabilities", ctypes.c_uint8),
        ("compartments", ctypes.c_uint8),
    ]


class Sensors(ctypes.Structure):
    """As dm_sensors_t."""

    _fields_ = [
        ("doors", ctypes.c_int32 * COMPARTMENTS),
        ("bolts", ctypes.c_int32 * COMPARTMENTS),
        *(
            (name, ctypes.c_int32)
            for name in ("lid", "tilt_cdeg", "lifted", "temperature_cc", "winch_mm")
        ),
        ("battery_mv", ctypes.c_int32),
        ("stop_pressed", ctypes.c_bool),
    ]


class Outputs(ctypes.Structure):
    """As dm_outputs_t."""

    _fields_ = [
        ("speed_mmps", ctypes.c_int32),
        ("turn_mradps", ctypes.c_int32),
        ("lid", ctypes.c_int32),
        ("winch_mmps", ctypes.c_int32),
        ("drawn", ctypes.c_bool * COMPARTMENTS),
        ("siren", ctypes.c_bool),
    ]


def sources():
    return sorted(map(str, FOLDER.glob("*.c")))


def compile_to(path, *flags):
    command = [*compiler(), *FLAGS, *flags, f"-I{FOLDER}", *sources(), str(FACE)]
    subprocess.run([*command, "-o", str(path)], check=True, timeout=100)


@functools.cache
def library():
    with tempfile.TemporaryDirectory(prefix="doorstep-mcu-") as folder:
        path = Path(folder, "mcu.so")
        compile_to(path, "-O2", "-fPIC", "-shared")
        loaded = ctypes.CDLL(str(path))
    loaded.face_size.restype = ctypes.c_size_t
    loaded.dm_outgoing.restype = ctypes.c_size_t
    loaded.dm_crc32.restype = ctypes.c_uint32
    loaded.dm_cobs_encode.restype = ctypes.c_size_t
    loaded.dm_cobs_decode.restype = ctypes.c_size_t
    loaded.dm_outputs.restype = Outputs
    return loaded


class Controller:
    """One controller on its board; `now_ms` is its own clock."""

    def __init__(self, boot_id=77, *, now_ms=0, compartments=2, capabilities=31, cause=1):
        self.library = library()
        self.state = ctypes.create_string_buffer(self.library.face_size())
        self.sensors = Sensors()
        self.set(doors=[0] * COMPARTMENTS, bolts=[1] * COMPARTMENTS, lid=0, lifted=0)
        self.set(
            tilt_cdeg=UNKNOWN, temperature_cc=UNKNOWN, winch_mm=UNKNOWN, battery_mv=UNKNOWN
        )
        who = Identity((ctypes.c_uint8 * 8)(*range(1, 9)), boot_id, 99, cause)
        who.capabilities, who.compartments = capabilities, compartments
        self.library.dm_start(self.state, ctypes.byref(who), u32(now_ms))

    def set(self, **values):
        for name, value in values.items():
            if name in ("doors", "bolts"):
                for index, side in enumerate(value):
                    getattr(self.sensors, name)[index] = side
            else:
                setattr(self.sensors, name, value)

    def sense(self, now_ms, **values):
        self.set(**values)
        self.library.dm_sense(self.state, ctypes.byref(self.sensors), u32(now_ms))

    def receive(self, data, now_ms):
        self.library.dm_receive(self.state, data, ctypes.c_size_t(len(data)), u32(now_ms))

    def tick(self, now_ms):
        self.library.dm_tick(self.state, u32(now_ms))

    def outgoing(self):
        held = ctypes.create_string_buffer(1024)
        count = self.library.dm_outgoing(self.state, held, ctypes.c_size_t(1024))
        return held.raw[:count]

    def outputs(self, now_ms):
        return self.library.dm_outputs(self.state, u32(now_ms))

    def moves(self, now_ms):
        outputs = self.outputs(now_ms)
        return any((outputs.speed_mmps, outputs.turn_mradps, outputs.lid, outputs.winch_mmps))

    def sounds(self, now_ms):
        return self.outputs(now_ms).siren

    def drawn(self, now_ms):
        return [index for index, side in enumerate(self.outputs(now_ms).drawn) if side]


def u32(value):
    return ctypes.c_uint32(value % 2**32)
