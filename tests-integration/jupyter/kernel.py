"""A real Jupyter kernel, with this test as its front end."""

from __future__ import annotations

from queue import Empty
from typing import TYPE_CHECKING, Any

from jupyter_client.manager import KernelManager
from transports import Client

if TYPE_CHECKING:
    from collections.abc import Callable

# Seconds after which nothing is going to come any more.
PATIENCE = 60

# What is served in most of these tests.
SERVED = """
import transports
from comm import create_comm
from pydantic import BaseModel

class Counter(BaseModel):
    tick: int = 0

session = transports.Session()
counter = Counter()
session.host(counter)
server = transports.Server(session)
"""


def tick(client: Client) -> int | None:
    """Tell what a client shows of the counter; `None` while it shows none."""
    value: Any = client.value(1) if client.ids() else {}
    return value.get("tick")


class Kernel:
    """A kernel, and what its front end hears of comms: a client for each that mirrors it."""

    def __init__(self) -> None:
        self.manager: Any = KernelManager(kernel_name="python3")
        self.manager.start_kernel()
        self.comms: dict[str, Client] = {}
        # The frames of each comm, and how it was closed.
        self.frames: dict[str, list[str]] = {}
        self.closed: dict[str, Any] = {}
        self._connect()

    def _connect(self) -> None:
        self.client: Any = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)

    def restart(self) -> None:
        """Restart it, as the menu of a notebook does."""
        self.client.stop_channels()
        self.manager.restart_kernel(now=True)
        self._connect()

    def stop(self) -> None:
        """End it, and leave nothing behind."""
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def begin(self, code: str) -> str:
        """Begin to run a cell; give the name of the request."""
        return self.client.execute(code)

    def finish(self, request: str) -> None:
        """Hear of everything until a cell has ended."""
        done = {"content": {"execution_state": "idle"}, "parent": request}
        while self.hear() != done:
            pass
        reply = self.client.get_shell_msg(timeout=PATIENCE)
        while reply["parent_header"].get("msg_id") != request:
            reply = self.client.get_shell_msg(timeout=PATIENCE)
        content = reply["content"]
        assert content["status"] == "ok", "\n".join(content.get("traceback", [content["status"]]))

    def run(self, code: str) -> None:
        """Run a cell, and hear of all that it does."""
        self.finish(self.begin(code))

    def until(self, condition: Callable[[], bool]) -> None:
        """Hear of what happens until something holds."""
        while not condition():
            self.hear()

    def hear(self) -> dict[str, Any]:
        """Hear of one thing that happens."""
        try:
            message = self.client.get_iopub_msg(timeout=PATIENCE)
        except Empty:
            raise AssertionError(f"nothing more came: {self.frames}") from None
        content = message["content"]
        match message["msg_type"]:
            case "comm_open":
                self.comms[content["comm_id"]] = Client()
                self.frames[content["comm_id"]] = []
            case "comm_msg" if isinstance(content["data"], str):
                self.frames[content["comm_id"]].append(content["data"])
                self.comms[content["comm_id"]].recv(content["data"])
            case "comm_close":
                self.closed[content["comm_id"]] = content["data"]
            case _:
                pass
        return {"content": content, "parent": message["parent_header"].get("msg_id")}

    def say(self, comm: str, data: object, *, kind: str = "comm_msg", subshell: str = "") -> str:
        """Say something over a comm; give the name of the message."""
        return self._send(kind, {"comm_id": comm, "data": data}, subshell)

    def _send(self, kind: str, content: dict[str, Any], subshell: str) -> str:
        message = self.client.session.msg(kind, content)
        if subshell:
            message["header"]["subshell_id"] = subshell
        self.client.shell_channel.send(message)
        return message["header"]["msg_id"]

    def open(
        self,
        comm: str,
        target: str,
        data: object,
        client: Client | None = None,
        *,
        subshell: str = "",
    ) -> Client:
        """Open a comm from the front end; give the client that mirrors it."""
        self.comms[comm], self.frames[comm] = client or Client(), []
        content = {"comm_id": comm, "target_name": target, "data": data}
        self._send("comm_open", content, subshell)
        return self.comms[comm]

    def subshell(self) -> str:
        """Have a thread made beside the one that runs cells, as JupyterLab does for comms."""
        self.client.control_channel.send(self.client.session.msg("create_subshell_request", {}))
        return self.client.get_control_msg(timeout=PATIENCE)["content"]["subshell_id"]

    @property
    def only(self) -> tuple[str, Client]:
        """The one comm that is open."""
        ((name, client),) = self.comms.items()
        return name, client
