"""The far end of the mission protocol, as both firmwares were seen to speak it."""

from dataclasses import dataclass, field

from pymavlink.dialects.v20 import ardupilotmega as mavlink

HOME = (474250000, 85541666, 448.0)
NOT_YET_S = 3.0
TWINS = {6: 3, 5: 0, 11: 10}
PLACED = {16, 21, 22, 94, 5100, 5001, 5002, 5003, 5004}


@dataclass
class Transfer:
    """An upload that is open."""

    count: int
    asked_s: float
    last_s: float
    reasks: int = 0
    items: list = field(default_factory=list)


class ScriptedPlans:
    """What an autopilot does with plans; `Scripted` is the rest of it."""

    def ack(self, plan_type, verdict):
        self.say(mavlink.MAVLink_mission_ack_message(1, 191, verdict, plan_type))

    def ask(self, plan_type):
        one = self.upload[plan_type]
        one.asked_s = self.now_s
        kind = (
            mavlink.MAVLink_mission_request_int_message
            if self.is_px4
            else mavlink.MAVLink_mission_request_message
        )
        self.say(kind(1, 191, len(one.items), plan_type))

    def on_mission_count(self, m):
        plan_type = m.mission_type
        if not self.is_px4 and self.now_s - self.alive_s < NOT_YET_S and self.alive_s > 0:
            self.ack(plan_type, 4)
            return
        if self.is_px4 and (self.busy() or any(one.items for one in self.upload.values())):
            self.ack(plan_type, 1)
            return
        if not self.is_px4:
            old = self.plans[plan_type]
            self.plans[plan_type] = (old + [None] * m.count)[: m.count]
        self.upload[plan_type] = Transfer(m.count, self.now_s, self.now_s)
        self.ask(plan_type)

    def busy(self):
        return any(self.now_s - at_s < 5.0 for at_s in self.serving.values())

    def on_mission_item_int(self, m):
        plan_type = m.mission_type
        one = self.upload.get(plan_type)
        if one is None:
            return
        if m.seq != len(one.items):
            if not self.is_px4:
                self.ack(plan_type, 13)
            return
        if m.command in self.refuses:
            del self.upload[plan_type]
            self.ack(plan_type, 3)
            return
        item = self.kept(m)
        one.items.append(item)
        one.last_s = self.now_s
        if not self.is_px4:
            self.plans[plan_type][m.seq] = item
        if len(one.items) < one.count:
            self.ask(plan_type)
            return
        del self.upload[plan_type]
        self.plans[plan_type] = one.items
        self.ack(plan_type, 0)

    on_mission_item = on_mission_item_int

    def kept(self, m):
        """What is stored of an item, in this firmware's way."""
        x, y = m.x, m.y
        if m.get_type() == "MISSION_ITEM":
            x, y = round(x * 1e7), round(y * 1e7)
        if self.is_px4:
            frame = m.frame
        elif m.mission_type == 0 and m.seq == 0:
            return (16, 0, (0.0, 0.0, 0.0, 0.0), *HOME)
        else:
            frame = TWINS.get(m.frame, m.frame) if m.command in PLACED else 0
        height = m.z if self.is_px4 else round(m.z, 2)
        return (m.command, frame, (m.param1, m.param2, m.param3, m.param4), x, y, height)

    def on_mission_request_list(self, m):
        if self.upload:
            if not self.is_px4:
                self.ack(m.mission_type, 14)
            return
        self.serving[m.mission_type] = self.now_s
        count = len(self.plans[m.mission_type])
        self.say(mavlink.MAVLink_mission_count_message(1, 191, count, m.mission_type))

    def on_mission_request_int(self, m):
        plan = self.plans[m.mission_type]
        if self.is_px4 and m.mission_type not in self.serving:
            return
        if m.seq >= len(plan):
            self.ack(m.mission_type, 13)
            return
        if self.is_px4:
            self.serving[m.mission_type] = self.now_s
        command, frame, params, x, y, z = plan[m.seq] or (16, 0, (0, 0, 0, 0), 0, 0, 0)
        kind = mavlink.MAVLink_mission_item_int_message
        if m.get_type() == "MISSION_REQUEST":
            kind, x, y = mavlink.MAVLink_mission_item_message, x / 1e7, y / 1e7
        self.say(kind(1, 191, m.seq, frame, command, 0, 1, *params, x, y, z, m.mission_type))

    on_mission_request = on_mission_request_int

    def on_mission_ack(self, m):
        self.serving.pop(m.mission_type, None)

    def on_mission_clear_all(self, m):
        if self.is_px4 and self.busy():
            self.ack(m.mission_type, 1)
            return
        self.plans[m.mission_type] = []
        self.upload.pop(m.mission_type, None)
        self.ack(m.mission_type, 0)
