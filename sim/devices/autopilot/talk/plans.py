"""Missions, fences and rally points going up and down, as each firmware does it."""

import math
from dataclasses import dataclass, field

from firmware_bridge.mavlink.wire.dialect import Message, mavlink
from sim.devices.autopilot.manners.manner import Manner
from sim.devices.autopilot.memory import Item
from sim.devices.autopilot.pilot.craft import Craft
from sim.devices.autopilot.pilot.plant import WARNING
from sim.devices.autopilot.talk.items import MISSION, home_item, item_message, why_refused
from sim.devices.autopilot.talk.items import stored_item as stored
from sim.devices.autopilot.talk.voice import Voice

ACCEPTED, FAILED, NO_SPACE, INVALID_SEQUENCE, DENIED = 0, 1, 4, 13, 14
Peer = tuple[int, int]


@dataclass(slots=True)
class Upload:
    """One that is open."""

    peer: Peer
    kind: int
    count: int
    begun_s: float
    heard_s: float
    asked_s: float
    items: list[Item] = field(default_factory=list)


class PlanTalk:
    """All three kinds of plan; PX4 has one transfer at all, ArduPilot one of each kind."""

    def __init__(self, craft: Craft, voice: Voice) -> None:
        self._craft = craft
        self._voice = voice
        self._uploads: dict[int, Upload] = {}
        self._download: tuple[Peer, int, float] | None = None
        """Whom, which kind, and when last heard; only where it keeps others out."""

    @property
    def _manner(self) -> Manner:
        return self._voice.manner

    @property
    def wake_at_s(self) -> float:
        """When something is to be asked again."""
        return min(
            (
                min(u.asked_s + self._manner.asks_again_s, u.heard_s + self._manner.gives_up_s)
                for u in self._uploads.values()
            ),
            default=math.inf,
        )

    def go_on(self) -> None:
        """Ask again for what does not come, and give up in the end."""
        now_s, manner = self._voice.now_s, self._manner
        for upload in list(self._uploads.values()):
            if now_s >= upload.heard_s + manner.gives_up_s:
                del self._uploads[upload.kind]
                if manner.gives_up_ack is None:
                    self._voice.tell(WARNING, "Operation timeout")
                else:
                    self._ack(upload.peer, upload.kind, manner.gives_up_ack)
            elif now_s >= upload.asked_s + manner.asks_again_s:
                self._ask(upload)

    # Up.

    def count(self, peer: Peer, message: Message) -> None:
        """Answer MISSION_COUNT: an upload begins."""
        voice, manner, kind = self._voice, self._manner, message.mission_type
        if kind not in self._craft.plans:
            self._ack(peer, kind, 3)
        elif voice.now_s - voice.boot_s < manner.no_uploads_s:
            voice.tell(WARNING, "Only 0 items are supported")
            self._ack(peer, kind, NO_SPACE)
        elif self._is_busy(kind):
            voice.tell(WARNING, "WPM: IGN MISSION_COUNT: Busy")
            self._ack(peer, kind, FAILED)
        elif message.count > manner.most_items:
            voice.tell(WARNING, f"Only {manner.most_items} items are supported")
            self._ack(peer, kind, NO_SPACE)
        elif (open_ := self._uploads.get(kind)) and open_.peer != peer:
            self._ack(peer, kind, DENIED)
        else:
            now_s = voice.now_s
            upload = Upload(peer, kind, message.count, now_s, now_s, now_s)
            if self._writes_through(kind):
                del self._craft.plans[kind][message.count :]
            self._uploads[kind] = upload
            if message.count:
                self._ask(upload)
            else:
                self._finish(upload)

    def _is_busy(self, kind: int) -> bool:
        """PX4 lets nobody in before the last transfer is over."""
        if self._manner.upload_restarts:
            return False
        return bool(self._uploads) or self._is_held(kind)

    def _is_held(self, kind: int) -> bool:  # noqa: ARG002 (one transfer at all)
        if self._download is None:
            return False
        return self._voice.now_s - self._download[2] < self._manner.download_holds_s

    def _writes_through(self, kind: int) -> bool:
        """ArduPilot keeps no second copy, but of a fence."""
        return not self._manner.keeps_old_plan and kind != 1

    def item(self, peer: Peer, message: Message) -> None:
        """Take MISSION_ITEM_INT or MISSION_ITEM."""
        kind = message.mission_type
        upload = self._uploads.get(kind)
        if upload is None or upload.peer != peer:
            return
        if message.seq != len(upload.items):
            return  # late or twice; what is missing will be asked for again
        verdict = why_refused(message, self._manner)
        if verdict:
            del self._uploads[kind]
            self._ack(peer, kind, verdict)
            return
        upload.heard_s = self._voice.now_s
        one = stored(message, self._manner, self._home_item())
        upload.items.append(one)
        if self._writes_through(kind):
            self._craft.plans[kind][message.seq : message.seq + 1] = [one]
        if len(upload.items) < upload.count:
            self._ask(upload)
        else:
            self._finish(upload)

    def _finish(self, upload: Upload) -> None:
        del self._uploads[upload.kind]
        self._craft.plans[upload.kind][:] = upload.items
        if upload.kind == MISSION:
            self._craft.mission.replaced()
        self._ack(upload.peer, upload.kind, ACCEPTED)

    def _ask(self, upload: Upload) -> None:
        upload.asked_s = self._voice.now_s
        kind = (
            mavlink.MAVLink_mission_request_int_message
            if self._manner.asks_int
            else mavlink.MAVLink_mission_request_message
        )
        self._voice.say(kind(*upload.peer, len(upload.items), upload.kind))

    def _home_item(self) -> Item | None:
        if not self._manner.has_home_item:
            return None
        ground = self._craft.plant.ground
        return home_item(self._craft.home, ground)

    # Down.

    def request_list(self, peer: Peer, message: Message) -> None:
        """Answer MISSION_REQUEST_LIST with how many there are."""
        kind = message.mission_type
        if kind not in self._craft.plans:
            self._ack(peer, kind, 3)
            return
        in_upload = kind in self._uploads or (self._uploads and self._manner.keeps_old_plan)
        if in_upload:
            if self._manner.answers_download_in_upload:
                self._ack(peer, kind, DENIED)
            return
        plan = self._craft.plans[kind]
        if plan and self._manner.download_holds_s:
            self._download = (peer, kind, self._voice.now_s)
        self._voice.say(mavlink.MAVLink_mission_count_message(*peer, len(plan), kind))

    def request(self, peer: Peer, message: Message) -> None:
        """Answer MISSION_REQUEST_INT and MISSION_REQUEST, each in its own way."""
        kind = message.mission_type
        plan = self._craft.plans.get(kind, [])
        if self._manner.download_holds_s:
            if self._download is None or self._download[1] != kind:
                return
            self._download = (peer, kind, self._voice.now_s)
        if not 0 <= message.seq < len(plan):
            self._ack(peer, kind, INVALID_SEQUENCE)
            return
        item = plan[message.seq]
        if message.seq == 0 and kind == MISSION:
            item = self._home_item() or item
        as_int = message.get_type() == "MISSION_REQUEST_INT"
        current = kind == MISSION and message.seq == self._craft.mission.current
        self._voice.say(item_message(peer, message.seq, item, kind, current, as_int=as_int))

    def acked(self, message: Message) -> None:
        """Take the end of a download, or of an upload that the sender has given up."""
        if self._download and self._download[1] == message.mission_type:
            self._download = None
        elif message.type != ACCEPTED:
            self._uploads.pop(message.mission_type, None)

    def clear(self, peer: Peer, message: Message) -> None:
        """Answer MISSION_CLEAR_ALL."""
        kind = message.mission_type
        kinds = list(self._craft.plans) if kind == 255 else [kind]
        mission = self._craft.mission
        if self._is_busy(kind) or (self._craft.gives_texts and mission.is_running):
            self._ack(peer, kind, FAILED)
            return
        for one in kinds:
            self._uploads.pop(one, None)
            self._craft.plans.get(one, []).clear()
        if MISSION in kinds:
            mission.replaced()
        self._ack(peer, kind, ACCEPTED)

    def _ack(self, peer: Peer, kind: int, verdict: int) -> None:
        self._voice.say(mavlink.MAVLink_mission_ack_message(*peer, verdict, kind))
