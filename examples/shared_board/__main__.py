"""Run the shared board: `python examples/shared_board [--port N] [--no-browser]`."""

import argparse
import webbrowser

import uvicorn
from app import TEAMS, app


class Announcing(uvicorn.Server):
    """Says where the desks are once they can be opened, and opens them."""

    def __init__(self, config: uvicorn.Config, *, browser: bool) -> None:
        super().__init__(config)
        self._browser = browser

    async def startup(self, sockets: object = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)  # pyright: ignore[reportArgumentType]  # None, or what run gives
        if self.started:
            port = self.servers[0].sockets[0].getsockname()[1]
            url = f"http://127.0.0.1:{port}/"
            desks = ", ".join(f"{url}{team}" for team in TEAMS)
            print(f"Both desks: {url} (each alone: {desks})", flush=True)
            if self._browser:
                webbrowser.open(url)


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="shared_board", description="Two teams and one board.")
    parser.add_argument("--port", type=int, default=8000, help="0 for any free one")
    parser.add_argument("--no-browser", action="store_true", help="only say where the desks are")
    options = parser.parse_args()
    config = uvicorn.Config(app, host="127.0.0.1", port=options.port, log_level="warning")
    Announcing(config, browser=not options.no_browser).run()


if __name__ == "__main__":
    main()
