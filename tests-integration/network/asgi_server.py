"""A real ASGI server, in the test's own event loop."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount


@asynccontextmanager
async def running(app: Any) -> AsyncGenerator[uvicorn.Server]:
    """Serve an application while the context lasts."""
    config = uvicorn.Config(app, port=0, log_level="warning", ws="websockets-sansio")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        if task.done():
            task.result()
        await asyncio.sleep(0)
    try:
        yield server
    finally:
        server.should_exit = True
        await task


def address(server: uvicorn.Server) -> str:
    """Give the host and the port where applications here are served."""
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    return f"{host}:{port}"


def everywhere(route: Any, add: str, decorator: str) -> dict[str, Callable[[Any], Any]]:
    """Give what puts an endpoint at `/api/v1/live/{room}`, in each way that there is.

    Args:
        route: Starlette's route for it.
        add: The name of FastAPI's method for it.
        decorator: The same, of the decorator.
    """

    def starlette_prefix(endpoint: Any) -> Any:
        return Starlette(routes=[Mount("/api/v1", routes=[route("/live/{room}", endpoint)])])

    def starlette_app_in_app(endpoint: Any) -> Any:
        inner = Starlette(routes=[route("/live/{room}", endpoint)])
        return Starlette(routes=[Mount("/api/v1", app=inner)])

    def fastapi_route(endpoint: Any) -> Any:
        application = FastAPI()
        getattr(application, add)("/api/v1/live/{room}", endpoint)
        return application

    def fastapi_decorator(endpoint: Any) -> Any:
        application = FastAPI()
        getattr(application, decorator)("/api/v1/live/{room}")(endpoint)
        return application

    def fastapi_mounted(endpoint: Any) -> Any:
        inner, application = FastAPI(), FastAPI()
        getattr(inner, add)("/live/{room}", endpoint)
        application.mount("/api/v1", inner)
        return application

    ways = (
        starlette_prefix,
        starlette_app_in_app,
        fastapi_route,
        fastapi_decorator,
        fastapi_mounted,
    )
    return {way.__name__: way for way in ways}
