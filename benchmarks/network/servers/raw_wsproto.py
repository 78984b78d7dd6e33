"""The same by uvicorn's implementation on top of `wsproto`."""

from functools import partial

from benchmarks.network.servers import raw

serve = partial(raw.serve, ws="wsproto")
