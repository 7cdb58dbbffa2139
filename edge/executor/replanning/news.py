"""Changes of plan that the driver has not read yet: shown until they are acknowledged."""

import msgspec

from edge.messages.broker.wire import UndecodableError, from_json, to_json
from edge.messages.plan import Plan
from edge.messages.view import PlanNews

MOST_UNREAD = 5  # older ones are given up: what matters is how things are now


class _Kept(msgspec.Struct, frozen=True):
    news: tuple[PlanNews, ...] = ()


class News:
    """What was changed, the newest last."""

    def __init__(self) -> None:
        self.unread: tuple[PlanNews, ...] = ()

    def load(self, blob: bytes | None) -> None:
        """Take up what the store holds."""
        try:
            self.unread = from_json(blob, _Kept).news if blob is not None else ()
        except UndecodableError:
            self.unread = ()

    def with_plan(self, before: Plan | None, after: Plan) -> tuple[PlanNews, ...]:
        """Return what is unread with a new plan; a first plan is no change."""
        if before is None or before.route_id != after.route_id:
            return ()
        if after.why.trigger == "route":
            return self.unread
        known = {stop.stop_id for stop in before.stops}
        out = {drop.stop_id for drop in before.dropped}
        put_in = tuple(s.stop_id for s in after.stops if s.stop_id not in known)
        left_out = tuple(d for d in after.dropped if d.stop_id not in out)
        risks = set(after.why.promises_at_risk) - set(before.why.promises_at_risk)
        if not (after.why.moved or put_in or left_out or risks):
            return self.unread
        told = PlanNews(number=after.number, why=after.why, put_in=put_in, left_out=left_out)
        return (*self.unread, told)[-MOST_UNREAD:]

    def without(self, number: int) -> tuple[PlanNews, ...]:
        """Return what is unread once everything up to a plan's number has been read."""
        return tuple(news for news in self.unread if news.number > number)


def to_blob(unread: tuple[PlanNews, ...]) -> bytes:
    """Return the bytes to keep."""
    return to_json(_Kept(unread))
