"""Where people pass parcels from one vehicle to another, and show each other the codes."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from edge.messages.commands import CannotDeliver, HandOver
from edge.messages.parcels import FailureCode, Outcome, ParcelId
from edge.messages.view import ActResult, ParcelView, StopView

MEETS_FOR_S = 600.0  # so long nobody takes a parcel that was put out

Do = Callable[..., Awaitable[ActResult]]
Spend = Callable[[float, float], Awaitable[None]]


class Tailgate:
    """What lies there to be seen; a code stays until its parcel has gone the whole way."""

    def __init__(self) -> None:
        self._offers: dict[ParcelId, str] = {}
        self._receipts: dict[ParcelId, str] = {}
        self._shown = asyncio.Event()

    async def put_out(self, parcel_id: ParcelId, offer: str, wait_s: float) -> str | None:
        """Put a parcel there with the giver's code, and wait for the receipt.

        None: nobody took it in that time, and it is taken away again.
        """
        self._offers[parcel_id] = offer
        receipt = await self._receipt(parcel_id, wait_s)
        if receipt is None:
            del self._offers[parcel_id]
        return receipt

    async def give(
        self, stop: StopView, due: Sequence[ParcelView], do: Do, spend: Spend
    ) -> None:
        """Give one parcel after the other away; `do` presses a button, `spend` takes time."""
        for parcel in due:
            ids = (parcel.parcel_id,)
            receipt = await self.put_out(parcel.parcel_id, parcel.code, MEETS_FOR_S)
            if receipt is None:
                code = FailureCode.NO_ACCESS
                await do(CannotDeliver, stop_id=stop.stop_id, parcel_ids=ids, code=code)
                continue
            await spend(4, 12)
            await do(
                HandOver,
                stop_id=stop.stop_id,
                parcel_ids=ids,
                outcome=Outcome.HANDED_OVER,
                receipt=receipt,
            )

    def offer(self, parcel_id: ParcelId) -> str | None:
        """Return the code of a parcel that lies there."""
        return self._offers.get(parcel_id)

    def show_receipt(self, parcel_id: ParcelId, receipt: str) -> None:
        """Show that a parcel was taken over."""
        if self._receipts.get(parcel_id) != receipt:
            self._receipts[parcel_id] = receipt
            self._shown.set()

    async def _receipt(self, parcel_id: ParcelId, wait_s: float) -> str | None:
        try:
            async with asyncio.timeout(wait_s):
                while parcel_id not in self._receipts:
                    self._shown.clear()
                    await self._shown.wait()
        except TimeoutError:
            return None
        return self._receipts[parcel_id]
