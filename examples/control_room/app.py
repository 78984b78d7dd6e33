"""The application: three hosted models, one WebSocket route, and a page."""

from pathlib import Path

import transports
from models import Logbook, Rota, Station, Task
from plant import run_station, write_logbook
from starlette.applications import Starlette
from starlette.responses import FileResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

HERE = Path(__file__).parent
CLIENT = HERE.parents[1] / "js-packages" / "client" / "dist"

session = transports.Session()
station = Station()
rota = Rota(
    tasks=[
        Task(title="Check the river gauge", done=True),
        Task(title="Grease pump two"),
        Task(title="Call the lock keeper"),
    ]
)
logbook = Logbook()
for model in (station, rota, logbook):
    session.host(model)
server = transports.Server(session)


async def moving() -> None:
    """Measure, for as long as the application is up."""
    await run_station(station)


async def writing() -> None:
    """Keep the logbook, for as long as the application is up."""
    await write_logbook(logbook, station)


async def page(request: object) -> FileResponse:
    """Serve the room itself."""
    del request
    return FileResponse(HERE / "static" / "index.html")


async def pair(request: object) -> FileResponse:
    """Serve two rooms beside one another, to see them agree."""
    del request
    return FileResponse(HERE / "static" / "pair.html")


app = Starlette(
    routes=[
        Route("/", page),
        Route("/pair", pair),
        WebSocketRoute("/ws", transports.ws_endpoint(server)),
        Mount("/client", StaticFiles(directory=CLIENT)),
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ],
    lifespan=transports.lifespan(server, background=[moving, writing]),
)
