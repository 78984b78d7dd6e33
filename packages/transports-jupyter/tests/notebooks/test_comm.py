"""A comm is served: what goes over it, how it ends, and that no other notices."""

import gc
import logging
import weakref
from typing import Any

import pytest
from transports_core import WRITE, Client, RefusedError, Server, Session, TransportsError, sync
from transports_core.connection import Tenant
from transports_core.limits import Limits
from transports_jupyter import serve_comm

from .ends import Counter, Kept


def mirror(comm: Kept, client: Client | None = None) -> Client:
    """Apply what was sent over a comm."""
    client = client or Client()
    for frame in comm.sent():
        assert isinstance(frame, str)
        back = client.recv(frame)
        if back is not None:
            comm.say(back)
    return client


def test_snapshots_are_sent_at_once(server: Server, comm: Kept, counter: Counter) -> None:
    serve_comm(server, comm)
    assert mirror(comm).value(1) == counter.model_dump()


def test_what_changed_is_sent_when_it_is_synced(
    server: Server, comm: Kept, counter: Counter
) -> None:
    serve_comm(server, comm)
    client = mirror(comm)
    counter.tick = 3
    assert comm.sent() == []
    sync(server)
    assert mirror(comm, client).value(1) == {"tick": 3}
    sync(server)
    assert comm.sent() == []


def test_an_edit_changes_the_model_and_comes_back_to_all(
    server: Server, comm: Kept, counter: Counter
) -> None:
    other = Kept()
    serve_comm(server, comm)
    serve_comm(server, other)
    client, beside = mirror(comm), mirror(other)
    comm.say(client.edit(1, {"tick": 7}))
    assert counter.tick == 7
    assert mirror(comm, client).value(1) == {"tick": 7}
    assert mirror(other, beside).value(1) == {"tick": 7}
    other.close()


@pytest.mark.parametrize("codec", ["msgpack", "nothing"])
def test_codec_other_than_json_is_refused(server: Server, comm: Kept, codec: str) -> None:
    with pytest.raises(ValueError, match=codec) as raised:
        serve_comm(server, comm, codec=codec)
    assert isinstance(raised.value, TransportsError)
    assert comm.published == [("comm_open", {})]


def test_cursor_in_a_message_resumes(server: Server, comm: Kept, counter: Counter) -> None:
    serve_comm(server, comm)
    client = mirror(comm)
    cursor = client.cursor
    counter.tick = 1
    comm.say({"since": cursor})
    # What had not been sent was sent, for whoever else listens. The cursor asks for the same.
    missed, opening = comm.sent()
    assert '"hello"' in opening
    for frame in (missed, opening):
        assert '"patch"' in frame
        assert '"snapshot"' not in frame
    client.recv(opening)
    assert client.value(1) == {"tick": 1}


def test_null_for_a_cursor_shows_everything_again(server: Server, comm: Kept) -> None:
    serve_comm(server, comm)
    mirror(comm)
    comm.say({"since": None})
    assert mirror(comm).value(1) == {"tick": 0}


def test_cursor_may_be_given_as_it_is_served(server: Server, comm: Kept) -> None:
    first = Kept()
    serve_comm(server, first)
    client = mirror(first)
    first.close()
    serve_comm(server, comm, since=client.cursor)
    assert all('"snapshot"' not in frame for frame in comm.sent())


def test_what_is_neither_frame_nor_cursor_does_nothing(
    server: Server, comm: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    serve_comm(server, comm)
    comm.sent()
    with caplog.at_level(logging.WARNING, "transports"):
        nothing: list[Any] = [{}, None, 3, ["x"]]
        for data in nothing:
            comm.say(data)
    assert len(caplog.records) == 4
    assert comm.sent() == []


@pytest.mark.promise("hostile.notebook")
@pytest.mark.parametrize("message", [None, {}, [], {"content": None}, {"content": {"data": None}}])
def test_message_without_data_does_nothing(server: Server, comm: Kept, message: Any) -> None:
    serve_comm(server, comm)
    comm.sent()
    comm.handle_msg(message)
    assert comm.sent() == []


def test_malformed_frame_closes_the_comm_with_the_reason(server: Server, comm: Kept) -> None:
    serve_comm(server, comm)
    comm.sent()
    comm.say("{")
    (last,) = comm.sent()
    assert '"malformed"' in last
    kind, data = comm.published[-1]
    assert (kind, data["code"]) == ("comm_close", 4400)
    assert server.due() is None


def test_refusal_closes_the_comm_and_is_raised(counter: Counter, comm: Kept) -> None:
    session = Session()
    session.host(counter)
    server = Server(session, limits=Limits(connections=0))
    with pytest.raises(RefusedError) as raised:
        serve_comm(server, comm)
    assert raised.value.code == 1013
    assert comm.published[-1][0] == "comm_close"


@pytest.mark.promise("hostile.notebook")
@pytest.mark.parametrize("fails", [False, True])
def test_who_may_not_resume_is_told_and_the_kernel_is_not(
    counter: Counter, comm: Kept, fails: bool
) -> None:
    session = Session()
    session.host(counter)
    allowed = [WRITE]
    server = Server(session, access=lambda principal: allowed[0])
    serve_comm(server, comm)
    allowed.clear()
    comm.fails = fails
    comm.say({"since": None})
    assert server.due() is None
    assert fails or comm.published[-1][1]["code"] == 4403


@pytest.mark.promise("failure.34", "jupyter.contained")
def test_dead_comm_keeps_no_other_from_being_sent_to(
    server: Server, comm: Kept, counter: Counter, caplog: pytest.LogCaptureFixture
) -> None:
    dead = [Kept(), Kept()]
    for one in (dead[0], comm, dead[1]):
        serve_comm(server, one)
    client = mirror(comm)
    for one in dead:
        one.fails = True
    counter.tick = 1
    with caplog.at_level(logging.ERROR):
        sync(server)
    assert len(caplog.records) == 2
    assert mirror(comm, client).value(1) == {"tick": 1}
    # They were given up.
    counter.tick = 2
    sync(server)
    assert len(caplog.records) == 2
    assert mirror(comm, client).value(1) == {"tick": 2}


@pytest.mark.parametrize("side", ["front end", "kernel", "connection"])
def test_closed_comm_is_forgotten(
    server: Server, counter: Counter, side: str, caplog: pytest.LogCaptureFixture
) -> None:
    comm = Kept()
    connection = serve_comm(server, comm)
    comm.sent()
    if side == "front end":
        comm.handle_close({"content": {"data": {}}})
    elif side == "kernel":
        comm.close()
    else:
        connection.close()
    counter.tick = 1
    sync(server)
    assert comm.sent() == []
    assert server.due() is None
    assert caplog.records == []


def test_nothing_is_kept_of_a_closed_comm(server: Server, counter: Counter) -> None:
    comm = Kept()
    serve_comm(server, comm).close()
    gone = weakref.ref(comm)
    del comm
    gc.collect()
    assert gone() is None


class Scoped(Server):
    """Takes note of what a hub would ask its `key` about."""

    def open(self, *args: Any, **options: Any) -> Any:
        self.scope = options["scope"]
        return super().open(*args, **options)


def test_key_is_shown_the_comm_unless_a_tenant_is_named(comm: Kept, counter: Counter) -> None:
    session = Session()
    session.host(counter)
    server = Scoped(session)
    serve_comm(server, comm)
    assert server.scope is comm
    serve_comm(server, comm, tenant="blue")
    assert server.scope == Tenant("blue")


def test_there_is_no_heartbeat(server: Server, comm: Kept) -> None:
    serve_comm(server, comm)
    assert '"heartbeat":0' in comm.sent()[0]
