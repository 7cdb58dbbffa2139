"""The controller at the far end of its cable: the rules of the firmware's reference, once more.

It says the same bytes as `firmware_bridge/mcu/firmware/` (a test compares them), and needs no
compiler. Times are whole milliseconds since its start.
"""

from collections import deque
from dataclasses import dataclass, field

from edge.errors import PeerError
from firmware_bridge.mcu.frames import FrameSplitter
from firmware_bridge.mcu.words import (
    PROTOCOL,
    TYPE_OF,
    Answer,
    Beat,
    DriveWord,
    EventAck,
    EventWord,
    Hello,
    HostBeat,
    HostHello,
    LockWord,
    SirenWord,
    StopWord,
    UnlockWord,
    WinchWord,
    Word,
    decode_word,
    encode_word,
)
from sim.devices.mcu_parts import (
    LID,
    LIFT_SENSOR,
    MOST_ANSWERS,
    MOST_EVENTS,
    MOST_OUT_BYTES,
    NO_PART,
    NOT_GREETED,
    OK,
    OUT_OF_ORDER,
    RESEND_MS,
    SILENT,
    SILENT_MS,
    SIREN,
    STATUS_MS,
    WHEELS,
    WINCH,
    Compartment,
    Move,
    Sensors,
    Siren,
    judge_move,
    judge_unlock,
)

OneDeed = UnlockWord | LockWord | SirenWord
"""Said twice, it is done once and answered twice."""


@dataclass(slots=True)
class Controller:
    """One controller since one start."""

    boot_id: int
    seed: int
    capabilities: int = WHEELS | LID | WINCH | LIFT_SENSOR | SIREN
    compartments: int = 2
    reset_cause: int = 1
    firmware: bytes = bytes(range(1, 9))
    now_ms: int = 0
    sensors: Sensors = field(init=False)
    boxes: list[Compartment] = field(init=False)
    nonce: int = field(init=False)
    greeted: bool = False
    heard_ms: int | None = None
    last_number: int = 0
    moves: dict[type[Move], Move] = field(default_factory=dict)
    """What moves now, each until its instant."""
    siren: Siren = field(default_factory=Siren)
    events: list[EventWord] = field(default_factory=list)
    _next_event: int = 1
    _event_sent_ms: int = 0
    _status_ms: int = field(init=False)
    _lost_events: int = 0
    _unsound: int = 0
    _answers: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=MOST_ANSWERS))
    _frames: FrameSplitter = field(default_factory=FrameSplitter)
    _seq: int = 0
    _out: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self.sensors = Sensors(
            doors=[None] * self.compartments, bolts=[None] * self.compartments
        )
        self.boxes = [Compartment() for _ in range(self.compartments)]
        self.nonce = self.seed ^ self.boot_id
        self._status_ms = self.now_ms
        self._say_hello()

    @property
    def drawn(self) -> list[int]:
        """Which bolts are drawn."""
        return [index for index, box in enumerate(self.boxes) if box.drawn]

    @property
    def speed_mmps(self) -> int:
        """How fast the wheels turn now."""
        word = self.moves.get(DriveWord)
        return word.speed_mmps if isinstance(word, DriveWord) else 0

    def receive(self, data: bytes, now_ms: int) -> None:
        """Take what the host says."""
        self._settle(now_ms)
        for frame in self._frames.feed(data):
            try:
                word = decode_word(frame)
            except PeerError:
                word = None
            if word is None or TYPE_OF[type(word)] > 0x80:
                self._unsound += 1
            else:
                self._obey(word)

    def sense(self, sensors: Sensors, now_ms: int) -> None:
        """Take what its sensors say."""
        self.sensors = sensors
        self._settle(now_ms)

    def tick(self, now_ms: int) -> None:
        """Do what is due."""
        self._settle(now_ms)
        if self.events and now_ms - self._event_sent_ms >= RESEND_MS:
            self._say_oldest_event()
        if now_ms - self._status_ms >= STATUS_MS:
            self._status_ms = now_ms
            self._say_status()

    def outgoing(self) -> bytes:
        """Return and clear what it says."""
        data = bytes(self._out)
        self._out.clear()
        return data

    def _settle(self, now_ms: int) -> None:
        self.now_ms = now_ms
        if self.heard_ms is not None and now_ms - self.heard_ms >= SILENT_MS:
            self.heard_ms = None
        if self.heard_ms is None or self.sensors.stop_pressed:
            self.moves.clear()
        if not (self._is_closed() and self._is_on_ground()):
            self.moves.pop(DriveWord, None)
        self.moves = {kind: m for kind, m in self.moves.items() if m.until_ms > now_ms}
        for index, box in enumerate(self.boxes):
            door, bolt = self.sensors.doors[index], self.sensors.bolts[index]
            for what in box.tend(door, bolt, now_ms, silent=self.heard_ms is None):
                self._happened(what, index)

    def _is_closed(self) -> bool:
        return self.sensors.is_closed(self.capabilities) and not self.drawn

    def _is_on_ground(self) -> bool:
        return self.sensors.is_on_ground(self.capabilities)

    def _obey(self, word: Word) -> None:
        match word:
            case HostHello():
                self._greet(word)
            case HostBeat():
                if self.greeted:
                    self.heard_ms = self.now_ms
                self._say(Beat(word.host_ms, self.now_ms, self.boot_id))
            case EventAck():
                self._forget(word)
            case StopWord():
                self.moves.clear()
                if self.greeted:
                    self.last_number = max(self.last_number, word.number)
                self._answer(word.number, OK)
            case UnlockWord() | LockWord() | SirenWord() if word.number in (
                told := dict(self._answers)
            ):
                self._answer(word.number, told[word.number])  # no second deed
            case _ if isinstance(word, OneDeed | Move) and self._is_in_order(word):
                self._do(word)

    def _is_in_order(self, word: OneDeed | Move) -> bool:
        reason = OK
        if not self.greeted:
            reason = NOT_GREETED
        elif word.number <= self.last_number:
            reason = OUT_OF_ORDER
        elif self.heard_ms is None and not isinstance(word, LockWord):
            reason = SILENT
        if reason == OK:
            self.last_number = word.number
        elif reason != OUT_OF_ORDER or word.number != self.last_number:
            self._answer(word.number, reason)
        return reason == OK

    def _do(self, word: OneDeed | Move) -> None:
        if isinstance(word, UnlockWord):
            reason = judge_unlock(
                word,
                self.now_ms,
                compartments=self.compartments,
                nonce=self.nonce,
                moving=bool(self.moves.keys() & {DriveWord, WinchWord}),
                events=len(self.events),
            )
            if reason == OK:
                box = self.boxes[word.compartment]
                box.unlock(word.number, self.now_ms)
                self.nonce = (self.nonce * 1664525 + 1013904223) % 2**32
            self._answers.append((word.number, reason))
        elif isinstance(word, LockWord):
            reason = OK if word.compartment < self.compartments else NO_PART
            if reason == OK and self.sensors.doors[word.compartment] != 1:
                box = self.boxes[word.compartment]
                box.drawn = box.opened = False
            self._answers.append((word.number, reason))
        elif isinstance(word, SirenWord):
            reason = self.siren.take(word, self.now_ms, capabilities=self.capabilities)
            self._answers.append((word.number, reason))
        else:
            reason = judge_move(
                word,
                self.now_ms,
                capabilities=self.capabilities,
                sensors=self.sensors,
                moves=self.moves.keys(),
                closed=self._is_closed(),
            )
            if reason == OK:
                self.moves[type(word)] = word
        self._answer(word.number, reason)

    def _greet(self, word: HostHello) -> None:
        if (word.protocol, word.boot_id) == (PROTOCOL, self.boot_id):
            self.greeted = True
            self._say_status()
            return
        self.greeted, self.heard_ms = False, None
        self.moves.clear()
        self._say_hello()

    def _forget(self, word: EventAck) -> None:
        if word.boot_id != self.boot_id or word.event_id >= self._next_event:
            return
        kept = [event for event in self.events if event.event_id > word.event_id]
        if len(kept) < len(self.events):
            self.events = kept
            self._say_oldest_event()

    def _happened(self, what: int, index: int) -> None:
        if len(self.events) == MOST_EVENTS:
            self._lost_events += 1
            return
        number = self.boxes[index].number
        event = EventWord(self.boot_id, self._next_event, self.now_ms, what, index, number)
        self._next_event += 1
        self.events.append(event)
        if len(self.events) == 1:
            self._say_oldest_event()

    def _say_oldest_event(self) -> None:
        if self.events:
            self._say(self.events[0])
            self._event_sent_ms = self.now_ms

    def _say_hello(self) -> None:
        who = (PROTOCOL, self.firmware, self.capabilities, self.boot_id, self.reset_cause)
        state = (self.compartments, self.last_number, self.nonce, self.now_ms)
        self._say(Hello(*who, *state))

    def _say_status(self) -> None:
        sensors, drive = self.sensors, self.moves.get(DriveWord)
        moving = drive if isinstance(drive, DriveWord) else None
        flags = self.greeted | (self.heard_ms is None) << 1 | sensors.stop_pressed << 2
        flags |= self.siren.sounds(self.now_ms) << 3
        speeds = (moving.speed_mmps, moving.turn_mradps) if moving else (0, 0)
        damaged = self._unsound + self._frames.damaged
        who = (self.boot_id, self.now_ms, flags, *speeds)
        self._say(sensors.status(who, (self._lost_events, damaged)))

    def _answer(self, number: int, reason: int) -> None:
        self._say(Answer(number, reason, self.nonce, self.boot_id))

    def _say(self, word: Word) -> None:
        data = encode_word(word, self._seq)
        self._seq = (self._seq + 1) % 256
        if len(self._out) + len(data) <= MOST_OUT_BYTES:
            self._out += data
