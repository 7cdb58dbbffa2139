"""What a person at the station and a robot say to each other while the person helps it (S6).

Late is worthless here: these words are sent once, at QoS 0, and kept by nobody. Each carries
what the vehicle said last (`echo`), so that the vehicle knows by its own clock how old it is.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from edge.messages.geo import Place
from edge.messages.instants import Utc
from edge.messages.machines.pavement import Operator

LONGEST_HELP_S = 600.0
Session = Annotated[str, Meta(pattern="^[0-9a-f]{16}$")]
Pulse = Annotated[str, Meta(max_length=64)]
HelpS = Annotated[float, Meta(gt=0, le=LONGEST_HELP_S)]
HelpMps = Annotated[float, Meta(gt=0, le=2)]


class Knocks(msgspec.Struct, frozen=True, kw_only=True, tag="knocks", tag_field="kind"):
    """Asks for a pulse, to begin with; it needs none itself and does nothing."""


class Begins(msgspec.Struct, frozen=True, kw_only=True, tag="begins", tag_field="kind"):
    """Takes the robot over, for so long at most."""

    lasts_s: HelpS


class Beats(msgspec.Struct, frozen=True, kw_only=True, tag="beats", tag_field="kind"):
    """Holds the button, and says nothing new."""


class Steers(msgspec.Struct, frozen=True, kw_only=True, tag="steers", tag_field="kind"):
    """Wants it to go straight there, as long as the beats come."""

    place: Place
    speed_mps: HelpMps


class Stands(msgspec.Struct, frozen=True, kw_only=True, tag="stands", tag_field="kind"):
    """Wants it to stand."""


class GivesBack(msgspec.Struct, frozen=True, kw_only=True, tag="gives_back", tag_field="kind"):
    """Is done: it stands, and goes on by itself."""


HelpWish = Knocks | Begins | Beats | Steers | Stands | GivesBack


class HelpWord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """From the person to one vehicle, signed by the station (`down/help`)."""

    vehicle: str
    session: Session
    """Of one person at one time; never used again."""
    seq: Annotated[int, Meta(ge=1)]
    """Rises within the session."""
    operator: Operator
    issued_utc: Utc
    wish: HelpWish
    echo: Pulse = ""
    """The pulse that was heard last."""
    key_id: str = ""
    signature: str = ""


class HelpAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """From the vehicle, signed by it, some times a second while it matters (`up/help`)."""

    vehicle: str
    pulse: Pulse
    """A name for this instant; never used again."""
    utc: Utc
    phase: str
    """Its sub-state."""
    session: str = ""
    """Of whom it listens to, or has listened to last."""
    operator: str = ""
    """Who that is; empty: nobody helps now."""
    seq: int = 0
    """The newest word of that session that counted."""
    left_s: float = 0.0
    ended: str = ""
    """Why that session is over; empty while it is not."""
    refused: str = ""
    """Why the newest begin or steering was not followed."""
    refused_session: str = ""
    """Whose that was."""
    place: Place | None = None
    heading_deg: float | None = None
    speed_mps: float | None = None
    key_id: str = ""
    signature: str = ""
