"""The vehicle with its pilot: armed or not, in a mode, doing something, step by step."""

from sim.devices.autopilot.manners.manner import Activity, Manner
from sim.devices.autopilot.memory import Memory
from sim.devices.autopilot.pilot.deeds import Climb, Deed, Land, Return, Stay
from sim.devices.autopilot.pilot.ground import Point
from sim.devices.autopilot.pilot.mission import Mission
from sim.devices.autopilot.pilot.payload import Payload
from sim.devices.autopilot.pilot.plant import EMERGENCY, INFO, WARNING, News, Plant
from sim.vehicles.machines.body import Demand

ON_GROUND = 1


class Craft:
    """What the controller knows and does between two starts."""

    def __init__(self, manner: Manner, memory: Memory, plant: Plant, now_s: float) -> None:
        self.manner = manner
        self.parameters = memory.parameters
        self.plans = memory.plans
        self.plant = plant
        self.machine = plant.machine
        self.now_s = self.boot_s = now_s
        self.armed = False
        self.custom_mode = manner.boot_mode
        self.payload = Payload(plant.machine)
        self.mission = Mission(self)
        self.news = News()
        self.deed: Deed = Stay()
        self.speed_mps: float | None = None
        """As a command asked for, until the next start."""
        self.in_failsafe = False
        self.setpoint_s = -1e9
        """When the last OFFBOARD setpoint came."""
        self._home: Point | None = None
        self._flown = False
        self._idle_s = 0.0

    # What a deed may ask.

    @property
    def here(self) -> Point:
        """Where it believes to be."""
        return self.plant.sensors.point

    @property
    def is_on_ground(self) -> bool:
        """It stands."""
        return self.machine.is_on_ground

    @property
    def flies(self) -> bool:
        """It is a copter."""
        return self.manner.kind == "copter"

    @property
    def home(self) -> Point:
        """Where it is to return to."""
        return self._home or Point(0.0, 0.0, 0.0)

    @home.setter
    def home(self, point: Point) -> None:
        self._home = point
        self.news.home_moved = True

    @property
    def refuge(self) -> Point:
        """Where a return leads: home, or a rally point that is nearer."""
        ground = self.plant.ground
        rally = [ground.point(i.x, i.y, self.home.up_m) for i in self.plans[2]]
        return min((self.home, *rally), key=self.here.level_m)

    @property
    def cruise_mps(self) -> float:
        """How fast it is to go, level."""
        return self.speed_mps or self.limit("speed", self.machine.speed_mps)

    def limit(self, name: str, otherwise: float) -> float:
        """Return one of the pilot's parameters by our word for it."""
        parameter, factor = self.manner.names.get(name, ("", 1.0))
        value = self.parameters.get(parameter, otherwise / factor) * factor
        return value if value > 0.0 or name in ("disarm_after", "disarm_landed") else otherwise

    def let_go(self) -> None:
        """Open the gripper."""
        self.payload.grip(release=True)

    # What others may ask.

    @property
    def activity(self) -> Activity:
        """What its mode makes it do."""
        return self.manner.modes[self.custom_mode][1]

    @property
    def knows_position(self) -> bool:
        """Sensors and filter have settled."""
        settled = self.now_s - self.boot_s >= self.manner.ready_s
        return settled and self.plant.sensors.sees_sky

    @property
    def has_home(self) -> bool:
        """Home is known."""
        return self._home is not None

    @property
    def goal(self) -> Point | None:
        """Where it is going, if anywhere."""
        mission = self.mission
        return mission.last_goal if self.activity is Activity.MISSION else self.deed.goal

    @property
    def landed_state(self) -> int:
        """MAV_LANDED_STATE; ArduRover does not say it."""
        if not self.flies:
            return 0 if self.manner.firmware == "ardupilot" else ON_GROUND
        if self.is_on_ground and not (self.armed and isinstance(self.deed, Climb)):
            return ON_GROUND
        doing = self.mission.deed if self.activity is Activity.MISSION else self.deed
        return doing.landed_state if doing else 2

    def tell(self, severity: int, text: str) -> None:
        """Say something to whoever listens."""
        self.news.texts.append((severity, text))

    # Arming and modes; each returns why not, or nothing.

    def why_not_arm(self) -> str:
        """Return what stands against arming."""
        if not self.knows_position:
            return "Need Position Estimate"
        if self.machine.body.crashed:
            return "Crash detected"
        if self.machine.battery.left_frac < 0.05:
            return "Battery below minimum arming voltage"
        if self.activity not in self.manner.arms_in:
            return "Mode not armable"
        if self.activity is Activity.OFFBOARD and not self.has_setpoints:
            return "Resolve system health failures first: no offboard signal"
        if self.activity is Activity.MISSION and (why := self.mission.why_not()):
            return why
        return ""

    def arm(self, *, force: bool = False) -> str:
        """Start the motors."""
        if self.armed or (not force and (why := self.why_not_arm())):
            return "" if self.armed else why
        self.armed = True
        self._idle_s = 0.0
        self._flown = False
        self.home = Point(self.here.east_m, self.here.north_m, 0.0)
        self.enter(self.custom_mode)
        self.tell(INFO, "Arming motors" if self.manner.firmware == "ardupilot" else "Armed")
        return ""

    def disarm(self, *, force: bool = False) -> str:
        """Stop the motors."""
        if self.armed and not force and self.flies and not self.is_on_ground:
            return "in the air"
        if self.armed:
            self.tell(INFO, "Disarming motors" if self.gives_texts else "Disarmed")
        self.armed = False
        self.in_failsafe = False
        self.mission.halt()
        self.deed = Stay()
        if self.activity in (Activity.LAND, Activity.TAKE_OFF, Activity.RETURN):
            self._settle()
        return ""

    @property
    def gives_texts(self) -> bool:
        """ArduPilot's wording."""
        return self.manner.firmware == "ardupilot"

    @property
    def has_setpoints(self) -> bool:
        """OFFBOARD is being fed."""
        return self.now_s - self.setpoint_s < self.parameters.get("COM_OF_LOSS_T", 1.0)

    def why_not_mode(self, custom_mode: int) -> str:
        """Return what stands against a mode."""
        row = self.manner.modes.get(custom_mode)
        if row is None:
            return "no such mode"
        name, activity = row
        if activity is Activity.MISSION and (why := self.mission.why_not()):
            return f"Mode change to {name} failed: {why}"
        needs = activity not in (Activity.MANUAL, Activity.LAND, Activity.BOOT)
        if needs and self.gives_texts and not self.knows_position and self.armed:
            return f"Mode change to {name} failed: requires position"
        return ""

    def set_mode(self, custom_mode: int) -> str:
        """Change the mode, and begin what it is for."""
        if why := self.why_not_mode(custom_mode):
            self.tell(WARNING, why)
            return why
        if custom_mode != self.custom_mode or self.activity is Activity.OFFBOARD:
            self.in_failsafe = False
            self.enter(custom_mode)
        return ""

    def do(self, activity: Activity) -> str:
        """Change to the mode of an activity."""
        custom_mode = self.manner.mode_of.get(activity)
        return "no such mode" if custom_mode is None else self.set_mode(custom_mode)

    def enter(self, custom_mode: int) -> None:
        """Be in a mode, from its beginning."""
        if self.activity is Activity.MISSION:
            self.mission.halt()
        self.custom_mode = custom_mode
        match self.activity:
            case Activity.LAND:
                self.deed = Land()
            case Activity.RETURN:
                self.deed = Return()
            case Activity.TAKE_OFF:
                up_m = self.home.up_m + self.limit("take_off", 2.5)
                self.deed = Climb(up_m) if self.is_on_ground else Stay()
            case Activity.MISSION:
                throttle = int(self.parameters.get("AUTO_OPTIONS")) & 2
                waits = self.gives_texts and self.is_on_ground and not throttle
                self.mission.released = not waits
            case Activity.MANUAL if self.flies and not self.is_on_ground:
                self.deed = Land()  # nobody holds the throttle
            case _:
                self.deed = Stay()

    # Time.

    def step(self, spent_s: float) -> None:
        """Do what a step asks for, and move on by it."""
        wind = self.plant.wind.step(spent_s)
        demand = self._demand(spent_s) if self.armed else None
        self.machine.step(demand, wind, spent_s)
        self.plant.sensors.pass_time(spent_s)
        self.payload.step(spent_s)
        if self.armed:
            self._look_after(spent_s)

    def _demand(self, spent_s: float) -> Demand:
        if self.activity is Activity.MISSION:
            demand = self.mission.step(spent_s)
            if demand is not None:
                return demand
            self._mission_over()
        if self.deed.done and not isinstance(self.deed, Land | Return):
            lands = self.activity is Activity.MANUAL and self.flies
            self.deed = Land() if lands else Stay(self.deed.goal)
            if self.activity is Activity.TAKE_OFF:
                self._settle()
        return self.deed.step(self, spent_s)

    def _mission_over(self) -> None:
        self.tell(INFO, "Mission Complete" if self.gives_texts else "Mission finished")
        goal = self.mission.last_goal
        if self.flies and self.is_on_ground and self._flown:
            self.disarm()
        elif not self.gives_texts:
            self._settle()
        self.deed = Stay(goal if self.flies else None)

    def _settle(self) -> None:
        """Fall back to where it waits for the next order."""
        if not self.gives_texts:
            self.custom_mode = self.manner.mode_of[Activity.HOLD]

    def _look_after(self, spent_s: float) -> None:
        """Disarm what has landed, or stands armed for no reason."""
        if not self.flies:
            return
        if not self.is_on_ground:
            self._flown, self._idle_s = True, 0.0
            return
        if self.machine.body.crashed:
            self.tell(EMERGENCY, "Crash: Disarming")
            self.disarm(force=True)
            return
        on_mission = self.activity is Activity.MISSION and self.mission.is_running
        if on_mission or isinstance(self.deed, Climb):
            self._idle_s = 0.0
            return
        self._idle_s += spent_s
        landed = self._flown and isinstance(self.deed, Land | Return) and self.deed.done
        if self.gives_texts:
            waits_s = 0.0 if landed else self.limit("disarm_after", 10.0)
        else:
            name = "disarm_landed" if self._flown else "disarm_after"
            waits_s = self.limit(name, 2.0)
        if (waits_s > 0.0 or landed) and self._idle_s >= waits_s:
            self.disarm()
