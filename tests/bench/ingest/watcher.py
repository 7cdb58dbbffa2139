"""One of those who look at the live positions: how old each is when it arrives.

python -m tests.bench.ingest.watcher PORT SECONDS
"""

import asyncio
import json
import sys
from contextlib import suppress

from edge.clock import LoopClock
from edge.messages.broker import catalog
from edge.messages.broker.wire import from_json
from edge.messages.state import Live
from edge.uplink.mqtt import connector
from tests.station.live.vans import ORG


async def watch(port: int, for_s: float, name: str) -> None:
    clock = LoopClock.started_now()
    topic = f"$share/watchers/{catalog.ROOT}/{ORG}/+/{catalog.BY_NAME['live'].topic}"
    ages_s: list[float] = []
    vehicles: set[str] = set()
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    async with connector("127.0.0.1", port, client_id=name)((topic,), None) as link:
        with suppress(TimeoutError):
            async with asyncio.timeout(for_s):
                async for _, payload in link.messages():
                    live = from_json(payload, Live)
                    ages_s.append((clock.utc() - live.utc).total_seconds())
                    vehicles.add(live.vehicle)
    answer = {
        "ages_ms": [round(1000 * age_s) for age_s in ages_s],
        "vehicles": sorted(vehicles),
    }
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    asyncio.run(watch(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]))
