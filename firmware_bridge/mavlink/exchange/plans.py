"""Load a plan so that it is on board whole and proven, or not at all.

uploading → reading ─ same ─→ done
    ↑          │ other, or silence: the whole plan again, some times
    └─ pausing ┘
all in vain, or refused → clearing → reading ─ nothing left ─→ refused, rolled back
"""

import math
from enum import Enum

from edge.messages.machines.plans import PlanKind
from firmware_bridge.mavlink.exchange.clear import Clear
from firmware_bridge.mavlink.exchange.download import Download
from firmware_bridge.mavlink.exchange.exchange import DONE, Ended, Exchange, Line
from firmware_bridge.mavlink.exchange.items import PLAN_TYPES, Item, differences
from firmware_bridge.mavlink.exchange.upload import Upload
from firmware_bridge.mavlink.manners.manner import Manner
from firmware_bridge.mavlink.wire.dialect import Message

MOST_UPLOADS = 8
MOST_CLEARS = 3
DEADLINE_S = 90.0
DEADLINE_PER_ITEM_S = 10.0  # 30 % loss both ways and 0.4 s delay take 2 s an item and attempt
PAUSE_S = 1.0


class Phase(Enum):
    """Where a loading stands."""

    UPLOADING = "uploading"
    READING = "reading"
    PAUSING = "pausing"
    CLEARING = "clearing"
    READING_NOTHING = "reading nothing"


class Board:
    """What is known to be on board: only what was read back and was the same."""

    def __init__(self) -> None:
        self._proven: dict[PlanKind, tuple[Item, ...]] = {}

    def proven(self, kind: PlanKind) -> tuple[Item, ...] | None:
        """Return the plan that is on board for certain; None if nobody knows."""
        return self._proven.get(kind)

    def prove(self, kind: PlanKind, items: tuple[Item, ...]) -> None:
        """Take a plan as read back and compared."""
        self._proven[kind] = items

    def doubt(self, kind: PlanKind) -> None:
        """Forget what was proven: something may be changing it."""
        self._proven.pop(kind, None)

    def doubt_all(self) -> None:
        """Forget everything: the autopilot has started anew, or is another one."""
        self._proven.clear()


class LoadingPlan:
    """One order to load; while it runs nothing is proven, so nothing may be armed."""

    def __init__(
        self,
        line: Line,
        manner: Manner,
        board: Board,
        kind: PlanKind,
        items: tuple[Item, ...],
        *,
        ints: bool,
        may_clear: bool,
    ) -> None:
        """`may_clear`: false in the air, where no plan at all is worse than a doubtful one."""
        self._line = line
        self._manner = manner
        self._board = board
        self._kind: PlanKind = kind
        self._items = items
        self._ints = ints
        self._may_clear = may_clear
        self._phase = Phase.UPLOADING
        self._child: Exchange | None = None
        self._uploads = 0
        self._clears = 0
        self._pause_until_s = math.inf
        self._give_up_s = math.inf
        self._why = ""
        self.ended: Ended | None = None

    @property
    def wake_at_s(self) -> float:
        """When `wake` wants to be called."""
        return self._child.wake_at_s if self._child else self._pause_until_s

    def begin(self, now_s: float) -> None:
        """Start the first attempt."""
        self._board.doubt(self._kind)
        self._give_up_s = now_s + DEADLINE_S + DEADLINE_PER_ITEM_S * len(self._items)
        self._put(now_s)

    def take(self, message: Message, now_s: float) -> None:
        """Hand a message to the present attempt."""
        if self._child:
            self._child.take(message, now_s)
            self._go_on(now_s)

    def wake(self, now_s: float) -> None:
        """Do what is due."""
        if self._child:
            self._child.wake(now_s)
            self._go_on(now_s)
        elif now_s >= self._pause_until_s:
            self._pause_until_s = math.inf
            self._put(now_s)

    def abandon(self, now_s: float) -> None:
        """Stop here: what is on board stays in doubt."""
        if self._child:
            self._child.abandon(now_s)
        self._end(Ended("unanswered", "abandoned; what is on board is in doubt"))

    def restarted(self, now_s: float) -> None:
        """Begin again: the autopilot has, and what it had not yet stored is gone."""
        if self._child:
            self._child.abandon(now_s)
            self._child = None
        if self.ended is None:
            self._again("the autopilot started anew", now_s)

    def _put(self, now_s: float) -> None:
        if not self._items:
            self._clear(now_s)
            return
        self._uploads += 1
        quiet_s = self._manner.abandons_after_s + self._line.pace.wait_s()
        upload = Upload(
            self._line, self._items, PLAN_TYPES[self._kind], quiet_s=quiet_s, ints=self._ints
        )
        self._follow(Phase.UPLOADING, upload, now_s)

    def _clear(self, now_s: float) -> None:
        self._clears += 1
        self._follow(Phase.CLEARING, Clear(self._line, PLAN_TYPES[self._kind]), now_s)

    def _read(self, phase: Phase, now_s: float) -> None:
        download = Download(self._line, PLAN_TYPES[self._kind], ints=self._ints)
        self._follow(phase, download, now_s)

    def _follow(self, phase: Phase, child: Exchange, now_s: float) -> None:
        self._phase, self._child = phase, child
        child.begin(now_s)

    def _go_on(self, now_s: float) -> None:
        child = self._child
        if child is None or child.ended is None:
            return
        self._child = None
        match self._phase:
            case Phase.UPLOADING:
                assert isinstance(child, Upload), "only an upload is uploading"
                self._uploaded(child, child.ended, now_s)
            case Phase.READING:
                assert isinstance(child, Download), "only a download is reading"
                self._read_back(child, child.ended, now_s)
            case Phase.CLEARING:
                self._read(Phase.READING_NOTHING, now_s)  # whatever the acknowledgement said
            case Phase.READING_NOTHING:
                assert isinstance(child, Download), "only a download is reading"
                self._read_nothing(child, child.ended, now_s)
            case Phase.PAUSING:
                raise AssertionError("a pause has no exchange")

    def _uploaded(self, upload: Upload, ended: Ended, now_s: float) -> None:
        if ended.result == "done":
            self._read(Phase.READING, now_s)
        elif upload.is_passing or ended.result == "unanswered":
            self._again(ended.why, now_s)
        else:
            self._roll_back(f"refused: {ended.why}", now_s)

    def _read_back(self, download: Download, ended: Ended, now_s: float) -> None:
        if ended.result != "done":
            self._again(f"cannot be read back: {ended.why}", now_s)
            return
        other = differences(
            self._items, download.items, self._manner, self._kind, grain_e7=download.grain_e7
        )
        if other:
            self._again(f"not the same on board: {other[0]}", now_s)
            return
        self._board.prove(self._kind, self._items)
        self._end(DONE)

    def _again(self, why: str, now_s: float) -> None:
        self._why = why
        if self._uploads >= MOST_UPLOADS or now_s >= self._give_up_s:
            self._roll_back(why, now_s)
            return
        self._phase = Phase.PAUSING
        # Longer each time: a busy autopilot is busy for seconds, a booting one for more.
        self._pause_until_s = now_s + min(
            PAUSE_S * self._uploads, self._manner.abandons_after_s
        )

    def _roll_back(self, why: str, now_s: float) -> None:
        self._why = why
        if self._may_clear:
            self._clear(now_s)
        else:
            self._end(Ended("refused", f"{why}; what is on board is in doubt"))

    def _read_nothing(self, download: Download, ended: Ended, now_s: float) -> None:
        is_empty = ended.result == "done" and not differences(
            (), download.items, self._manner, self._kind
        )
        if is_empty:
            self._board.prove(self._kind, ())
            self._end(Ended("refused", f"{self._why}; rolled back") if self._items else DONE)
        elif self._clears < MOST_CLEARS:
            self._clear(now_s)
        else:
            why = self._why or ended.why
            self._end(Ended("unanswered", f"{why}; what is on board is in doubt"))

    def _end(self, ended: Ended) -> None:
        self.ended = self.ended or ended
        self._child = None
        self._pause_until_s = math.inf


class CheckingPlan:
    """Read back what is on board, and compare it with what should be."""

    def __init__(
        self,
        line: Line,
        manner: Manner,
        board: Board,
        kind: PlanKind,
        items: tuple[Item, ...],
        *,
        ints: bool,
    ) -> None:
        self._manner = manner
        self._board = board
        self._kind: PlanKind = kind
        self._items = items
        self._download = Download(line, PLAN_TYPES[kind], ints=ints)
        self.ended: Ended | None = None

    @property
    def wake_at_s(self) -> float:
        """When `wake` wants to be called."""
        return self._download.wake_at_s

    def begin(self, now_s: float) -> None:
        """Ask how many items there are."""
        self._board.doubt(self._kind)
        self._download.begin(now_s)

    def take(self, message: Message, now_s: float) -> None:
        """Take the next item."""
        self._download.take(message, now_s)
        self._judge()

    def wake(self, now_s: float) -> None:
        """Ask again, or give up."""
        self._download.wake(now_s)
        self._judge()

    def abandon(self, now_s: float) -> None:
        """End it for both sides."""
        self._download.abandon(now_s)
        self._judge()

    def _judge(self) -> None:
        ended = self._download.ended
        if ended is None or self.ended:
            return
        if ended.result == "done":
            grain_e7 = self._download.grain_e7
            kept = self._download.items
            other = differences(self._items, kept, self._manner, self._kind, grain_e7=grain_e7)
            if other:
                ended = Ended("refused", f"not the same on board: {other[0]}")
            else:
                self._board.prove(self._kind, self._items)
        self.ended = ended
