"""The commands of offers: make, show."""

import argparse
import asyncio
from pathlib import Path

import msgspec

from edge.errors import RefusedError
from station.commands import told
from station.commands.offices import AnyOffice, office_of
from station.config import load_config
from station.offers.words import OfferDraft, OfferStanding

ASK_EVERY_S = 0.5


async def make(arguments: argparse.Namespace) -> int:
    """Offer the order of a file to a vehicle; 1 if it was waited for and not accepted."""
    draft = await asyncio.to_thread(_read, arguments.file)
    config = load_config(arguments.config)
    async with office_of(config) as office:
        sent = await office.offers.make(
            arguments.vehicle,
            draft,
            answer_within_s=arguments.answer_within,
            day=arguments.day,
        )
        if arguments.wait:
            sent = await _answered(office, sent, arguments)
    if arguments.json:
        told.print_json(sent)
    else:
        told.tell_offers([sent], config.timezone)
    return 1 if arguments.wait and sent.state != "accepted" else 0


async def show(arguments: argparse.Namespace) -> int:
    """List the offers of a day and what became of them."""
    config = load_config(arguments.config)
    async with office_of(config) as office:
        answer = await office.offers.show(day=arguments.day)
    if arguments.json:
        told.print_json(answer)
    else:
        told.tell_offers(answer.offers, config.timezone)
    return 0


async def _answered(
    office: AnyOffice, sent: OfferStanding, arguments: argparse.Namespace
) -> OfferStanding:
    """Ask until the vehicle has answered, or can no longer."""
    while sent.state == "waiting":
        await asyncio.sleep(ASK_EVERY_S)
        shown = await office.offers.show(day=arguments.day)
        sent = next(one for one in shown.offers if one.offer_id == sent.offer_id)
    return sent


def _read(path: Path) -> OfferDraft:
    try:
        return msgspec.json.decode(path.read_bytes(), type=OfferDraft)
    except OSError as error:
        raise RefusedError(f"{path}: {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RefusedError(
            f"{path}: {error}. Write stops and parcels as in docs/wire/schemas/route.json."
        ) from error
