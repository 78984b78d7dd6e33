"""The same by uvicorn's older implementation, on top of `websockets`' legacy server."""

from functools import partial

from benchmarks.network.servers import raw

serve = partial(raw.serve, ws="websockets")
