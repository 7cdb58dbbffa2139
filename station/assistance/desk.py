"""Everybody at this station who helps a robot from the console, over its one connection."""

import asyncio
import secrets
from collections.abc import Iterable, Mapping

from edge.clock import Clock
from edge.errors import RefusedError
from edge.handover.proof import SigningKey, VerifyingKey
from edge.messages.machines.assistance import LONGEST_HELP_S
from edge.uplink.port import BrokerLink
from station.assistance.helping import Helping
from station.assistance.voice import Voice

MOST_VOICES = 32


class HelpDesk:
    """The newest session of each robot that somebody here helps or has helped."""

    def __init__(
        self,
        org: str,
        key: SigningKey,
        vehicles: Mapping[str, Mapping[str, VerifyingKey]],
        clock: Clock,
    ) -> None:
        self._org = org
        self._key = key
        self._vehicles = vehicles
        self._clock = clock
        self._voices: dict[str, Voice] = {}
        self._begun = asyncio.Event()
        self.connected = False

    def begin(self, vehicle: str, operator: str, lasts_s: float) -> Voice:
        """Begin a session. Raises RefusedError that says why there is none."""
        known = self._vehicles.get(vehicle)
        if known is None:
            raise RefusedError(f"there is no vehicle {vehicle!r} in station.toml")
        if not self.connected:
            raise RefusedError("the station has no connection to the broker")
        last = self._voices.get(vehicle)
        if last is not None and last.helping.state != "over":
            raise RefusedError(f"{last.helping.operator} helps it already")
        self._forget()
        if len(self._voices) >= MOST_VOICES:
            raise RefusedError(f"{MOST_VOICES} robots are being helped already")
        voice = voice_of(
            self._org, self._key, vehicle, known.values(), operator, lasts_s, self._clock
        )
        self._voices[vehicle] = voice
        self._begun.set()
        return voice

    def voice(self, session: str) -> Voice:
        """Return a session by its name. Raises RefusedError if there is none."""
        for voice in self._voices.values():
            if voice.helping.session == session:
                return voice
        raise RefusedError("that session is over: begin another one")

    def hear(self, vehicle: str, sealed: bytes) -> None:
        """Take what came on a robot's `up/help`."""
        voice = self._voices.get(vehicle)
        if voice is not None and voice.helping.state != "over":
            voice.hear(sealed)

    async def run(self, link: BrokerLink) -> None:
        """Speak over one connection. Raises LinkError when it is gone."""
        self.connected = True
        spoken: set[str] = set()
        try:
            async with asyncio.TaskGroup() as tasks:
                while True:
                    for voice in self._voices.values():
                        if voice.helping.session not in spoken:
                            spoken.add(voice.helping.session)
                            tasks.create_task(voice.speak(link), name="help")
                    self._begun.clear()
                    await self._begun.wait()
        finally:
            self.connected = False

    def _forget(self) -> None:
        for vehicle, voice in list(self._voices.items()):
            if voice.helping.state == "over":
                del self._voices[vehicle]


def voice_of(
    org: str,
    key: SigningKey,
    vehicle: str,
    keys: Iterable[VerifyingKey],
    operator: str,
    lasts_s: float,
    clock: Clock,
) -> Voice:
    """Return a new session; `keys` are the vehicle's. Raises RefusedError if it is none."""
    operator = operator.strip()
    if not 1 <= len(operator) <= 64:
        raise RefusedError("say who helps: a name of at most 64 letters")
    if not 0 < lasts_s <= LONGEST_HELP_S:
        raise RefusedError(f"help lasts more than 0 and at most {LONGEST_HELP_S:.0f} s")
    helping = Helping(
        vehicle,
        operator,
        session=secrets.token_hex(8),
        lasts_s=lasts_s,
        key=key,
        keys=keys,
        now_s=clock.now_s(),
    )
    return Voice(helping, org, clock)
