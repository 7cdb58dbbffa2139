"""What a hand-over still lacks, in the driver's words."""

from edge.handover.pin import pin_fits
from edge.messages.commands import HandOver, ProvenHandOver
from edge.messages.parcels import HandoverRequirements, Outcome, ParcelId

TO_A_PERSON = (Outcome.DELIVERED, Outcome.HANDED_OVER)
"""Outcomes with somebody there to sign, say a PIN or show a passport."""
OF_A_HANDOVER = (*TO_A_PERSON, Outcome.LOCKER, Outcome.SAFE_PLACE)


def lacking(parcel_id: ParcelId, required: HandoverRequirements, action: HandOver) -> list[str]:
    """Return one sentence for each thing the hand-over of a parcel does not show.

    Empty: the parcel may leave the vehicle. Tries of a wrong PIN are the caller's to count.
    """
    if action.outcome not in OF_A_HANDOVER:
        return [f"{parcel_id}: {action.outcome.value} is not how a hand-over ends."]
    found: list[str] = []
    if action.outcome not in TO_A_PERSON and needs_a_person(required):
        where = "a locker" if action.outcome is Outcome.LOCKER else "a safe place"
        found.append(f"{parcel_id} must be given to a person, not left in {where}.")
    if required.photo and not action.photos:
        found.append(f"{parcel_id} needs a photo.")
    if required.signature and action.signature is None:
        found.append(f"{parcel_id} needs a signature.")
    if required.pin_hash is not None and not isinstance(action, ProvenHandOver):
        found += _pin_lacking(parcel_id, required, action.pin)
    if required.minimum_age is not None and not action.age_checked:
        found.append(
            f"{parcel_id}: check that the recipient is {required.minimum_age} or older."
        )
    return found


def needs_a_person(required: HandoverRequirements) -> bool:
    """Tell whether somebody has to be there to receive the parcel."""
    return (
        required.signature or required.pin_hash is not None or required.minimum_age is not None
    )


def _pin_lacking(
    parcel_id: ParcelId, required: HandoverRequirements, pin: str | None
) -> list[str]:
    if required.pin_key is None:
        return [f"{parcel_id}: its PIN cannot be checked on board; call the station."]
    if pin is None:
        return [f"{parcel_id} needs the recipient's PIN."]
    if not pin_fits(pin, required):
        return [f"{parcel_id}: this is not its PIN."]
    return []
