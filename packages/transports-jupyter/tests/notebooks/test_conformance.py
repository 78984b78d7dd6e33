"""What every transport must do, over comms and over the views of one widget."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

import pytest
from transports_core.connection import Serving
from transports_core.errors import RefusedError
from transports_core.testing import Conformance, Dial
from transports_jupyter import serve_anywidget, serve_comm

from .ends import CommFrontEnd, FrontEnd, Telling, ViewFrontEnd


@pytest.mark.promise("transport.conformance")
class TestComm(Conformance):
    # A comm takes all that it is given, and is told of its codec by the kernel's side.
    makes_wait = has_parameters = has_heartbeat = False

    @asynccontextmanager
    async def serve(self, serving: Serving) -> AsyncGenerator[Dial]:
        comms: list[CommFrontEnd] = []

        @asynccontextmanager
        async def dial(parameters: Mapping[str, str]) -> AsyncGenerator[FrontEnd]:
            comms.append(comm := CommFrontEnd())
            connection = serve_comm(serving, comm, since=parameters.get("since"))
            yield comm.link
            connection.close()

        yield dial
        for comm in comms:
            comm.close()
            comm.handle_close({})


@pytest.mark.promise("transport.conformance")
class TestAnywidget(Conformance):
    makes_wait = has_heartbeat = False

    @asynccontextmanager
    async def serve(self, serving: Serving) -> AsyncGenerator[Dial]:
        connection = serve_anywidget(serving, widget := Telling())

        @asynccontextmanager
        async def dial(parameters: Mapping[str, str]) -> AsyncGenerator[FrontEnd]:
            widget.ends.append(end := ViewFrontEnd(widget, str(len(widget.ends))))
            widget.say({"ready": True, "view": end.name, **parameters})
            if 4400 <= end.close_code <= 4406:
                raise RefusedError(end.close_code, end.close_reason)
            yield end
            widget.say({"gone": True, "view": end.name})

        yield dial
        connection.close()
