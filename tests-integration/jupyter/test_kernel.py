"""Sessions served over comms of a real kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .kernel import SERVED, tick

if TYPE_CHECKING:
    from pathlib import Path

    from .kernel import Kernel

REGISTER = """
from comm import get_comm_manager

def serve(comm, message):
    transports.serve_comm(server, comm, since=message["content"]["data"].get("since"))

get_comm_manager().register_target("transports", serve)
"""
SERVE = "comm = create_comm(target_name='transports'); transports.serve_comm(server, comm)"


@pytest.mark.promise("jupyter.comm")
def test_comm_mirrors_the_model_and_takes_in_edits(kernel: Kernel) -> None:
    kernel.run(SERVE)
    name, client = kernel.only
    assert tick(client) == 0
    kernel.say(name, client.edit(1, {"tick": 7}))
    kernel.until(lambda: tick(client) == 7)
    kernel.run("assert counter.tick == 7")


@pytest.mark.promise("failure.35")
def test_what_a_cell_writes_is_sent_when_it_ends(kernel: Kernel) -> None:
    kernel.run(SERVE)
    name, client = kernel.only
    before = len(kernel.frames[name])
    kernel.run("counter.tick = 1\ncounter.tick = 2")
    assert tick(client) == 2
    assert len(kernel.frames[name]) == before + 1


@pytest.mark.promise("jupyter.busy")
def test_sync_sends_from_inside_a_cell(kernel: Kernel, tmp_path: Path) -> None:
    kernel.run(SERVE)
    _, client = kernel.only
    go = tmp_path / "go"
    cell = kernel.begin(f"""
import pathlib
while not pathlib.Path({str(go)!r}).exists():
    counter.tick += 1
    transports.sync(server)
""")
    # The cell goes on until this test has seen it at work.
    kernel.until(lambda: tick(client) != 0)
    go.touch()
    kernel.finish(cell)


@pytest.mark.promise("jupyter.busy", "serving.turns")
def test_edit_reaches_a_busy_kernel_where_comms_have_a_thread(kernel: Kernel) -> None:
    kernel.run(REGISTER)
    subshell = kernel.subshell()
    client = kernel.open("mine", "transports", {}, subshell=subshell)
    kernel.until(lambda: tick(client) == 0)
    cell = kernel.begin("""
import time
while counter.tick < 100:
    time.sleep(0.001)
counter.tick += 1
""")
    kernel.say("mine", client.edit(1, {"tick": 100}), subshell=subshell)
    kernel.finish(cell)
    assert tick(client) == 101


@pytest.mark.promise("jupyter.busy")
def test_edit_of_a_busy_kernel_without_such_a_thread_waits_for_the_cell(kernel: Kernel) -> None:
    kernel.run(SERVE)
    name, client = kernel.only
    cell = kernel.begin("counter.tick = 1; transports.sync(server)")
    kernel.say(name, client.edit(1, {"tick": 5}))
    kernel.finish(cell)
    kernel.until(lambda: tick(client) == 5)


@pytest.mark.promise("failure.34")
def test_dead_comms_harm_nobody(kernel: Kernel) -> None:
    kernel.run("""
comms = [create_comm(target_name="transports") for _ in range(4)]
for comm in comms:
    transports.serve_comm(server, comm)
""")
    first, second, third, fourth = kernel.comms.values()
    names = list(kernel.comms)
    # One was closed by its page, one by the program, and one cannot be sent to.
    closed = kernel.say(names[0], {}, kind="comm_close")
    kernel.until(lambda: kernel.hear()["parent"] == closed)
    kernel.run("""
def fail(*args, **keys):
    raise OSError("nobody there")

comms[1].close()
comms[2].publish_msg = fail
counter.tick = 1
""")
    kernel.run("counter.tick = 2; transports.sync(server)")
    assert tick(fourth) == 2
    assert [tick(client) for client in (first, second, third)] == [0] * 3


@pytest.mark.promise("jupyter.comm")
def test_front_end_may_open_the_comm_and_say_where_it_was(kernel: Kernel) -> None:
    kernel.run(REGISTER)
    client = kernel.open("mine", "transports", {})
    kernel.until(lambda: tick(client) == 0)
    kernel.say("mine", {}, kind="comm_close")
    kernel.run("counter.tick = 1")
    assert tick(client) == 0
    kernel.open("again", "transports", {"since": client.cursor}, client)
    kernel.until(lambda: tick(client) == 1)
    assert all('"snapshot"' not in frame for frame in kernel.frames["again"])


@pytest.mark.promise("jupyter.restart")
def test_after_a_restart_a_cursor_of_the_old_life_shows_the_new_one(kernel: Kernel) -> None:
    kernel.run(SERVE + "; counter.tick = 5")
    _, client = kernel.only
    assert tick(client) == 5
    kernel.restart()
    kernel.comms.clear()
    kernel.run(SERVED)
    kernel.run("comm = create_comm(target_name='transports')")
    name, _ = kernel.only
    kernel.comms[name] = client
    kernel.run(f"transports.serve_comm(server, comm, since={client.cursor!r})")
    assert tick(client) == 0
