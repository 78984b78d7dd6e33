"""What comes and goes in a server for as long as it runs, and how much of it stays.

Each entry of `CHURNS` makes a function to be called round after round. Whatever a round does is
over when it returns, so that in the end no more is kept than after the first few.
"""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from dataclasses import make_dataclass
from itertools import count, pairwise
from typing import Any, Final

from msgspec import defstruct
from pydantic import BaseModel, Field, create_model

from transports_core import READ, WRITE, Backoff, Client, Hub, Limits, PerField, Server, Session
from transports_core.errors import RefusedError
from transports_core.log import MemoryLog
from transports_core.testing.peer import Peer

Round = Callable[[], object]
CHURNS: Final[dict[str, Callable[[], Round]]] = {}

# So small that a few rounds fill it: what is full does not grow.
LOG: Final = 10
LIMITS: Final = Limits(answers=10)


class Item(BaseModel):
    name: str = ""
    tags: list[str] = []


class Board(BaseModel):
    tick: int = Field(default=0, ge=0)
    text: str = ""
    items: list[Item] = []
    named: dict[str, Item] = {}


def board() -> Board:
    """Make a model that takes some memory."""
    return Board(text="x" * 200, items=[Item(name=str(n)) for n in range(2)])


def growth(round: Round, rounds: int, windows: int = 4) -> int:
    """Tell how many bytes more are held after so many rounds, at the least.

    What has a bound fills up and is emptied again: it grows for a while, and does not in some other
    one. What leaks grows in each.

    Args:
        round: What is done again and again.
        rounds: How many rounds there are in a window.
        windows: In how many of them to look, after one that is not looked at.
    """
    held: list[int] = []
    gc.collect()
    # What was there before is not looked at again and again, not by later tests either.
    gc.freeze()
    tracemalloc.start()
    try:
        for _ in range(windows + 1):
            for _ in range(rounds):
                round()
            gc.collect()
            held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    return min(after - before for before, after in pairwise(held))


def churn(make: Callable[[], Round]) -> Callable[[], Round]:
    """List what comes and goes."""
    CHURNS[make.__name__.replace("_", " ")] = make
    return make


def served(*models: Any, **options: Any) -> tuple[Session, Server]:
    """Give a session that hosts models, and its server."""
    session = Session(max_log_entries=LOG, **options)
    for model in models:
        session.host(model)
    return session, Server(session, limits=LIMITS)


def read_all(server: Server | Hub, *peers: Peer) -> None:
    """Flush, and have everybody read; nobody keeps what was read."""
    server.deliver(server.flush())
    for peer in peers:
        peer.read()
        forget(peer)


def forget(peer: Peer) -> None:
    """Forget what a peer keeps for tests to look at."""
    for kept in (peer.received, peer.frames, peer.answers, peer.problems):
        kept.clear()


@churn
def models_nobody_looks_at() -> Round:
    session, server = served(board())

    def round() -> None:
        id = session.host(board())
        session.live(id).items.append(Item(name="new"))
        session.unhost(id)
        server.flush()

    return round


@churn
def models_that_somebody_looks_at() -> Round:
    session, server = served(board())
    peer = Peer(server).connect()

    def round() -> None:
        id = session.host(board())
        read_all(server, peer)
        session.live(id).named["a"] = Item()
        read_all(server, peer)
        session.unhost(id)
        read_all(server, peer)

    return round


@churn
def models_that_leave_while_nobody_looks() -> Round:
    session, server = served()

    def round() -> None:
        id = session.host(board())
        for codec in ("json", "msgpack"):
            Peer(server, codec).connect().read().disconnect()
        session.unhost(id)
        server.flush()

    return round


@churn
def classes_made_at_run_time() -> Round:
    session, server = served()
    numbers = count()

    def round() -> None:
        for made in (
            create_model("Model", __base__=Board, extra=(int, 0)),
            make_dataclass("Dataclass", [("extra", int, 0)]),
            defstruct("Struct", [("extra", int, 0)]),
        ):
            id = session.host(made())
            peer = Peer(server).connect().read()
            replace: Any = {"op": "replace", "path": "/extra", "value": 5}
            peer.propose(id, replace, proposal=f"p{next(numbers)}")
            assert session.live(id).extra == 5
            peer.disconnect()
            session.unhost(id)

    return round


@churn
def classes_made_at_run_time_in_one_that_stays() -> Round:
    class Holder(BaseModel):
        anything: Any = None
        some: Board | None = None

    session, server = served(Holder())
    holder = session.live(1)
    peer = Peer(server).connect().read()
    numbers = count()

    def round() -> None:
        made: Any = create_model("Made", __base__=Board, extra=(int, 0))
        holder.anything, holder.some = made(), made()
        read_all(server, peer)
        for path in ("/anything/tick", "/some/tick"):
            edit: Any = {"op": "replace", "path": path, "value": 5}
            peer.propose(1, edit, proposal=f"p{next(numbers)}")
            read_all(server, peer)
        assert holder.anything.tick == holder.some.tick == 5
        holder.anything = holder.some = None

    return round


@churn
def containers_and_other_kinds() -> Round:
    session, server = served()

    def round() -> None:
        ids = [session.host(each) for each in ({"a": [1]}, [1, {"b": 2}], {1, 2})]
        session.live(ids[0])["a"].append(2)
        session.live(ids[1])[1]["c"] = [3]
        session.live(ids[2]).add(3)
        server.flush()
        for id in ids:
            session.unhost(id)

    return round


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
def writes() -> Round:
    session, server = served(board())
    model = session.live(1)
    peer = Peer(server).connect().read()
    slow = Peer(server).connect()

    def round() -> None:
        for n in range(5):
            model.tick += 1
            model.text = str(n)
            model.items[n % 2].tags = [str(n)]
            model.named[str(n % 3)] = Item(name=str(n))
            read_all(server, peer)
        assert len(slow.under_way) == 1

    return round


@churn
def writes_nobody_sends() -> Round:
    session, _ = served(board())
    model = session.live(1)

    def round() -> None:
        for n in range(100):
            model.tick = n
            model.items[n % 2].name = str(n)
            model.items.append(model.items.pop(0))

    return round


@churn
def proposals_of_many_principals() -> Round:
    session, server = served(board())
    numbers = count()

    def round() -> None:
        number = next(numbers)
        peer = Peer(server, principal=f"principal {number}").connect().read()
        for n, value in enumerate((number, -1, "no number")):
            edit: Any = {"op": "replace", "path": "/tick", "value": value}
            peer.propose(1, edit, proposal=f"{number}-{n}")
            peer.read()
        assert [answer["t"] for answer in peer.answers] == ["ack", "reject", "reject"]
        peer.disconnect()
        assert session.value(1)

    return round


@churn
def proposals_whose_answers_nobody_reads() -> Round:
    session = Session(max_log_entries=LOG)
    session.host(board())
    server = Server(session, limits=Limits(answers=10, replies=5))
    tokens = count()

    def round() -> None:
        peer = Peer(server).connect().read()
        edits = [
            peer.edit(1, {"op": "replace", "path": "/tick", "value": -n}, proposal=str(token))
            for n, token in zip(range(7), tokens, strict=False)
        ]
        session.live(1).text = "busy from now on"
        server.deliver(server.flush())
        for edit in edits:
            peer.send(edit)
        peer.read()
        assert peer.closed is not None

    return round


@churn
def proposals_merged_by_field() -> Round:
    session, server = served(board(), merge=PerField())
    numbers = count()
    peer = Peer(server).connect().read()

    def round() -> None:
        number = next(numbers)
        for path in ("/text", "/items/0/name"):
            edit: Any = {"op": "replace", "path": path, "value": str(number)}
            peer.propose(1, edit, proposal=f"{number}{path}")
            peer.read()
        forget(peer)
        # Has everything folded in, which happens now and then by itself.
        assert session.snapshot(1).rev

    return round


@churn
def models_that_were_edited() -> Round:
    session, server = served()
    numbers = count()
    peer = Peer(server).connect().read()

    def round() -> None:
        id = session.host(board())
        read_all(server, peer)
        edit: Any = {"op": "replace", "path": "/items", "value": [{"name": "new"}]}
        peer.propose(id, edit, proposal=str(next(numbers)))
        read_all(server, peer)
        session.unhost(id)
        read_all(server, peer)

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
def tenants() -> Round:
    hub = Hub(key=lambda scope: scope, keep=False, limits=LIMITS)
    numbers = count()

    def round() -> None:
        key = f"tenant {next(numbers)}"
        peer = Peer(hub, scope=key).connect().read()
        hub.tenant(key).host(board())
        read_all(hub, peer)
        peer.disconnect()
        hub.flush()
        assert hub.tenants() == []

    return round


@churn
def tenants_that_the_application_empties() -> Round:
    hub = Hub(key=lambda scope: scope, limits=LIMITS)
    numbers = count()

    def round() -> None:
        key = f"tenant {next(numbers)}"
        id = hub.tenant(key).host(board())
        Peer(hub, scope=key).connect().read().disconnect()
        hub.tenant(key).unhost(id)
        hub.flush()
        assert hub.tenants() == []

    return round


@churn
def names_of_tenants_nobody_knows() -> Round:
    hub = Hub(key=lambda scope: scope, limits=LIMITS)
    numbers = count()

    def round() -> None:
        key = f"tenant {next(numbers)}"
        Peer(hub, scope=key).connect().read().disconnect()
        hub.tenant(f"{key} too")
        hub.flush()
        assert hub.tenants() == []

    return round


@churn
def shares() -> Round:
    hub = Hub(
        key=lambda scope: scope, limits=LIMITS, session=lambda _: Session(max_log_entries=LOG)
    )
    peers = [Peer(hub, scope=key).connect().read() for key in ("ann", "bob")]
    for key in ("ann", "bob"):
        hub.tenant(key).host(board())

    def round() -> None:
        id = hub.share(board())
        hub.subscribe("ann", id, WRITE)
        hub.subscribe("bob", id, READ)
        read_all(hub, *peers)
        hub.shared(id).live(id).tick += 1
        read_all(hub, *peers)
        hub.unshare(id)
        read_all(hub, *peers)
        assert [len(peer.mirror.ids()) for peer in peers] == [1, 1]
        # Or the address that a client resumes by would be ever longer.
        assert [len(peer.mirror.cursor or ()) for peer in peers] == [1, 1]

    return round


@churn
def subscriptions() -> Round:
    hub = Hub(
        key=lambda scope: scope, limits=LIMITS, session=lambda _: Session(max_log_entries=LOG)
    )
    ids = [hub.share(board(), log=MemoryLog(max_entries=LOG)) for _ in range(2)]
    peers = [Peer(hub, scope=key).connect().read() for key in ("ann", "bob")]

    def round() -> None:
        for id in ids:
            for key in ("ann", "bob"):
                hub.subscribe(key, id)
        read_all(hub, *peers)
        for id in ids:
            hub.shared(id).live(id).tick += 1
            hub.subscribe("ann", id, WRITE)
        read_all(hub, *peers)
        for id in ids:
            for key in ("ann", "bob"):
                hub.unsubscribe(key, id)
        read_all(hub, *peers)
        assert [peer.mirror.ids() for peer in peers] == [[], []]

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
def listeners() -> Round:
    session, server = served(board())

    def round() -> None:
        heard: list[Any] = []
        ends = [
            session.on_change(heard.append),
            session.on_error(heard.append),
            session.on_wake(lambda: None),
            server.on_wake(lambda: None),
            session.lower(),
        ]
        session.live(1).tick += 1
        server.flush()
        for end in ends:
            end()
        assert heard
        assert session.snapshot(1).rev  # as above

    return round


@churn
def what_fails_and_heals() -> Round:
    session, server = served(board())
    model: Any = session.live(1)
    peer = Peer(server).connect().read()

    def round() -> None:
        model.text = "\ud800"
        read_all(server, peer)
        model.text = "well"
        read_all(server, peer)

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
