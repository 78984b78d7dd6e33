"""What was written is sent when a cell has ended."""

import asyncio
import gc
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from transports_core import Client, Server, Session, autosync
from transports_jupyter import serve_anywidget, serve_comm

from .ends import Counter, Kept, Widget


@pytest.fixture
def shell(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Give a real IPython shell, the one that `get_ipython` gives."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    shell: Any = InteractiveShell.instance()
    yield shell
    shell.history_manager.end_session()
    InteractiveShell.clear_instance()


def value(comm: Kept, client: Client) -> Any:
    for frame in comm.sent():
        client.recv(frame)
    return client.value(1)


@pytest.mark.promise("failure.35")
def test_end_of_a_cell_sends_without_a_call(
    shell: Any, server: Server, counter: Counter, comm: Kept
) -> None:
    client = Client()
    shell.push({"serve_comm": serve_comm, "server": server, "comm": comm, "counter": counter})
    shell.run_cell("serve_comm(server, comm); counter.tick = 1")
    assert value(comm, client) == {"tick": 1}
    shell.run_cell("counter.tick = 2\ncounter.tick = 3")
    assert len(comm.published) == 2
    assert value(comm, client) == {"tick": 3}


def test_end_of_a_cell_that_fails_sends_too(
    shell: Any, server: Server, counter: Counter, comm: Kept
) -> None:
    client = Client()
    serve_comm(server, comm)
    shell.push({"counter": counter})
    shell.run_cell("counter.tick = 4; 1 / 0")
    assert value(comm, client) == {"tick": 4}


def test_message_to_another_widget_sends_what_it_led_to(
    shell: Any, server: Server, counter: Counter, comm: Kept
) -> None:
    client, button = Client(), Kept()
    serve_comm(server, comm)
    value(comm, client)
    button.on_msg(lambda message: setattr(counter, "tick", 5))
    button.say("clicked")
    assert value(comm, client) == {"tick": 5}
    button.close()


@pytest.mark.parametrize("serve", [serve_comm, serve_anywidget])
def test_it_can_be_declined(
    shell: Any,
    server: Server,
    counter: Counter,
    comm: Kept,
    widget: Widget,
    serve: Callable[..., Any],
) -> None:
    serve(server, comm if serve is serve_comm else widget, pushes_after_cells=False)
    widget.say({"ready": True})
    comm.sent()
    widget.sent.clear()
    shell.push({"counter": counter})
    shell.run_cell("counter.tick = 1")
    assert comm.sent() == widget.sent == []


def test_one_call_is_enough_for_many_connections(
    shell: Any, server: Server, comm: Kept, widget: Widget
) -> None:
    before = len(shell.events.callbacks["post_execute"])
    serve_comm(server, comm)
    serve_anywidget(server, widget)
    assert len(shell.events.callbacks["post_execute"]) == before + 1


def test_nothing_is_left_in_the_shell_of_a_server_that_is_gone(shell: Any) -> None:
    before = list(shell.events.callbacks["post_execute"])
    server = Server(Session())
    comm = Kept()
    serve_comm(server, comm).close()
    gone = weakref.ref(server)
    del server, comm
    gc.collect()
    assert gone() is None
    assert shell.events.callbacks["post_execute"] == before


async def test_without_a_shell_the_loops_next_turn_sends(
    server: Server, counter: Counter, comm: Kept
) -> None:
    client = Client()
    serve_comm(server, comm)
    value(comm, client)
    counter.tick = 1
    counter.tick = 2
    assert comm.sent() == []
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert value(comm, client) == {"tick": 2}


def test_loop_that_was_closed_is_no_obstacle(server: Server, counter: Counter, comm: Kept) -> None:
    async def main() -> None:
        serve_comm(server, comm)

    loop = asyncio.new_event_loop()
    loop.run_until_complete(main())
    loop.close()
    counter.tick = 1
    assert counter.tick == 1


async def test_autosync_beside_it_sends_everything_once(
    server: Server, counter: Counter, comm: Kept
) -> None:
    client = Client()
    task = asyncio.create_task(autosync(server))
    await asyncio.sleep(0)
    serve_comm(server, comm)
    value(comm, client)
    counter.tick = 1
    for _ in range(5):
        await asyncio.sleep(0)
    assert len(comm.published) == 2
    assert value(comm, client) == {"tick": 1}
    task.cancel()
