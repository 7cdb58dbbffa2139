"""What the console's panel asks for when somebody helps a robot (S6)."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from edge.errors import RefusedError
from edge.messages.broker.wire import UndecodableError, from_json, to_json
from edge.messages.geo import Place
from edge.messages.machines.assistance import HelpMps
from station.assistance.desk import HelpDesk
from station.assistance.helping import Helping, check_near, known
from station.remote.answers import BadRequestError

HOLD_S = 1.0  # the page speaks twice a second while it is seen
LASTS_S = 300.0


class _Begin(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    vehicle: str
    operator: Annotated[str, Meta(max_length=64)]


class _Say(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    session: str
    here: bool = False
    """The page is open and seen; it moves only while the button is down, by a goal."""
    wish: Literal["", "stand", "back"] = ""
    goal: Place | None = None
    speed_mps: HelpMps = 0.5


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """How it stands."""

    session: str
    state: str
    why: str
    refused: str
    operator: str
    phase: str = ""
    left_s: float = 0.0
    speed_mps: float | None = None
    place: Place | None = None


def ask(desk: HelpDesk | None, name: str, body: bytes) -> bytes:
    """Do what the panel asks; return how it stands.

    Raises RefusedError, BadRequestError, and KeyError if there is nothing of that name.
    """
    if desk is None:
        raise RefusedError("this station helps no robots")
    if name == "begin":
        begin = _read(body, _Begin)
        return _told(desk.begin(begin.vehicle, begin.operator, LASTS_S).helping)
    if name != "say":
        raise KeyError(name)
    say = _read(body, _Say)
    voice = desk.voice(say.session)
    if say.here:
        voice.hold(HOLD_S)
    if say.wish == "back":
        voice.give_back()
    elif say.wish == "stand":
        voice.stand()
    elif say.goal is not None:
        check_near(known(voice.helping.here), say.goal)
        voice.steer(say.goal, say.speed_mps)
    return _told(voice.helping)


def _read(body: bytes, kind: Any) -> Any:  # noqa: ANN401
    try:
        return from_json(body, kind)
    except UndecodableError as error:
        raise BadRequestError(str(error)) from error


def _told(helping: Helping) -> bytes:
    answer = helping.newest
    told = Told(
        session=helping.session,
        state=helping.state,
        why=helping.why,
        refused=helping.refused,
        operator=helping.operator,
    )
    if answer is not None:
        told = msgspec.structs.replace(
            told,
            phase=answer.phase,
            left_s=answer.left_s,
            speed_mps=answer.speed_mps,
            place=answer.place,
        )
    return to_json(told)
