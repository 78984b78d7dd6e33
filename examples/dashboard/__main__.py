"""Run the dashboard: `python examples/dashboard [--port N]`. It says where the page is."""

import argparse

import uvicorn
from app import app


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="dashboard", description="A live dashboard over SSE.")
    parser.add_argument("--port", type=int, default=8001, help="0 for any free one")
    uvicorn.run(app, host="127.0.0.1", port=parser.parse_args().port)


if __name__ == "__main__":
    main()
