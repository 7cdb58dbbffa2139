"""The ledger's tables."""

CREATE: tuple[str, ...] = ()
