"""What hostile input is brought to: a served model, and somebody healthy who mirrors it."""

from collections.abc import Hashable, Iterable, Mapping
from contextlib import suppress
from typing import Annotated, Any, Final

from pydantic import BaseModel, Field, model_validator
from transports_core import Change, Hub, Limits, RefusedError, Server, Session
from transports_core.connection import Tenant
from transports_core.patch import apply
from transports_core.testing.peer import Peer
from transports_core.values import same

CODES: Final = {
    "invalid",
    "conflict",
    "read_only",
    "unknown_model",
    "malformed",
    "too_large",
    "rate_limited",
}
"""Why an edit is refused."""

PLACES: Final = 4
"""How many connections a room has, with that of the healthy one."""

SECRET: Final = "what only others may see"


class Part(BaseModel):
    """A model in a model, which has its own say."""

    n: int = 0
    tags: set[str] = {"a", "b"}

    @model_validator(mode="after")
    def _judge(self) -> "Part":
        if self.n > 4:
            raise ValueError("too much")
        return self


class Model(BaseModel):
    """Something of each kind."""

    n: Annotated[int, Field(ge=0)] = 0
    text: str = ""
    items: list[int] = [1, 2, 3]
    members: dict[str, int] = {"a": 1}
    part: Part = Part()
    anything: Any = None
    _hidden: int = 1

    @property
    def twice(self) -> int:
        """Not to be written."""
        return self.n * 2


class Room:
    """A served model, and a healthy peer that mirrors it.

    Args:
        hub: Whether it is the tenant `a` of a hub, whose connections say by their path whose they
            are. There is another, whose model holds the secret, and nobody gets to it.
    """

    def __init__(self, *, hub: bool = False) -> None:
        limits = Limits(connections=PLACES)
        self.server: Server | Hub
        scope: Tenant | None = None
        if hub:
            self.server = Hub(key=_tenant_of, session=_session, limits=limits)
            self.session = self.server.tenant("a")
            self.server.tenant("b").host(Model(text=SECRET))
            scope = Tenant("a")
        else:
            self.session = _session(None)
            self.server = Server(self.session, limits=limits)
        self.model = Model()
        self.id = self.session.host(self.model)
        self.healthy = Peer(self.server, scope=scope).connect().read()
        self._crowd: list[Peer] = []
        # What the host's own writes and accepted edits have made of the model.
        self._due: Any = self.session.value(self.id)
        self._writes = 0
        self.session.on_change(self._accept)

    def write(self) -> None:
        """Write to the model as the host, and have it sent."""
        self.server.deliver(self.server.flush())
        self._writes += 1
        self.model.text = f"written {self._writes}"
        self._due = {**self._due, "text": self.model.text}
        self.server.deliver(self.server.flush())
        self.healthy.read()

    def allow(self) -> None:
        """Take what the model is now for right."""
        self._due = self.session.value(self.id)

    def fill(self) -> None:
        """Let nobody else in until there is room again."""
        for _ in range(PLACES):
            crowd = Peer(self.server, scope=Tenant("a"))
            with suppress(RefusedError):
                self._crowd.append(crowd.connect())

    def clear(self) -> None:
        """Make room again."""
        while self._crowd:
            self._crowd.pop().disconnect()

    def judge(self, messages: Iterable[Mapping[str, Any]]) -> None:
        """Make sure that what was sent is documented, and that the model is what it may be.

        Args:
            messages: All that the hostile connections were sent.
        """
        for message in messages:
            assert message["t"] != "reject" or message["error"]["code"] in CODES, message
        self.write()
        value = self.session.value(self.id)
        assert same(value, self._due)
        assert same(self.healthy.values[self.id], value)
        assert not self.healthy.problems
        assert self.healthy.closed is None
        # What it holds is valid as it is, and nothing else was reached.
        Model.model_validate(self.model.model_dump(warnings="error"))
        assert type(self.model) is Model
        assert self.model.__pydantic_private__ == {"_hidden": 1}
        assert set(self.model.__dict__) == set(Model.model_fields)

    def is_left_alone(self) -> None:
        """Make sure that nobody is connected any more but the healthy one."""
        self.clear()
        self.fill()
        assert len(self._crowd) == PLACES - 1
        self.clear()
        if isinstance(self.server, Hub):
            assert set(self.server.tenants()) == {"a", "b"}

    def _accept(self, change: Change) -> None:
        if change.origin is not None:
            self._due = apply(self._due, change.ops)


def _session(key: Hashable) -> Session:
    return Session(epoch="f" if key == "b" else "e")


def _tenant_of(scope: Any) -> str:
    room: str = scope.path_params["room"]
    return {"a": "a"}[room]
