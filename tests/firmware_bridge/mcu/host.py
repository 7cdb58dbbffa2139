"""A host by hand: it speaks with the controller's firmware on the controller's clock."""

from firmware_bridge.mcu.frames import FrameSplitter
from firmware_bridge.mcu.words import (
    PROTOCOL,
    Answer,
    DriveWord,
    HostBeat,
    HostHello,
    UnlockWord,
    decode_word,
    encode_word,
)
from tests.firmware_bridge.mcu.firmware import Controller

BOOT = 77


class Host:
    """Speaks with the controller by hand, on the controller's clock."""

    def __init__(self, **identity):
        self.now_ms = identity.pop("now_ms", 0)
        self.mcu = Controller(BOOT, now_ms=self.now_ms, **identity)
        self.frames = FrameSplitter()
        self.nonce = self.hear()[0].nonce
        self.number = 0
        self.mcu.sense(self.now_ms)

    def hear(self):
        return [decode_word(frame) for frame in self.frames.feed(self.mcu.outgoing())]

    def say(self, word):
        self.mcu.receive(encode_word(word, 0), self.now_ms)
        heard = self.hear()
        for one in heard:
            if isinstance(one, Answer):
                self.nonce = one.nonce
        return heard

    def order(self, make, *rest):
        """Say the next order; return the reason in the answer."""
        self.number += 1
        (answer,) = (o for o in self.say(make(self.number, *rest)) if isinstance(o, Answer))
        return answer.reason

    def greet(self):
        self.say(HostHello(PROTOCOL, BOOT))
        self.say(HostBeat(0))

    def unlock(self, compartment=0, *, valid_ms=3000, nonce=None):
        expires_ms = (self.now_ms + valid_ms) % 2**32
        return self.order(
            UnlockWord, compartment, expires_ms, self.nonce if nonce is None else nonce
        )

    def drive(self, *, lease_ms=300):
        return self.order(DriveWord, (self.now_ms + lease_ms) % 2**32, 1000, 0)

    def wait(self, ms, *, beats=True, step_ms=20):
        heard = []
        for _ in range(0, ms, step_ms):
            self.now_ms += step_ms
            self.mcu.tick(self.now_ms)
            if beats:
                heard += self.say(HostBeat(0))
            heard += self.hear()
        return heard


def greeted(**identity):
    host = Host(**identity)
    host.greet()
    return host
