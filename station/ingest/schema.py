"""The tables in PostgreSQL, by version; taken to the newest one by whichever worker is first.

A script that was once released is never edited, only followed by another.
"""

from edge.errors import ConfigError
from station.ingest.server import Connection

LOCK = 7_230_511  # any number that is ours: one migration at a time

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE stream (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        vehicle text NOT NULL,
        lane text NOT NULL,
        epoch text NOT NULL,
        upto bigint NOT NULL DEFAULT 0,
        highest bigint NOT NULL DEFAULT 0,
        counted bigint NOT NULL DEFAULT 0,
        resent bigint NOT NULL DEFAULT 0,
        began_utc timestamptz NOT NULL DEFAULT now(),
        gap_since_utc timestamptz,
        UNIQUE (vehicle, lane, epoch)
    ) WITH (fillfactor = 50);
    COMMENT ON COLUMN stream.upto IS 'everything up to here is held without a gap';
    COMMENT ON COLUMN stream.counted IS
        'added up at each commit, to be held against upto by the audit';

    -- No foreign keys: the streams' rows are found and locked by the same transaction.
    CREATE TABLE fact (
        stream bigint NOT NULL,
        seq bigint NOT NULL,
        sealed bytea NOT NULL,
        readable boolean NOT NULL,
        received_utc timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (stream, seq)
    ) PARTITION BY HASH (stream);
    CREATE TABLE track (
        stream bigint NOT NULL,
        seq bigint NOT NULL,
        route text NOT NULL,
        from_utc timestamptz,
        points integer NOT NULL,
        batch bytea NOT NULL,
        received_utc timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (stream, seq)
    ) PARTITION BY HASH (stream);
    CREATE TABLE chunk (
        stream bigint NOT NULL,
        seq bigint NOT NULL,
        sha256 text NOT NULL,
        media_type text NOT NULL,
        piece_index integer NOT NULL,
        piece_count integer NOT NULL,
        piece bytea NOT NULL,
        received_utc timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (stream, seq)
    ) PARTITION BY HASH (stream);
    DO $$
    BEGIN
        FOR part IN 0..7 LOOP
            EXECUTE format('CREATE TABLE fact_%1$s PARTITION OF fact
                FOR VALUES WITH (MODULUS 8, REMAINDER %1$s)', part);
            EXECUTE format('CREATE TABLE track_%1$s PARTITION OF track
                FOR VALUES WITH (MODULUS 8, REMAINDER %1$s)', part);
            EXECUTE format('CREATE TABLE chunk_%1$s PARTITION OF chunk
                FOR VALUES WITH (MODULUS 8, REMAINDER %1$s)', part);
        END LOOP;
    END $$;
    CREATE INDEX chunk_of_media ON chunk (sha256);

    CREATE TABLE quarantine (
        sha256 text PRIMARY KEY,
        kind text NOT NULL,
        topic text NOT NULL,
        why text NOT NULL,
        seen bigint NOT NULL DEFAULT 1,
        received_utc timestamptz NOT NULL DEFAULT now(),
        content bytea NOT NULL
    );

    CREATE VIEW fact_content AS
        SELECT s.vehicle, s.epoch, f.seq, f.received_utc,
            convert_from(f.sealed, 'UTF8')::jsonb AS event
        FROM fact f JOIN stream s ON s.id = f.stream WHERE f.readable;
    """,
)


async def migrate(connection: Connection, scripts: tuple[str, ...] = MIGRATIONS) -> int:
    """Bring the tables to the newest version; return from which version they came.

    Raises ConfigError if a newer program made them.
    """
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_version (version integer NOT NULL)"
        )
        found = await connection.fetchval("SELECT max(version) FROM schema_version") or 0
        if found > len(scripts):
            raise ConfigError(
                f"the database has tables of version {found}, this program knows"
                f" {len(scripts)}: install the newer version again"
            )
        for number, script in enumerate(scripts[found:], start=found + 1):
            await connection.execute(script)
            await connection.execute("INSERT INTO schema_version VALUES ($1)", number)
    return int(found)
