"""The command of a decision about a drone or robot under way."""

import argparse
import asyncio

from station.commands import told
from station.commands.offices import office_of
from station.config import load_config
from station.directing.desk import DirectRequest

ASK_EVERY_S = 0.5


WISHES = ("hold", "go-on", "give-up", "return", "land", "looked-after")


def add_options(command: argparse.ArgumentParser) -> None:
    """Add what `direct` may be told."""
    command.add_argument("vehicle", help="a drone or robot, as it was enrolled")
    command.add_argument(
        "wish",
        choices=WISHES,
        help="stay where it is; go on after that; give its leg up and bring the parcel back; "
        "drones: come back at once, land here; robots: a person has looked after an alarm",
    )
    command.add_argument("--by", required=True, metavar="NAME", help="who decided; it is kept")
    command.add_argument("--why", default="", metavar="TEXT", help="it is kept, too")
    command.add_argument(
        "--wait", action="store_true", help="until the machine has answered; exit 1 unless done"
    )


async def direct(arguments: argparse.Namespace) -> int:
    """Tell a machine what a person decided; 1 unless it is done, if that was waited for."""
    config = load_config(arguments.config)
    wish = arguments.wish.replace("-", "_")
    request = DirectRequest(
        vehicle=arguments.vehicle, wish=wish, by=arguments.by, why=arguments.why
    )
    async with office_of(config) as office:
        sent = await office.directing.direct(request)
        if arguments.wait:
            told.progress(f"{sent.vehicle}: {arguments.wish} sent, waiting …")
            while sent.state == "waiting":
                await asyncio.sleep(ASK_EVERY_S)
                sent = await office.directing.became(sent)
    if arguments.json:
        told.print_json(sent)
    else:
        told.tell_direction(sent)
    return 1 if arguments.wait and sent.state != "done" else 0
