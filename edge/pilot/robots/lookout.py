"""What the lookout, the controller and a person from afar said of a robot's surroundings."""

from dataclasses import dataclass, field

from edge.messages.machines.controller import CompartmentEvent
from edge.messages.machines.pavement import CrossingLeave, HelperBeat, LookedAround
from edge.sidewalk.asking import name_of
from edge.sidewalk.progress import Helper
from edge.sidewalk.rules.aside import BEAT_S

MOST_LEAVES = 64


@dataclass(slots=True)
class Lookout:
    """What was seen and heard round the robot last; of this start only."""

    around: LookedAround | None = None
    leaves: dict[str, CrossingLeave] = field(default_factory=dict)
    beat: HelperBeat | None = None
    forced: str = ""
    """A compartment was forced, until a person has looked."""

    def hear(self, word: object) -> None:
        """Take a word."""
        match word:
            case LookedAround():
                self.around = word
            case CrossingLeave():
                self.leaves.pop(word.crossing_id, None)
                if len(self.leaves) >= MOST_LEAVES:
                    del self.leaves[next(iter(self.leaves))]  # the oldest
                self.leaves[word.crossing_id] = word
            case HelperBeat() if self._counts(word):
                self.beat = word
            case CompartmentEvent(what="forced"):
                self.forced = f"compartment {name_of(word.compartment)} was forced"

    def _counts(self, word: HelperBeat) -> bool:
        """Tell whether a beat is news: one person at a time, and none that is older."""
        last = self.beat
        if last is None or last.left_s <= 0 or word.operator == last.operator:
            return last is None or word.received_s >= last.received_s or word.left_s <= 0
        lives_s = min(BEAT_S, last.left_s)
        return word.received_s > last.received_s + lives_s

    def helper(self) -> Helper | None:
        """Return who helps from afar."""
        beat = self.beat
        if beat is None or beat.left_s <= 0:
            return None
        until_s = beat.received_s + beat.left_s
        return Helper(operator=beat.operator, until_s=until_s, heard_s=beat.received_s)
