"""Whatever is lost or begun anew: an edit is made once, and its author is told the truth."""

from collections import Counter, deque
from functools import partial
from itertools import count
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from pydantic import BaseModel

from transports_core.client.pending import Outcome, Pending
from transports_core.client.replica import Replica
from transports_core.connection import Close
from transports_core.errors import EditRejected
from transports_core.limits import Limits
from transports_core.server import Server
from transports_core.session import Session
from transports_core.testing.late_log import LateLog
from transports_core.testing.peer import Handle

SMALL = st.integers(0, 4)
EDITORS = st.integers(0, 2)


class Ledger(BaseModel):
    tokens: list[str] = []
    other: int = 0


class Editor:
    """A client's inside, on a line that loses what is on its way, either way, when it breaks."""

    def __init__(self, codec: str) -> None:
        self.replica = Replica(codec, None)
        self.outcomes: dict[str, Outcome] = {}
        self.proposed = 0
        self._down: deque[Any] = deque()
        self._up: deque[Any] = deque()
        self._server: Server | None = None
        self._conn = Handle()

    def connect(self, server: Server) -> None:
        self.disconnect()
        self._server, self._conn = server, Handle()
        parameters = self.replica.begin()
        self.replica.proposals.send_again()
        opening = server.open(
            self._conn, parameters.get("codec", "json"), since=parameters.get("since")
        )
        server.attach(self._conn, self._down.extend)
        self._down.extend(opening)

    def disconnect(self) -> None:
        if self._server is not None:
            self._server.close(self._conn)
        self._server = None
        self._down.clear()
        self._up.clear()

    def propose(self, id: int, token: str) -> None:
        edit = self.replica.edit(id, [{"op": "add", "path": "/tokens/-", "value": token}])
        frame = self.replica.codec.encode([edit])
        settle = partial(self.outcomes.__setitem__, token)
        self.replica.proposals.add(Pending(edit, frame, settle))
        self.proposed += 1
        self._send()

    def read(self, most: int = 1 << 30) -> None:
        """Take in some of what is on its way here."""
        for _ in range(most):
            if self._server is None or not (self._down or self._ask()):
                return
            output = self._down.popleft()
            if isinstance(output, Close):
                self.disconnect()
                return
            if self.replica.receive(output).problem is not None:
                self._up.append(self.replica.resync())
            self._send()

    def deliver(self, most: int = 1 << 30) -> None:
        """Have some of what was sent arrive."""
        for _ in range(min(most, len(self._up))):
            if self._server is not None and self._up:
                self._server.deliver(self._server.recv(self._conn, self._up.popleft()))

    def lose(self) -> None:
        """Miss something."""
        if self.replica.ready and self._server is not None:
            self.replica.mirror.lose()
            self._up.append(self.replica.resync())

    @property
    def connected(self) -> bool:
        return self._server is not None

    def _ask(self) -> bool:
        assert self._server is not None
        frame = self._server.take(self._conn)
        if frame is not None:
            self._down.append(frame)
        return frame is not None

    def _send(self) -> None:
        while self._server is not None and self.replica.ready:
            pending = self.replica.proposals.take_unsent()
            if pending is None:
                return
            self._up.append(pending.frame)


class Editing(RuleBasedStateMachine):
    @initialize(
        late=st.booleans(),
        kept=st.sampled_from([3, 1000]),
        answers=st.sampled_from([2, 20000]),
        rate=st.sampled_from([2, 200]),
    )
    def begin(self, late: bool, kept: int, answers: int, rate: int) -> None:
        self.kept, self.is_late = kept, late
        self.limits = Limits(answers=answers, proposals_per_second=rate)
        self.now = 0.0
        self.numbers = count()
        # What a life took along.
        self.taken: list[str] = []
        self.live([])
        self.editors = [Editor(codec) for codec in ("json", "msgpack", "json")]
        self.meet()

    def meet(self) -> None:
        """Have everybody connected, and shown what there is."""
        if self.log is not None:
            self.log.answer()
        for editor in self.editors:
            editor.connect(self.server)
            editor.read()

    def live(self, tokens: list[str]) -> None:
        self.log = LateLog(max_entries=self.kept) if self.is_late else None
        self.session = Session(log=self.log, max_log_entries=self.kept)
        self.ledger = Ledger(tokens=tokens)
        self.id = self.session.host(self.ledger)
        self.session.host(Ledger())
        self.server = Server(self.session, limits=self.limits)
        self.server.tick(self.now)

    @rule(times=st.integers(1, 4))
    def write(self, times: int) -> None:
        for _ in range(times):
            self.ledger.other += 1
            self.flush()

    @rule()
    def flush(self) -> None:
        self.server.deliver(self.server.flush())

    @rule(some=SMALL)
    def commit(self, some: int) -> None:
        if self.log is not None:
            self.log.answer(min(some, self.log.waiting))

    @rule()
    def tick(self) -> None:
        self.now += 1.0
        self.server.deliver(self.server.tick(self.now))

    @rule(who=EDITORS, times=st.integers(1, 3))
    def propose(self, who: int, times: int) -> None:
        editor = self.editors[who]
        for _ in range(times):
            if self.id in editor.replica.mirror.ids():
                editor.propose(self.id, f"{who}-{next(self.numbers)}")

    @rule(who=EDITORS, most=SMALL)
    def read(self, who: int, most: int) -> None:
        self.editors[who].read(most)

    @rule(who=EDITORS, most=SMALL)
    def deliver(self, who: int, most: int) -> None:
        self.editors[who].deliver(most)

    @rule(who=EDITORS, returns=st.booleans())
    def cut(self, who: int, returns: bool) -> None:
        self.editors[who].disconnect()
        if returns:
            self.editors[who].connect(self.server)

    @rule(who=EDITORS)
    def come_again(self, who: int) -> None:
        """Have what was sent arrive, and lose the answer; send it again."""
        self.editors[who].deliver()
        self.editors[who].connect(self.server)
        self.editors[who].read()
        self.editors[who].deliver()

    @rule(who=EDITORS)
    def miss(self, who: int) -> None:
        self.editors[who].lose()

    @rule(left=st.none() | SMALL)
    def restart(self, left: int | None) -> None:
        """Begin anew, with all that there was, or less."""
        for editor in self.editors:
            editor.disconnect()
        tokens = list(self.ledger.tokens)
        self.taken += [] if left is None else tokens[left:]
        self.live(tokens if left is None else tokens[:left])
        self.meet()

    @rule()
    def settle(self) -> None:
        for _ in range(60):
            if all(self._is_settled(editor) for editor in self.editors):
                break
            self.tick()
            for editor in self.editors:
                if not editor.connected:
                    editor.connect(self.server)
                editor.deliver()
            self.flush()
            self.commit(1 << 30)
            self.flush()
            for editor in self.editors:
                editor.read()
        made = Counter([*self.taken, *self.ledger.tokens])
        told: dict[str, Outcome] = {}
        for editor in self.editors:
            assert len(editor.outcomes) == editor.proposed, "somebody was told nothing"
            told |= editor.outcomes
            assert editor.replica.mirror.value(self.id) == self.session.value(self.id)
        for token, outcome in told.items():
            if isinstance(outcome, int):
                assert made[token] == 1, (token, outcome)
            elif isinstance(outcome, EditRejected):
                assert made[token] == 0, (token, outcome)
            else:
                assert made[token] <= 1, (token, outcome)

    def _is_settled(self, editor: Editor) -> bool:
        mirror = editor.replica.mirror
        shown = self.id in mirror.ids() and not mirror.lost
        return shown and not len(editor.replica.proposals) and self._is_shown(editor)

    def _is_shown(self, editor: Editor) -> bool:
        return editor.replica.mirror.value(self.id) == self.session.value(self.id)

    def teardown(self) -> None:
        if hasattr(self, "editors"):
            self.settle()


Editing.TestCase.settings = settings(stateful_step_count=40, deadline=None)


@pytest.mark.promise("edit.once", "edit.honest", "edit.answered")
class TestEditing(Editing.TestCase):
    pass


@pytest.mark.promise("edit.once")
def test_what_is_proposed_while_the_mirror_is_lost_is_sent_once() -> None:
    session, ledger = Session(), Ledger()
    id = session.host(ledger)
    server = Server(session, limits=Limits(proposals_per_second=1))
    server.tick(0)
    editor = Editor("json")
    editor.connect(server)
    editor.read()
    editor.lose()
    for token in "abcd":
        editor.propose(id, token)
    for now in range(10):
        server.deliver(server.tick(now))
        editor.deliver()
        editor.read()
    accepted = [token for token, outcome in editor.outcomes.items() if isinstance(outcome, int)]
    assert len(editor.outcomes) == 4
    assert ledger.tokens == accepted
