"""doorstep-station: import, assign, dispatch, serve, report, verify and what belongs to it."""

import asyncio
import sys
from collections.abc import Sequence

from edge.config.toml_file import FaultyFileError
from edge.errors import ConfigError, DoorstepError, LinkError, StoreError
from station.commands.parser import parser

EXIT_NO = 1
EXIT_IO = 74  # EX_IOERR of sysexits.h
EXIT_CONFIG = 78  # EX_CONFIG: systemd does not start it again
EXIT_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    wanted = parser().parse_args(arguments)
    try:
        code: int = asyncio.run(wanted.run(wanted))
    except FaultyFileError as error:
        count = len(error.faults)
        print(error, file=sys.stderr)
        print(f"{count} fault{'s' * (count > 1)}: nothing was done.", file=sys.stderr)
        return EXIT_CONFIG
    except ConfigError as error:
        return _failed(error, EXIT_CONFIG)
    except (StoreError, LinkError) as error:
        return _failed(error, EXIT_IO)
    except DoorstepError as error:
        return _failed(error, EXIT_NO)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    return code


def _failed(error: DoorstepError, code: int) -> int:
    print(f"doorstep-station: {error}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
