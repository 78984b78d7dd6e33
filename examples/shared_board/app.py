"""The application: a hub of two teams, each with a document of its own, and a board for both."""

from pathlib import Path
from typing import TYPE_CHECKING

import transports
from models import Board, Document, Note
from starlette.applications import Starlette
from starlette.responses import FileResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.websockets import WebSocket

HERE = Path(__file__).parent
CLIENT = HERE.parents[1] / "js-packages" / "client" / "dist"
TEAMS = ("harbour", "lighthouse")


def team(websocket: "WebSocket") -> str:
    """Say whose a connection is. A real application would ask who is there as well."""
    name = websocket.path_params["team"]
    if name not in TEAMS:
        raise transports.RefusedError(4403, "there is no such team")
    return name


hub = transports.Hub(key=team)
board = Board(notes=[Note(text="The crane is out of order until Friday")])
shared = hub.share(board, merge=transports.PerField())
for name in TEAMS:
    hub.tenant(name).host(Document(title=f"Notes of the {name}"))
    hub.subscribe(name, shared, transports.WRITE)


async def desk(request: "Request") -> FileResponse:
    """Serve the desk of a team."""
    known = request.path_params["team"] in TEAMS
    return FileResponse(HERE / "static" / "desk.html", status_code=200 if known else 404)


async def corridor(request: object) -> FileResponse:
    """Serve both desks beside one another."""
    del request
    return FileResponse(HERE / "static" / "corridor.html")


app = Starlette(
    routes=[
        Route("/", corridor),
        Mount("/client", StaticFiles(directory=CLIENT)),
        Mount("/static", StaticFiles(directory=HERE / "static")),
        WebSocketRoute("/ws/{team}", transports.ws_endpoint(hub)),
        Route("/{team}", desk),
    ],
    lifespan=transports.lifespan(hub),
)
