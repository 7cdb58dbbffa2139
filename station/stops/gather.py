"""Drafts of rows → the orders of a day: what belongs together, what stands there twice."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from msgspec.structs import replace

from edge.handover.pin import make_pin_hash
from edge.messages.geo import Place
from edge.messages.parcels import HandoverRequirements, Parcel
from station.keys import pin_key_of
from station.stops.addresses import address_key
from station.stops.orders import AddressState, CellIssue, Order, RowAnswer
from station.stops.rows import ID_CHARS, Draft

Key = tuple[date, str]


@dataclass(slots=True)
class _Group:
    """The rows of one stop."""

    first: Draft
    drafts: list[Draft]
    rows_by_content: dict[object, int]


@dataclass(slots=True)
class Gathered:
    """What a sheet comes to, before it meets what the station has already."""

    orders: dict[Key, Order] = field(default_factory=dict)
    rows: dict[Key, list[int]] = field(default_factory=dict)
    """The rows each order was made of."""
    answers: dict[int, RowAnswer] = field(default_factory=dict)


def gather(drafts: Iterable[Draft], known: Mapping[str, Place], pin_secret: bytes) -> Gathered:
    """Join the rows of a stop, name what is there twice, place what is known.

    `known` gives places by normalised address.
    """
    gathered = Gathered()
    groups: dict[Key, _Group] = {}
    parcel_rows: dict[tuple[date, str], int] = {}
    for draft in drafts:
        refusal = None if draft.rejected else _join(draft, groups, parcel_rows)
        if refusal is not None:
            draft.issues.append(refusal)
        _answer(gathered, draft, duplicate=refusal is not None)
    for key, group in groups.items():
        order = _order(group, known, pin_secret)
        gathered.orders[key] = order
        gathered.rows[key] = [draft.row for draft in group.drafts]
        for row in gathered.rows[key]:
            _judge(gathered, row, order)
    return gathered


def _join(
    draft: Draft, groups: dict[Key, _Group], parcel_rows: dict[tuple[date, str], int]
) -> CellIssue | None:
    """Add a row to its stop; return why it cannot be."""
    for parcel_id in draft.parcel_ids:
        if (row := parcel_rows.get((draft.day, parcel_id))) is not None:
            why = f"parcel {parcel_id} is in row {row} already"
            return _of_row(draft, why, "remove one of the two rows")
    key = (draft.day, draft.stop_id)
    group = groups.get(key)
    content = _content(draft)
    if group is None:
        groups[key] = _Group(draft, [draft], {content: draft.row})
    else:
        first = group.first
        if draft.order_id and not _same_place(draft, first):
            why = f"order {draft.order_id} is in row {first.row} with another address"
            return _of_row(draft, why, "correct the order number or the address")
        if not draft.parcel_ids:
            named = f"order {draft.order_id}" if draft.order_id else "name, address and day"
            row = group.rows_by_content.get(content) if draft.order_id else first.row
            if row is not None:
                cure = "remove it; for another parcel, name the parcel or order number"
                return _of_row(draft, f"the same {named} as row {row}", cure)
        if (draft.windows, draft.service_s) != (first.windows, first.service_s):
            why = f"windows and service time of row {first.row} are kept for this stop"
            draft.issues.append(_of_row(draft, why, "write the same in each row of a stop"))
        group.drafts.append(draft)
        group.rows_by_content[content] = draft.row
    for parcel_id in draft.parcel_ids:
        parcel_rows[draft.day, parcel_id] = draft.row
    return None


def _same_place(one: Draft, other: Draft) -> bool:
    same_address = address_key(one.address) == address_key(other.address)
    return same_address and (None in (one.place, other.place) or one.place == other.place)


def _content(draft: Draft) -> object:
    return (
        draft.name,
        draft.windows,
        draft.quantity,
        draft.weight_kg,
        draft.volume_l,
        draft.notes,
        draft.deliver_by_utc,
    )


def _order(group: _Group, known: Mapping[str, Place], pin_secret: bytes) -> Order:
    first = group.first
    place, state, why = first.place, first.state, first.why
    seen = known.get(address_key(first.address))
    if seen is not None and state is not AddressState.VERIFIED:
        place, state, why = seen, AddressState.VERIFIED, ""
    return Order(
        day=first.day,
        stop_id=first.stop_id,
        name=first.name,
        address=first.address,
        notes="; ".join(dict.fromkeys(draft.notes for draft in group.drafts if draft.notes)),
        place=place,
        state=state,
        why=why,
        windows=first.windows,
        service_s=first.service_s,
        priority=max(draft.priority for draft in group.drafts),
        parcels=_parcels(group, pin_secret),
    )


def _parcels(group: _Group, pin_secret: bytes) -> tuple[Parcel, ...]:
    parcels: list[Parcel] = []
    for draft in group.drafts:
        names = draft.parcel_ids or tuple(
            _numbered(draft.stop_id, len(parcels) + number)
            for number in range(1, draft.quantity + 1)
        )
        share = len(names)
        parcels += [
            Parcel(
                parcel_id=name,
                weight_kg=_share(draft.weight_kg, share),
                volume_l=_share(draft.volume_l, share),
                requirements=_requirements(draft, name, pin_secret),
                deliver_by_utc=draft.deliver_by_utc,
            )
            for name in names
        ]
    return tuple(parcels)


def _numbered(stop_id: str, number: int) -> str:
    named = f"{stop_id}-{number}"
    if len(named) <= ID_CHARS:
        return named
    return f"p-{hashlib.sha256(stop_id.encode()).hexdigest()[:16]}-{number}"


def _share(amount: float | None, count: int) -> float | None:
    return None if amount is None else round(amount / count, 6)


def _requirements(draft: Draft, parcel_id: str, pin_secret: bytes) -> HandoverRequirements:
    key = pin_key_of(pin_secret, parcel_id) if draft.pin else None
    return HandoverRequirements(
        photo=draft.photo,
        signature=draft.signature,
        pin_hash=make_pin_hash(draft.pin, key) if key else None,
        pin_key=key,
        minimum_age=draft.minimum_age,
    )


def _answer(gathered: Gathered, draft: Draft, *, duplicate: bool) -> None:
    rejected = draft.rejected or duplicate
    gathered.answers[draft.row] = RowAnswer(
        row=draft.row,
        verdict="rejected" if rejected else "review" if draft.issues else "ok",
        stop_id="" if draft.rejected else draft.stop_id,
        state=AddressState.DUPLICATE if duplicate else None,
        issues=tuple(draft.issues),
    )


def _judge(gathered: Gathered, row: int, order: Order) -> None:
    """Give a row the state of its stop's address."""
    answer = gathered.answers[row]
    issues = answer.issues
    if order.state is AddressState.NOT_FOUND:
        cure = "add coordinates, or say where it is by `doorstep-station place`"
        issues = (*issues, CellIssue(cell=f"row {row}", column="", why=order.why, cure=cure))
    gathered.answers[row] = replace(
        answer, verdict="review" if issues else "ok", state=order.state, issues=issues
    )


def _of_row(draft: Draft, why: str, cure: str) -> CellIssue:
    return CellIssue(cell=f"row {draft.row}", column="", why=why, cure=cure)
