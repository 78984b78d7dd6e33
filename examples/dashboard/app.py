"""The application: one hosted model, one stream of events, and a page."""

import asyncio
import os
import platform
import shutil
from pathlib import Path

import transports
from models import Machine
from starlette.applications import Starlette
from starlette.responses import FileResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

HERE = Path(__file__).parent
CLIENT = HERE.parents[1] / "js-packages" / "client" / "dist"

session = transports.Session()
machine = Machine(name=platform.node(), cores=os.cpu_count() or 1)
session.host(machine)
server = transports.Server(session)


async def measuring() -> None:
    """Measure twice a second, for as long as the application is up."""
    while True:
        disk = shutil.disk_usage(HERE)
        machine.sample(os.getloadavg()[0], 100 * disk.used / disk.total)
        await asyncio.sleep(0.5)


async def page(request: object) -> FileResponse:
    """Serve the dashboard itself."""
    del request
    return FileResponse(HERE / "dashboard.html")


app = Starlette(
    routes=[
        Route("/", page),
        Route("/sse", transports.sse_endpoint(server)),
        Mount("/client", StaticFiles(directory=CLIENT)),
    ],
    lifespan=transports.lifespan(server, background=[measuring]),
)
