"""Connections that come and go, in each way in which they do."""

from __future__ import annotations

from contextlib import suppress
from itertools import count

from transports_core import Backoff, Client, Limits, Server, Session
from transports_core.errors import RefusedError
from transports_core.testing.peer import Peer

from .boards import LOG, board, read_all, served
from .growth import Round, churn


@churn
def connections() -> Round:
    session, server = served(board(), board())
    model = session.live(1)
    now = count()

    def round() -> None:
        for codec in ("json", "msgpack"):
            for ops in (None, "rfc6902"):
                peer = Peer(server, codec, ops=ops).connect().read()
                model.tick += 1
                model.text += "y"
                read_all(server, peer)
                peer.disconnect()
        model.text = ""
        server.deliver(server.tick(float(next(now))))

    return round


@churn
def connections_cut_while_busy() -> Round:
    session, server = served(board())
    model = session.live(1)

    def round() -> None:
        peers = [Peer(server).connect() for _ in range(3)]
        model.tick += 1
        server.deliver(server.flush())
        for peer in peers:
            peer.disconnect()

    return round


@churn
def connections_closed_for_not_reading() -> Round:
    session, server = served(board())
    model = session.live(1)
    now = count(step=100)

    def round() -> None:
        peer = Peer(server).connect()
        model.tick += 1
        server.deliver(server.flush())
        server.deliver(server.tick(float(next(now))))
        server.deliver(server.tick(float(next(now))))
        peer.read()
        assert peer.closed is not None
        assert peer.closed.code == 4408

    return round


@churn
def connections_refused() -> Round:
    session = Session()
    session.host(board())
    server = Server(session, limits=Limits(connections=1))
    Peer(server).connect()

    def round() -> None:
        for codec in ("json", "pigeon"):
            with suppress(RefusedError):
                server.open(object(), codec)
                raise AssertionError

    return round


@churn
def cursors_of_every_revision() -> Round:
    session, server = served(board())
    for n in range(LOG):
        session.live(1).text = str(n) * 1_000
        session.drain()
    numbers = count()

    def round() -> None:
        rev = session.rev - next(numbers) % LOG
        for since in (f"{session.epoch}:{rev}", f"epoch{next(numbers)}:{rev}"):
            for codec in ("json", "msgpack"):
                Peer(server, codec).connect(since).read().disconnect()

    return round


@churn
def lives_of_a_server() -> Round:
    client = Client(backoff=Backoff(lambda: 0.0))

    def round() -> None:
        _, server = served(board(), board())
        conn = object()
        for frame in server.open(conn, since=client.cursor):
            client.recv(frame)
        assert client.ids() == [1, 2]
        server.close(conn)

    return round


@churn
def servers_of_one_session() -> Round:
    session = Session(max_log_entries=LOG)
    session.host(board())

    def round() -> None:
        server = Server(session)
        end = server.on_wake(lambda: None)
        Peer(server).connect().read().disconnect()
        session.live(1).tick += 1
        server.flush()
        end()

    return round


@churn
def models_in_a_client() -> Round:
    session, server = served()
    client, conn = Client(), object()
    numbers = count()
    for frame in server.open(conn):
        client.recv(frame)
    server.take(conn)

    def receive() -> None:
        for outputs in server.flush().values():
            for output in outputs:
                assert isinstance(output, str)
                client.recv(output)
        while (frame := server.take(conn)) is not None:
            client.recv(frame)

    def round() -> None:
        end = client.on_change(lambda change: None)
        id = session.host(board())
        receive()
        value = client.value(id)
        assert isinstance(value, dict)
        server.recv(conn, client.edit(id, {**value, "tick": next(numbers)}))
        receive()
        session.unhost(id)
        receive()
        end()
        assert client.ids() == []

    return round
