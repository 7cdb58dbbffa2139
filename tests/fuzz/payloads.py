"""What comes over the broker, to vehicle and station; signatures are taken as good."""

from collections.abc import Mapping

from edge.messages.broker.catalog import CATALOG, parse_topic
from edge.messages.broker.stream import Ack, ProofChunk, TrackItem
from edge.messages.broker.wire import (
    UndecodableError,
    from_json,
    from_msgpack,
    split_facts,
    to_json,
)
from edge.messages.state import Live, Status
from edge.uplink.orders import Genuine, judge
from edge.uplink.stream.receiver import Receiver
from station.books.admission import Counted, admit_batch, position
from station.books.lanes import LaneError, check_item, unpack_batch
from tests.edge.uplink.peers import sealed
from tests.fuzz.driver import Parser, TryOne
from tests.station.live.vans import Van


class Anyone:
    """A key that signs everything, so that damage gets past the signature."""

    def signed(self, _content: bytes) -> bool:
        return True


class Everyone(Mapping[str, Anyone]):
    """Every key id is known."""

    def __getitem__(self, _key_id: str) -> Anyone:
        return Anyone()

    def __iter__(self):
        return iter(())

    def __len__(self) -> int:
        return 1


def broker_reader() -> TryOne:
    """Return what reads an input; its first byte says on which topic the rest came."""
    receiver = Receiver("command", {})

    def command(content: bytes) -> bool:
        told = judge(content, vehicle="van-1", keys=[Anyone()])
        if isinstance(told, Genuine):
            receiver.offer(told.command.epoch, told.command.seq, content)
        return isinstance(told, Genuine)

    def facts(content: bytes) -> bool:
        pieces = split_facts(content)
        for piece in pieces:
            position(piece)
        return any(isinstance(one, Counted) for one in admit_batch(pieces, "van-1", Everyone()))

    def track(content: bytes) -> bool:
        item = from_msgpack(content, TrackItem)
        unpack_batch(item.batch, "van-1")
        check_item(item, "van-1", {"van-1"})
        return True

    def proof(content: bytes) -> bool:
        check_item(from_msgpack(content, ProofChunk), "van-1", {"van-1"})
        return True

    read = {
        ord("a"): lambda content: bool(from_json(content, Ack)),
        ord("l"): lambda content: bool(from_json(content, Live)),
        ord("s"): lambda content: bool(from_json(content, Status)),
        ord("c"): command,
        ord("f"): facts,
        ord("t"): track,
        ord("p"): proof,
        ord("T"): lambda content: parse_topic(content.decode("utf-8", "replace")) is not None,
    }

    def try_one(content: bytes) -> bool:
        if not content:
            return False
        try:
            return read.get(content[0], facts)(content[1:])
        except (UndecodableError, LaneError):
            return False

    return try_one


def messages() -> list[bytes]:
    van = Van()
    day = van.day()
    status = Status(vehicle="van-1", state="online", version="1.2")
    ack = Ack(stream="fact", epoch="e1", upto=12, missing=(14, 15))
    return [
        b"a" + to_json(ack),
        b"s" + to_json(status),
        *(b"f" + van.facts_of(one).payload for one in day[:40]),
        b"f" + van.facts_of(*day[:6]).payload,
        *(b"c" + sealed(seq) for seq in range(1, 4)),
        *(b"t" + van.track(seq, points=3).payload for seq in (1, 2)),
        *(b"p" + one.payload for one in van.chunks(b"photo" * 50, size=100)),
        *(b"T" + f"fleet/v1/acme/van-1/{row.topic}".encode() for row in CATALOG),
    ]


PAYLOADS = (Parser("mqtt", broker_reader, messages, words=(b'"seq":0', b"van-2", b"\xdf")),)
