"""A vehicle as the ledger sees it: sealed facts, track items and photo chunks."""

import hashlib
from datetime import UTC, datetime, timedelta

import zstandard

from edge.handover.proof import FIRST_PREVHASH, SigningKey, fact_hash
from edge.messages import facts as f
from edge.messages.broker.stream import ProofChunk, TrackItem
from edge.messages.broker.wire import join_facts, to_msgpack
from edge.messages.commands import Photo
from edge.messages.facts import FactEvent
from edge.messages.geo import Place
from edge.messages.parcels import FailureCode, Outcome
from edge.messages.plan import PlannedStop, Why
from edge.messages.state import TrackBatch, TrackPoint
from station.books.intake import Received

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
ORG = "acme"
STATION = Place(lat_deg=48.1, lon_deg=11.5)


class Van:
    """Writes the day of one vehicle."""

    def __init__(self, name: str = "van-1", epoch: str = "0123456789abcdef") -> None:
        self.name = name
        self.epoch = epoch
        self.key = SigningKey.from_seed(hashlib.sha256(name.encode()).digest())
        self.seq = 0
        self.prevhash = FIRST_PREVHASH
        self.route = f"R-{name}"
        self.utc = NOON

    @property
    def keys(self):
        return {self.name: {self.key.key_id: self.key.public}}

    def event(self, data, **changes) -> FactEvent:
        self.seq += 1
        self.utc += timedelta(seconds=10)
        members = {
            "specversion": "1.0",
            "id": f"{self.name}/{self.epoch}/{self.seq}",
            "source": f"/fleet/v1/{ORG}/{self.name}",
            "type": f"doorstep.{type(data).__struct_config__.tag}.v1",
            "time": self.utc,
            "datacontenttype": "application/json",
            "vehicle": self.name,
            "epoch": self.epoch,
            "seq": self.seq,
            "boot": 1,
            "monotonic": 10.0 * self.seq,
            "timesource": "simulated",
            "driver": "ada",
            "route": self.route,
            "data": data,
            "prevhash": self.prevhash,
            "keyid": self.key.key_id,
        }
        return FactEvent(**{**members, **changes})

    def fact(self, data, **changes) -> bytes:
        sealed = self.key.seal(self.event(data, **changes))
        self.prevhash = fact_hash(sealed)
        return sealed

    def day(self, stops: int = 4, before: str = "") -> list[bytes]:
        """A whole day: every fourth customer is out, the first stop has two parcels.

        Days of other parcels have something else `before` their numbers.
        """
        parcels = [f"{self.name}-{before}P{n}" for n in range(stops + 1)]
        sealed = [
            self.fact(f.DaemonStarted(version="0.1.0", boot=1, phase="idle")),
            self.fact(
                f.RouteAccepted(
                    route_id=self.route,
                    revision=1,
                    route_hash="h",
                    stops=stops,
                    parcels=len(parcels),
                )
            ),
            self.fact(self.plan(stops)),
            self.fact(f.LoadingStarted()),
            *(self.fact(f.ParcelLoaded(parcel_id=parcel)) for parcel in parcels),
            self.fact(f.LoadingFinished(loaded=len(parcels))),
        ]
        outcomes = {"DELIVERED": 0, "RETURNED": 0}
        back = []
        for n in range(stops):
            stop = f"S{n}"
            here = parcels[:2] if n == 0 else parcels[n + 1 : n + 2]
            sealed += [
                self.fact(f.LegStarted(stop_id=stop)),
                self.fact(f.Arrived(stop_id=stop, by="position", place=STATION)),
            ]
            if n % 4 == 3:
                code = FailureCode.NOBODY_HOME
                failed = f.AttemptFailed(stop_id=stop, parcel_ids=tuple(here), code=code)
                sealed.append(self.fact(failed))
                back += here
            else:
                for parcel in here:
                    sealed.append(self.fact(self.delivered(parcel, stop)))
            failures = len(here) if n % 4 == 3 else 0
            closed = f.StopClosed(stop_id=stop, delivered=len(here) - failures, failed=failures)
            sealed.append(self.fact(closed))
        outcomes["DELIVERED"] = len(parcels) - len(back)
        outcomes["RETURNED"] = len(back)
        sealed += [
            self.fact(f.ReturnStarted(on_board=len(back))),
            self.fact(f.BackAtStation(by="position")),
            *(
                self.fact(
                    f.ParcelEnded(
                        parcel_id=parcel,
                        outcome=Outcome.RETURNED,
                        code=FailureCode.NOBODY_HOME,
                        custody="station",
                    )
                )
                for parcel in back
            ),
            self.fact(
                f.DayClosed(
                    route_id=self.route,
                    expected=len(parcels),
                    loaded=len(parcels),
                    outcomes={name: n for name, n in outcomes.items() if n},
                    balanced=True,
                    driven_m=12_000.0,
                )
            ),
        ]
        return sealed

    def plan(self, stops: int, late_s: float = 0.0) -> f.PlanChanged:
        return f.PlanChanged(
            number=1,
            plan_hash="p",
            stops=tuple(
                PlannedStop(
                    stop_id=f"S{n}",
                    arrives_utc=NOON + timedelta(minutes=10 * n),
                    departs_utc=NOON + timedelta(minutes=10 * n + 3),
                    late_s=late_s,
                )
                for n in range(stops)
            ),
            dropped=(),
            back_utc=NOON + timedelta(hours=5),
            why=Why(trigger="route"),
        )

    def delivered(self, parcel: str, stop: str, photos: tuple[Photo, ...] = ()):
        return f.ParcelEnded(
            parcel_id=parcel,
            outcome=Outcome.DELIVERED,
            stop_id=stop,
            custody="customer",
            photos=photos,
        )

    def facts_of(self, *sealed: bytes) -> Received:
        return self.received("fact", join_facts(list(sealed)))

    def received(self, lane, payload: bytes) -> Received:
        topic = f"fleet/v1/{ORG}/{self.name}/up/{lane}"
        return Received(self.name, lane, topic, payload)

    def track(self, seq: int, points: int = 30, vehicle: str = "") -> Received:
        batch = TrackBatch(
            vehicle=vehicle or self.name,
            from_utc=NOON + timedelta(seconds=30 * seq),
            time_source="simulated",
            route_id=self.route,
            driver="ada",
            points=tuple(
                TrackPoint(1000 * n, 481_000_000 + 90 * n, 115_000_000, 30, 800, 0)
                for n in range(points)
            ),
        )
        packed = zstandard.ZstdCompressor().compress(to_msgpack(batch))
        return self.received("track", to_msgpack(TrackItem(self.epoch, seq, packed)))

    def chunks(self, content: bytes, first_seq: int = 1, size: int = 1000) -> list[Received]:
        pieces = [content[at : at + size] for at in range(0, len(content), size)]
        digest = hashlib.sha256(content).hexdigest()
        return [
            self.received(
                "proof",
                to_msgpack(
                    ProofChunk(
                        self.epoch, first_seq + n, digest, "image/jpeg", n, len(pieces), piece
                    )
                ),
            )
            for n, piece in enumerate(pieces)
        ]
