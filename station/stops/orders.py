"""What becomes of a sheet's rows: orders, and an answer to each row."""

from datetime import date, datetime
from enum import Enum
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from edge.messages.geo import Place
from edge.messages.parcels import Parcel, StopId
from edge.messages.routes import Meeting, Stop, StopKind, TimeWindow

DEFAULT_SERVICE_S = 120.0
DEFAULT_PRIORITY = 5


class AddressState(Enum):
    """How sure we are of where a stop is."""

    VERIFIED = "VERIFIED"
    REVIEW = "REVIEW"
    """Somebody must look: not assigned until `doorstep-station place` says where it is."""
    NOT_FOUND = "NOT_FOUND"
    """No coordinates known; blocks this stop only."""
    DUPLICATE = "DUPLICATE"
    """The same as another row; kept once."""


class Order(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One stop of one day as the sender wants it, wherever it is."""

    day: date
    stop_id: StopId
    kind: StopKind = "delivery"
    name: str = ""
    address: str = ""
    notes: str = ""
    place: Place | None = None
    state: AddressState = AddressState.VERIFIED
    why: str = ""
    """Why the state is not VERIFIED."""
    windows: tuple[TimeWindow, ...] = ()
    service_s: float = DEFAULT_SERVICE_S
    priority: Annotated[int, Meta(ge=0, le=9)] = DEFAULT_PRIORITY
    parcels: tuple[Parcel, ...] = ()
    cancelled: str = ""
    """Why it is not to be served any more; empty while it is."""
    meeting: Meeting | None = None
    """Of a stop that assignment made, where a van brings parcels to a machine."""

    @property
    def assignable(self) -> bool:
        """Whether a route may have it."""
        return self.state is AddressState.VERIFIED and not self.cancelled

    @property
    def deliver_by_utc(self) -> datetime | None:
        """By when it is to be served: the earliest of its parcels."""
        instants = [p.deliver_by_utc for p in self.parcels if p.deliver_by_utc is not None]
        return min(instants, default=None)

    def to_stop(self) -> Stop:
        """Return the stop for a vehicle; the order must be VERIFIED."""
        assert self.place is not None, f"the stop {self.stop_id} has no place"
        return Stop(
            stop_id=self.stop_id,
            kind=self.kind,
            place=self.place,
            parcels=tuple(parcel.parcel_id for parcel in self.parcels),
            windows=self.windows,
            service_s=self.service_s,
            priority=self.priority,
            name=self.name,
            address=self.address,
            notes=self.notes,
            meeting=self.meeting,
        )


class CellIssue(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something in a cell that somebody should know of."""

    cell: str
    """As spreadsheets name it: `F12`."""
    column: str
    """The header as written."""
    value: str = ""
    why: str
    cure: str = ""

    def told(self) -> str:
        """Return the issue as one line for people."""
        value = f" {self.value!r}" if self.value else ""
        cure = f" → {self.cure}" if self.cure else ""
        where = f"{self.cell} ({self.column})" if self.column else self.cell
        return f"{where}{value}: {self.why}{cure}"


class RowAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one row of the sheet."""

    row: int
    """As the spreadsheet counts, the first row being 1."""
    verdict: Literal["ok", "review", "rejected"]
    change: Literal["added", "changed", "unchanged", "none"] = "none"
    """Of its stop in the station's books; none for a rejected row."""
    stop_id: str = ""
    state: AddressState | None = None
    issues: tuple[CellIssue, ...] = ()


class ColumnUse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a column of the sheet was taken for."""

    column: str
    """Letter: `C`."""
    header: str
    field: str = ""
    """Empty: not used."""
    likeness_pct: float = 0.0
    """100: known by this very name."""
    note: str = ""
    samples: tuple[str, ...] = ()


class ImportAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a whole file."""

    file: str
    sheet: str
    day: date
    """Of rows that name none."""
    columns: tuple[ColumnUse, ...]
    rows: tuple[RowAnswer, ...]
    ok: int
    review: int
    rejected: int
    empty: int
    """Rows without any content, skipped."""
    added: int
    changed: int
    unchanged: int
    """Stops; the three sum to the stops of the sheet."""
    parcels: int
    states: dict[str, int]
    """Stops by address state, and the rows that are duplicates."""

    @property
    def summary(self) -> str:
        """One line for people."""
        stops = self.added + self.changed + self.unchanged
        if stops and not (self.added or self.changed):
            story = f"nothing changed: all {stops} stops were known already"
        else:
            story = f"{self.added} stops added, {self.changed} changed, {self.unchanged} known"
        return (
            f"{self.file}: {story}; rows: {self.ok} ok, {self.review} to review, "
            f"{self.rejected} rejected, {self.empty} empty"
        )
