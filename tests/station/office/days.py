"""A day of facts as a vehicle would seal them, made up for a route."""

import hashlib
from datetime import timedelta

from edge.handover.proof import FIRST_PREVHASH, fact_hash
from edge.messages import facts as f
from edge.messages.broker.stream import ProofChunk
from edge.messages.broker.wire import content_hash, join_facts, read_fact, to_msgpack
from edge.messages.commands import Photo
from edge.messages.facts import FactEvent
from edge.messages.parcels import FailureCode, Outcome
from edge.messages.plan import PlannedStop, Why
from station.books.intake import Received
from station.books.ledger import Ledger


class Chain:
    """Numbers, chains and seals facts of one vehicle's epoch."""

    def __init__(self, vehicle, key, *, epoch="0123456789abcdef", org="acme"):
        self.vehicle, self.key, self.epoch, self.org = vehicle, key, epoch, org
        self.sealed = []

    def add(self, utc, fact, route="", driver="Sam"):
        seq = len(self.sealed) + 1
        name = f"{self.vehicle}/{self.epoch}/{seq}"
        event = FactEvent(
            specversion="1.0",
            id=name,
            source=f"/fleet/v1/{self.org}/{self.vehicle}",
            type=f"doorstep.{fact.__struct_config__.tag}.v1",
            time=utc,
            datacontenttype="application/json",
            vehicle=self.vehicle,
            epoch=self.epoch,
            seq=seq,
            boot=1,
            monotonic=float(seq),
            timesource="simulated",
            driver=driver,
            route=route,
            data=fact,
            prevhash=fact_hash(self.sealed[-1]) if self.sealed else FIRST_PREVHASH,
            keyid=self.key.key_id,
        )
        self.sealed.append(self.key.seal(event))

    @property
    def events(self):
        return [read_fact(sealed) for sealed in self.sealed]


def drive_day(chain, route, rng, *, photo=None, fails=0.1, drift_s=60, close=True):
    """Append the facts of a whole day; a share of stops fails, the rest is delivered."""
    at = route.departs_utc - timedelta(minutes=25)
    tell = lambda fact: chain.add(at, fact, route.route_id)  # noqa: E731
    tell(f.EpochStarted(reason="first start"))
    tell(f.DaemonStarted(version="0.1.0", boot=1, phase="idle"))
    tell(
        f.RouteAccepted(
            route_id=route.route_id,
            revision=route.revision,
            route_hash=content_hash(route),
            stops=len(route.stops),
            parcels=len(route.parcels),
        )
    )
    planned, eta = [], route.departs_utc
    for stop in route.stops:
        eta += timedelta(minutes=7)
        if stop.windows:
            eta = max(eta, stop.windows[0].opens_utc)
        leaves = eta + timedelta(seconds=stop.service_s)
        planned.append(PlannedStop(stop_id=stop.stop_id, arrives_utc=eta, departs_utc=leaves))
        eta = leaves
    tell(
        f.PlanChanged(
            number=1,
            plan_hash="0" * 64,
            stops=tuple(planned),
            dropped=(),
            back_utc=eta + timedelta(minutes=12),
            why=Why(trigger="route"),
        )
    )
    tell(f.LoadingStarted())
    for parcel in route.parcels:
        at += timedelta(seconds=5)
        tell(f.ParcelLoaded(parcel_id=parcel.parcel_id))
    tell(f.LoadingFinished(loaded=len(route.parcels)))
    at = max(at, route.departs_utc + timedelta(seconds=rng.uniform(0, 300)))
    outcomes, back, drift = {}, [], 0.0
    for stop, plan in zip(route.stops, planned, strict=True):
        tell(f.LegStarted(stop_id=stop.stop_id, from_place=route.station))
        drift += rng.gauss(drift_s / 6, drift_s)
        at = max(at + timedelta(minutes=3), plan.arrives_utc + timedelta(seconds=drift))
        tell(f.Arrived(stop_id=stop.stop_id, by="position", place=stop.place, accuracy_m=4.0))
        arrived = at
        at += timedelta(seconds=stop.service_s * rng.uniform(0.6, 1.5))
        if rng.random() < fails:
            code = rng.choice(
                [FailureCode.NOBODY_HOME] * 3 + [FailureCode.REFUSED, FailureCode.NO_ACCESS]
            )
            tell(f.AttemptFailed(stop_id=stop.stop_id, parcel_ids=stop.parcels, code=code))
            back += [(parcel_id, stop.stop_id, code) for parcel_id in stop.parcels]
        else:
            for parcel_id in stop.parcels:
                outcome = Outcome.SAFE_PLACE if rng.random() < 0.1 else Outcome.DELIVERED
                custody = "safe_place" if outcome is Outcome.SAFE_PLACE else "customer"
                photos = (photo,) if photo and outcome is Outcome.SAFE_PLACE else ()
                tell(
                    f.ParcelEnded(
                        parcel_id=parcel_id,
                        outcome=outcome,
                        stop_id=stop.stop_id,
                        custody=custody,
                        place=stop.place,
                        photos=photos,
                    )
                )
                outcomes[outcome.value] = outcomes.get(outcome.value, 0) + 1
        failed = len(stop.parcels) if back and back[-1][1] == stop.stop_id else 0
        tell(
            f.StopClosed(
                stop_id=stop.stop_id,
                delivered=len(stop.parcels) - failed,
                failed=failed,
                arrived_utc=arrived,
            )
        )
    if not close:
        return
    tell(f.ReturnStarted(on_board=len(back)))
    at += timedelta(minutes=11)
    tell(f.BackAtStation(by="position"))
    for parcel_id, stop_id, code in back:
        at += timedelta(seconds=10)
        tell(
            f.ParcelEnded(
                parcel_id=parcel_id,
                outcome=Outcome.RETURNED,
                stop_id=stop_id,
                code=code,
                custody="station",
            )
        )
        outcomes["RETURNED"] = outcomes.get("RETURNED", 0) + 1
    tell(
        f.DayClosed(
            route_id=route.route_id,
            expected=len(route.parcels),
            loaded=len(route.parcels),
            outcomes=outcomes,
            balanced=True,
            driven_m=1000.0 * len(route.stops),
        )
    )


def photo_of(content, media_type="image/jpeg"):
    digest = hashlib.sha256(content).hexdigest()
    return Photo(sha256=digest, media_type=media_type, size=len(content))


async def reported(station, vehicle, *facts):
    """Let the station's ledger take facts, each given with its route."""
    chain = Chain(vehicle, station.van_key(vehicle))
    for fact, route in facts:
        chain.add(station.clock.utc(), fact, route)
    await taken(station, chain)


async def taken(station, chain):
    """Let the station's ledger take a whole chain."""
    ledger = Ledger(station.database, station.keys.vehicles, station.clock)
    topic = f"fleet/v1/acme/{chain.vehicle}/up/fact"
    for start in range(0, len(chain.sealed), 50):
        payload = join_facts(chain.sealed[start : start + 50])
        done = await ledger.take([Received(chain.vehicle, "fact", topic, payload)])
        assert done.refused == 0


async def shown(station, vehicle, *contents):
    """Let the station's ledger take photos, each in one chunk."""
    ledger = Ledger(station.database, station.keys.vehicles, station.clock)
    for seq, content in enumerate(contents, start=1):
        photo = photo_of(content)
        chunk = ProofChunk(
            epoch="fedcba9876543210",
            seq=seq,
            sha256=photo.sha256,
            media_type=photo.media_type,
            index=0,
            count=1,
            piece=content,
        )
        topic = f"fleet/v1/acme/{vehicle}/up/proof"
        await ledger.take([Received(vehicle, "proof", topic, to_msgpack(chunk))])
