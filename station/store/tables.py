"""Every table of station.db, by the room that owns it.

A room's `CREATE` is a tuple of SQL scripts; script n takes its tables from version n to n + 1.
A script that was once released is never edited, only followed by another.
"""

from collections.abc import Mapping

from station.store import alarms, conditions, day, ledger, offers, projections

TABLES: Mapping[str, tuple[str, ...]] = {
    "day": day.CREATE,
    "ledger": ledger.CREATE,
    "projections": projections.CREATE,
    "alarms": alarms.CREATE,
    "conditions": conditions.CREATE,
    "offers": offers.CREATE,
}
