"""`[ingest]` of station.toml: where the workers keep what vehicles report."""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from edge.errors import ConfigError

EXAMPLE = 'database = "postgresql://doorstep@127.0.0.1:5432/doorstep", and no password in it'
# No password: what stands in a file that anyone may read is none.
URL = r"^postgresql://([^:@/\s]+@)?[^@/\s]*/[^/?\s]+(\?\S*)?$"


class IngestSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that all workers of a station have in common."""

    database: Annotated[str, Meta(pattern=URL)]
    password_file: str | None = None
    """Holds the password alone; without it PGPASSWORD, ~/.pgpass or trust will do."""
    group: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = "ingest"
    """Workers of one group share the messages; two groups each get all of them."""
    nats: Annotated[str, Meta(pattern=r"^(nats|tls)://\S+$")] | None = None
    """A NATS cluster's own address: its MQTT side shares no subscriptions."""

    def beside(self, folder: Path) -> "IngestSection":
        """Return the same with file names that start at `folder`."""
        if self.password_file is None:
            return self
        return replace(self, password_file=str(folder / Path(self.password_file).expanduser()))

    def password(self) -> str | None:
        """Read the password. Raises ConfigError."""
        if self.password_file is None:
            return None
        try:
            return Path(self.password_file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"ingest.password_file: {error}") from error
