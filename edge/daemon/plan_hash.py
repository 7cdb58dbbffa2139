"""The hash by which the station knows the plan that a vehicle follows."""

from edge.messages.broker.wire import content_hash


class PlanHash:
    """The hash of the plan that is followed; worked out once, however often it is asked for."""

    def __init__(self) -> None:
        self._plan: object = None
        self._hash: str | None = None

    def of(self, plan: object) -> str | None:
        """Return the hash of a plan, which never changes; None for none."""
        if plan is not self._plan:
            self._plan = plan
            self._hash = content_hash(plan) if plan is not None else None
        return self._hash
