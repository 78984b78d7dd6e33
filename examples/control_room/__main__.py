"""Run the control room: `python examples/control_room [--port N] [--no-browser]`."""

import argparse
import webbrowser

import uvicorn
from app import app


class Announcing(uvicorn.Server):
    """Says where the page is once it can be opened, and opens it."""

    def __init__(self, config: uvicorn.Config, *, browser: bool) -> None:
        super().__init__(config)
        self._browser = browser

    async def startup(self, sockets: object = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)  # pyright: ignore[reportArgumentType]  # None, or what run gives
        if not self.started:
            return
        port = self.servers[0].sockets[0].getsockname()[1]
        url = f"http://127.0.0.1:{port}/"
        print(f"The control room is open: {url} (two side by side: {url}pair)", flush=True)
        if self._browser:
            webbrowser.open(url)


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="control_room", description="A live control room.")
    parser.add_argument("--port", type=int, default=8000, help="0 for any free one")
    parser.add_argument("--no-browser", action="store_true", help="only say where the page is")
    options = parser.parse_args()
    config = uvicorn.Config(app, host="127.0.0.1", port=options.port, log_level="warning")
    Announcing(config, browser=not options.no_browser).run()


if __name__ == "__main__":
    main()
