"""What notebooks host in these tests, and where it is found in a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator

HOST = """
import transports
from pydantic import BaseModel, Field

class Place(BaseModel):
    x: float = 0.5

class Room(BaseModel):
    speed: int = Field(3, le=10)
    ticks: int = 0
    on: bool = False
    label: str = "main"
    marks: list[int] = [1, 2]
    place: Place = Place()

session = transports.Session()
room = Room()
session.host(room)
server = transports.Server(session)
"""


def model(view: Locator, name: str) -> Locator:
    """Find a model in a view by the name of its class."""
    return view.locator("section").filter(has=view.page.locator("header", has_text=name))


def field(view: Locator, path: str) -> Locator:
    """Find what shows the value at a pointer."""
    return view.get_by_label(path, exact=True)


def shown(view: Locator, status: str) -> None:
    """Wait until a view says how it is."""
    expect(view.get_by_role("status")).to_have_text(status)
