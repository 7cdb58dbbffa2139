"""The controller between two starts: it knows its conversations and hands each its messages."""

import math
from collections.abc import Callable
from datetime import datetime

from firmware_bridge.mavlink.wire.dialect import Message, mavlink
from firmware_bridge.mavlink.wire.outbox import Outbox
from sim.devices.autopilot.manners.manner import Activity, Manner
from sim.devices.autopilot.memory import Memory
from sim.devices.autopilot.pilot.craft import Craft
from sim.devices.autopilot.pilot.failsafes import LOOKS_S, Failsafes
from sim.devices.autopilot.pilot.ground import Point
from sim.devices.autopilot.pilot.plant import News, Plant
from sim.devices.autopilot.talk import small
from sim.devices.autopilot.talk.around import Around
from sim.devices.autopilot.talk.motion import Motion
from sim.devices.autopilot.talk.orders.commands import CommandTalk, Requests
from sim.devices.autopilot.talk.orders.flying import mode_verdict
from sim.devices.autopilot.talk.parameters import ParameterTalk
from sim.devices.autopilot.talk.plans import PlanTalk
from sim.devices.autopilot.talk.setpoints import take_setpoint
from sim.devices.autopilot.talk.status import Status
from sim.devices.autopilot.talk.streams import Streams
from sim.devices.autopilot.talk.voice import AUTOPILOT_COMPONENT, Voice

HOME_POSITION, MISSION_CURRENT = 242, 42
GROUND_STATION = 6
Peer = tuple[int, int]


class Controller:
    """All that a restart forgets."""

    def __init__(
        self,
        manner: Manner,
        memory: Memory,
        plant: Plant,
        outbox: Outbox,
        *,
        now_s: float,
        utc: datetime,
        reboot: Callable[[float], None],
    ) -> None:
        self._manner = manner
        self.voice = Voice(manner, outbox, now_s, now_s)
        self.craft = Craft(manner, memory, plant, now_s)
        self.failsafes = Failsafes(self.craft)
        self._motion = Motion(self.craft, self.voice)
        self._status = Status(self.craft, self.failsafes, self.voice, utc)
        self._around = Around(self.craft, self.voice)
        numbers = self._motion.numbers | self._status.numbers | self._around.numbers
        self.streams = Streams(manner, numbers, now_s)
        self._parameters = ParameterTalk(memory.parameters, self.voice)
        self._plans = PlanTalk(self.craft, self.voice)
        requests = Requests(self.message, self.streams, reboot)
        self._commands = CommandTalk(self.craft, self.voice, requests)
        self._ask_s = now_s + min(1.0, manner.asks_time_s)
        self._look_s = now_s + manner.ready_s
        self._takes: dict[str, Callable[[Peer, Message], None]] = {
            "HEARTBEAT": self._heartbeat,
            "COMMAND_LONG": self._commands.take,
            "COMMAND_INT": self._commands.take,
            "SET_MODE": self._set_mode,
            "PARAM_REQUEST_LIST": lambda _, __: self._parameters.begin_list(),
            "PARAM_REQUEST_READ": lambda _, message: self._parameters.read(message),
            "PARAM_SET": lambda _, message: self._parameters.write(message),
            "MISSION_COUNT": self._plans.count,
            "MISSION_ITEM_INT": self._plans.item,
            "MISSION_ITEM": self._plans.item,
            "MISSION_REQUEST_LIST": self._plans.request_list,
            "MISSION_REQUEST_INT": self._plans.request,
            "MISSION_REQUEST": self._plans.request,
            "MISSION_ACK": lambda _, message: self._plans.acked(message),
            "MISSION_CLEAR_ALL": self._plans.clear,
            "MISSION_SET_CURRENT": self._set_current,
            "SET_POSITION_TARGET_GLOBAL_INT": self._setpoint,
            "SET_POSITION_TARGET_LOCAL_NED": self._setpoint,
            "REQUEST_DATA_STREAM": self._data_stream,
            "TIMESYNC": self._small(small.answer_timesync),
            "PING": self._small(small.answer_ping),
            "FILE_TRANSFER_PROTOCOL": self._small(small.answer_file),
        }

    def message(self, number: int) -> Message | None:
        """Return a message of this number as of now; None if it has nothing to say."""
        makers = (self._motion, self._status, self._around)
        return next((told for m in makers if (told := m.make(number)) is not None), None)

    @property
    def wake_at_s(self) -> float:
        """When it wants to go on."""
        return min(
            self.streams.wake_at_s,
            self._parameters.wake_at_s,
            self._plans.wake_at_s,
            self._ask_s,
            self._look_s,
        )

    def take(self, peer: Peer, message: Message, now_s: float) -> None:
        """Take one message of a peer; those for others are passed over."""
        self.voice.now_s = self.craft.now_s = now_s
        if getattr(message, "target_system", 0) not in (0, self.voice.outbox.system):
            return
        if getattr(message, "target_component", 0) not in (0, AUTOPILOT_COMPONENT):
            return
        if take := self._takes.get(message.get_type()):
            take(peer, message)
            self._tell_news()

    def step(self, spent_s: float, now_s: float) -> None:
        """Move the vehicle on."""
        self.voice.now_s = self.craft.now_s = now_s
        self.craft.step(spent_s)
        self._tell_news()

    def wake(self, now_s: float) -> None:
        """Do what is due."""
        self.voice.now_s = self.craft.now_s = now_s
        if now_s >= self._look_s:
            self._look()
        self._plans.go_on()
        self._parameters.go_on()
        if now_s >= self._ask_s:
            small.ask_time(self.voice)
            self._ask_s = now_s + self._manner.asks_time_s
        for number in self.streams.due(now_s):
            if told := self.message(number):
                self.voice.say(told)
        self._tell_news()

    def _look(self) -> None:
        """See to home and to the failsafes."""
        craft = self.craft
        if craft.knows_position and not craft.has_home:
            here = craft.here
            craft.home = Point(here.east_m, here.north_m, here.up_m if craft.flies else 0.0)
            if craft.activity is Activity.BOOT:
                craft.set_mode(0)
        self.failsafes.look(self.voice.now_s)
        waits = not craft.armed and craft.has_home
        self._look_s = math.inf if waits else self.voice.now_s + LOOKS_S

    def _tell_news(self) -> None:
        craft, voice = self.craft, self.voice
        if craft.armed and math.isinf(self._look_s):
            self._look_s = voice.now_s
        news, craft.news = craft.news, News()
        for severity, text in news.texts:
            voice.tell(severity, text)
        for seq in news.reached:
            voice.say(mavlink.MAVLink_mission_item_reached_message(seq))
        if news.current is not None and (told := self.message(MISSION_CURRENT)):
            voice.say(told)
        if news.home_moved and (told := self.message(HOME_POSITION)):
            voice.say(told)

    # Messages that need no conversation.

    def _heartbeat(self, peer: Peer, message: Message) -> None:
        if self._manner.gcs_is_system:
            counts = peer[0] == int(self.craft.parameters["MAV_GCS_SYSID"])
        else:
            counts = message.type == GROUND_STATION
        if counts:
            self.failsafes.heard_gcs(self.voice.now_s)

    def _set_mode(self, peer: Peer, message: Message) -> None:
        verdict = mode_verdict(self.craft, message.custom_mode)
        if self._manner.firmware == "ardupilot":
            self.voice.say(mavlink.MAVLink_command_ack_message(11, verdict, 0, 0, *peer))

    def _set_current(self, _peer: Peer, message: Message) -> None:
        self.craft.mission.jump(message.seq)

    def _setpoint(self, _peer: Peer, message: Message) -> None:
        take_setpoint(self.craft, message)

    def _data_stream(self, _peer: Peer, message: Message) -> None:
        hz = message.req_message_rate if message.start_stop else 0
        self.streams.set_group(message.req_stream_id, hz, self.voice.now_s)

    def _small(
        self, answer: Callable[[Voice, Peer, Message], None]
    ) -> Callable[[Peer, Message], None]:
        return lambda peer, message: answer(self.voice, peer, message)
