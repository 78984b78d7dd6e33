"""A server, clients of it, and what befalls them: by a seed, and in the end all is as promised."""

import asyncio
import json
import signal
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import httpx
from journal import Journal
from lines import Line, line
from processes import PATIENCE, Player, Served, Spawned, spawn
from transports_core.diff import diff
from transports_core.values import equal

T = TypeVar("T")

KINDS = ("python ws msgpack", "python sse json", "node ws json", "node sse json")
"""Clients: their language, their transport and their codec."""

# How often what came to what may have been applied.
_ALLOWED = {
    "accepted": {1},
    "unknown": {0, 1},
    "invalid": {0},
    "conflict": {0},
    "rate_limited": {0},
}


class Scene:
    """Whom things befall, and what is to be true of them.

    Args:
        served: The server.
        seed: What happens depends on it.

    Attributes:
        faults: How many there were of each kind.
        outcomes: How many proposals came to what.
        lag: For how long the server's event loop let nobody have a turn, at most, in seconds.
        opened: How many connections were made.
        statuses: What each client's status became since it was last looked at.
        taken: The tokens that the server forgot, because its state was replaced.
    """

    def __init__(self, served: Served, seed: int) -> None:
        self.served = served
        self.luck = Random(seed)
        self.players: dict[str, Player] = {}
        self.lines: dict[str, Line] = {}
        self.faults: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        self.lag = 0.0
        self.opened = 0
        self.statuses: dict[str, list[str]] = {}
        self.taken: list[str] = []
        self._journal = Journal()
        self._marks = 0
        self._around = AsyncExitStack()

    async def reach(self, scheme: str) -> tuple[Line, str]:
        """Lay a line to the server, which lasts as long as the scene; give the URL at its end."""
        start = "ws" if scheme == "ws" else "http"
        url = f"{start}://127.0.0.1:{self.served.port}/{scheme}"
        return await self._around.enter_async_context(line(url))

    async def join_all(self) -> None:
        """Have a client of each kind come, in a process of its own."""
        await _each(self._join(kind) for kind in KINDS)

    async def _join(self, kind: str) -> None:
        language, scheme, codec = kind.split()
        name = f"{scheme}-{language}"
        wire, near = await self.reach(scheme)
        await self.admit(name, wire, await spawn(language, near, name, codec))

    async def admit(self, name: str, wire: Line, player: Player) -> None:
        """Take in a client that was made elsewhere. One over a WebSocket begins to edit."""
        self.lines[name] = wire
        self.players[name] = player
        self._around.push_async_callback(player.end)
        if name.startswith("ws"):
            await player.ask("edit")

    # What befalls them

    async def strike(self) -> None:
        """Have something happen, for a moment."""
        await self.befall(self.luck.choice(OF_SERVERS + 3 * OF_CLIENTS))

    async def befall(self, kind: str) -> None:
        """Have something of a kind happen, for a moment."""
        self.faults[kind] += 1
        name = self.luck.choice(list(self.lines))
        self._journal.note(f"{kind}, {name} if it is of one line")
        await FAULTS[kind](self, name)

    async def moment(self, most: float = 0.15) -> None:
        """Let things go on as they are."""
        await asyncio.sleep(self.luck.uniform(0, most))

    async def restart(self, how: str) -> None:
        """Kill the server, and start it again on the `same` state, an `older` or an `other`."""
        served = self.served
        await served.end()
        kept = served.state.read_text().splitlines()
        if how != "same":
            left = self.luck.randint(0, len(kept)) if how == "older" else 0
            self.taken += kept[left:]
            served.state.write_text("".join(f"{token}\n" for token in kept[:left]))
            served.other ^= how == "other"
        await served.start()

    # What is to be true in the end

    async def settle(self, within: float | None = None) -> None:
        """End all faults, wait until everything has arrived, and look whether it is right.

        Args:
            within: Seconds that this may take in all; `None` for as long as there is patience.
        """
        for one in self.lines.values():
            one.mend()
        self._journal.note("to be right now")
        try:
            async with asyncio.timeout(within):
                await self._settled()
        except Exception as problem:  # whatever it is, what led to it helps
            problem.add_note(await self._account())
            raise

    async def _settled(self) -> None:
        answers = await _each(each.ask("rest") for each in self.players.values())
        self._marks += 1
        mark = f"mark {self._marks}"
        truth = await self._truth(mark)
        shown = await _each(each.ask("show", mark=mark) for each in self.players.values())
        self.statuses = {
            name: each["statuses"] for name, each in zip(self.players, shown, strict=True)
        }
        self.opened += sum(each.count("open") for each in self.statuses.values())
        for name, each in zip(self.players, shown, strict=True):
            values = json.loads(each["values"])
            assert equal(values, truth), f"{name} does not show the models: {diff(values, truth)}"
        told: dict[str, str] = {}
        for each in answers:
            told |= each["outcomes"]
        ledger = next(each["tokens"] for each in truth.values() if "tokens" in each)
        self._judge(told, Counter([*self.taken, *ledger]))

    async def go_on(self, flood: int = 0) -> None:
        """Have everybody write again, the host first so many characters at once."""
        async with httpx.AsyncClient(timeout=PATIENCE) as asking:
            url = f"http://127.0.0.1:{self.served.port}/go-on"
            await asking.get(url, params={"flood": flood})
        for name, each in self.players.items():
            if name.startswith("ws"):
                await each.ask("edit")

    def _judge(self, told: dict[str, str], applied: Counter[str]) -> None:
        self.outcomes = Counter(told.values())
        assert self.outcomes.keys() <= _ALLOWED.keys(), self.outcomes
        wrong = {
            token: (outcome, applied[token])
            for token, outcome in told.items()
            if applied[token] not in _ALLOWED[outcome]
        }
        assert not wrong, f"told, and how often it was applied: {wrong}"
        # Whoever is stalled has not heard, and is not asked.
        asked = {token for token in applied if token.rpartition("-")[0] in self.players}
        assert asked <= told.keys(), "somebody was told nothing"

    async def _truth(self, mark: str) -> Any:
        async with httpx.AsyncClient(timeout=PATIENCE) as asking:
            url = f"http://127.0.0.1:{self.served.port}/rest"
            answer = await asking.get(url, params={"mark": mark})
        self.lag = max(self.lag, float(answer.headers["X-Lag"]))
        return answer.json()

    async def _account(self) -> str:
        """Say what happened lately, and how everybody is."""
        told = ["", "What happened:", *self._journal.lines()]
        for name, each in self.players.items():
            try:
                says = await each.tell()
            except Exception as problem:  # one that cannot tell keeps nobody else from it
                says = [repr(problem)]
            told += ["", f"{name}:", *says, "its line:", *self.lines[name].account()]
        return "\n  ".join(told)

    async def end(self) -> None:
        """End everybody."""
        try:
            await self._around.aclose()
        finally:
            await self.served.end()


async def _each(doings: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Do all of it at once; if something fails, nothing else goes on."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(doing) for doing in doings]
    return [task.result() for task in tasks]


@asynccontextmanager
async def scene(folder: Path, seed: int, *options: str) -> AsyncGenerator[Scene]:
    """Have a server to which clients can come, while the context lasts.

    Args:
        folder: Where it keeps its state.
        seed: What happens depends on it.
        options: For the server's command line.
    """
    one = Scene(Served(folder / "ledger", *options), seed)
    await one.served.start()
    try:
        yield one
    finally:
        await one.end()


async def _chop(scene: Scene, name: str) -> None:
    scene.lines[name].chunk = scene.luck.randint(1, 7)
    await scene.moment()


async def _delay(scene: Scene, name: str) -> None:
    scene.lines[name].delay = scene.luck.uniform(0.01, 0.1)
    await scene.moment()


async def _throttle(scene: Scene, name: str) -> None:
    scene.lines[name].rate = scene.luck.randint(2_000, 50_000)
    await scene.moment(0.4)


async def _mend(scene: Scene, name: str) -> None:
    scene.lines[name].mend()
    await scene.moment()


async def _hold(scene: Scene, name: str) -> None:
    scene.lines[name].hold()
    await scene.moment(0.6)
    scene.lines[name].mend()


async def _half_open(scene: Scene, name: str) -> None:
    scene.lines[name].strand()
    await scene.moment(0.6)


async def _stall(scene: Scene, name: str) -> None:
    scene.lines[name].stall()
    await scene.moment(0.6)


async def _deaf(scene: Scene, name: str) -> None:
    scene.lines[name].strand(dumb=False)
    await scene.moment(0.6)


async def _dumb(scene: Scene, name: str) -> None:
    # What the server sends still arrives: nothing but the next fault ends this.
    scene.lines[name].strand(deaf=False)
    await scene.moment(0.3)
    scene.lines[name].cut()


async def _black_hole(scene: Scene, name: str) -> None:
    # New connections are taken as well, and nothing comes of them.
    scene.lines[name].silent = True
    await scene.moment(0.6)
    scene.lines[name].cut()


async def _have_on_the_way(scene: Scene) -> None:
    """Have edits and answers on their way everywhere, to be lost there."""
    for one in scene.lines.values():
        one.delay = 0.03
    await scene.moment()


async def _cut(scene: Scene, name: str) -> None:
    await _have_on_the_way(scene)
    scene.lines[name].cut()
    await scene.moment()


async def _reset(scene: Scene, name: str) -> None:
    await _have_on_the_way(scene)
    scene.lines[name].reset()
    await scene.moment()


async def _storm(scene: Scene, name: str) -> None:
    del name
    await _have_on_the_way(scene)
    for one in scene.lines.values():
        one.reset()
    await scene.moment()


async def _stop_client(scene: Scene, name: str) -> None:
    del name
    player = scene.luck.choice([it for it in scene.players.values() if isinstance(it, Spawned)])
    player.send(signal.SIGSTOP)
    await scene.moment(0.8)
    player.send(signal.SIGCONT)


async def _stop_server(scene: Scene, name: str) -> None:
    del name
    scene.served.send(signal.SIGSTOP)
    await scene.moment(0.8)
    scene.served.send(signal.SIGCONT)


async def _shut_down(scene: Scene, name: str) -> None:
    del name
    await scene.served.end(signal.SIGTERM)
    await scene.served.start()


def _kill(how: str) -> Callable[[Scene, str], Any]:
    async def kill(scene: Scene, name: str) -> None:
        del name
        await _have_on_the_way(scene)
        await scene.restart(how)
        await scene.moment(0.4)

    return kill


FAULTS: dict[str, Callable[[Scene, str], Any]] = {
    "chopped": _chop,
    "delayed": _delay,
    "throttled": _throttle,
    "mended": _mend,
    "held up": _hold,
    "stalled": _stall,
    "half-open": _half_open,
    "half-open to the client": _deaf,
    "half-open to the server": _dumb,
    "black hole": _black_hole,
    "cut": _cut,
    "reset": _reset,
    "all reset": _storm,
    "client stopped": _stop_client,
    "server stopped": _stop_server,
    "server shut down": _shut_down,
    "killed, same state": _kill("same"),
    "killed, older state": _kill("older"),
    "killed, other state": _kill("other"),
}
"""What can happen, by its name."""

OF_SERVERS = [kind for kind in FAULTS if kind.startswith(("server", "killed"))]
OF_CLIENTS = [kind for kind in FAULTS if kind not in OF_SERVERS]
