"""A robot's lid with locked compartments under it: what moves, what its sensors feel."""

from edge.messages.parcels import ParcelId
from firmware_bridge.mcu.words import LidWord
from sim.devices.mcu import Controller
from sim.devices.mcu_parts import Sensors

LID_S = 3.0  # from shut to open
REACH_FRAC = 0.5  # so far open somebody can reach in
LEVEL_CDEG = 150


class Strongbox:
    """One lid, and compartments with a door and a bolt each."""

    def __init__(self, compartments: int) -> None:
        self.lid_frac = 0.0
        """0 shut, 1 open."""
        self.doors = [False] * compartments
        """Which stand open."""
        self.held: list[ParcelId | None] = [None] * compartments
        self.is_lifted = False
        self.stuck = False
        """The lid does not move, whatever its motor does."""
        self.jammed = False
        """No door opens, though its bolt is drawn."""

    def step(self, controller: Controller, spent_s: float) -> None:
        """Move what is told to move."""
        word = controller.moves.get(LidWord)
        if isinstance(word, LidWord) and not self.stuck:
            moved = word.direction * spent_s / LID_S
            self.lid_frac = min(1.0, max(0.0, self.lid_frac + moved))

    def sensors(self, controller: Controller) -> Sensors:
        """Return what is felt."""
        drawn = controller.drawn
        return Sensors(
            doors=[int(is_open) for is_open in self.doors],
            bolts=[int(index not in drawn) for index in range(len(self.doors))],
            lid=int(self.lid_frac > 0.0),
            tilt_cdeg=LEVEL_CDEG,
            lifted=int(self.is_lifted),
            temperature_cc=2000,
            battery_mv=25_000,
        )

    def can_open(self, index: int, controller: Controller) -> bool:
        """Tell whether somebody gets a compartment's door open."""
        reached = self.lid_frac >= REACH_FRAC and not self.jammed
        return reached and index in controller.drawn

    def put_in(self, parcel_id: ParcelId, number: int) -> None:
        """Put a parcel into a compartment, counted from 1; at its base a person has a key."""
        assert self.held[number - 1] in (None, parcel_id), f"compartment {number} is full"
        self.held[number - 1] = parcel_id

    def take_out(self, parcel_id: ParcelId) -> bool:
        """Take a parcel out at the station; tell whether it was there."""
        if parcel_id not in self.held:
            return False
        self.held[self.held.index(parcel_id)] = None
        return True
