"""What becomes of edits that meet, by the strategy that a shared model was given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from transports_core import messages
from transports_core.access import WRITE
from transports_core.errors import EditRejected
from transports_core.hub import Hub
from transports_core.log import MemoryLog
from transports_core.session import ConcurrentEdit, LastWriteWins, MergeStrategy, PerField
from transports_core.testing.peer import Peer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transports_core.operation import Operation


class Style(BaseModel):
    color: str = "black"
    width: int = 1


class Card(BaseModel):
    title: str = "card"
    votes: int = 0
    style: Style = Field(default_factory=Style)
    labels: list[str] = Field(default_factory=lambda: [])
    notes: dict[str, str] = Field(default_factory=lambda: {})


class Sharing:
    """A card that is shared by tenants, each of which looked at it when it was new.

    Args:
        merge: What becomes of edits that meet.
        tenants: Their names.
    """

    def __init__(self, merge: MergeStrategy | None, *tenants: str) -> None:
        self.card = Card()
        self.hub = Hub(lambda scope: scope)
        self.id = self.hub.share(self.card, merge=merge)
        for tenant in tenants:
            self.hub.subscribe(tenant, self.id, WRITE)
        self.peers = {name: Peer(self.hub, scope=name).connect().read() for name in tenants}
        self.count = 0

    def edit(self, tenant: str, *ops: Any, base: int = 1) -> str:
        """Have a tenant propose what it came to think of at a revision; give the answer."""
        peer = self.peers[tenant]
        self.count += 1
        epoch = self.hub.shared(self.id).epoch
        peer.send(messages.edit(self.id, epoch, base, ops, f"p{self.count}"))
        self.hub.deliver(self.hub.flush())
        answer: Any = peer.read().answers[-1]
        return answer["t"] if answer["t"] == "ack" else answer["error"]["code"]

    def shown(self) -> dict[str, Any]:
        """Give what all mirrors show, which is one and the same."""
        self.hub.deliver(self.hub.flush())
        values = [peer.read().values[self.id] for peer in self.peers.values()]
        assert all(value == values[0] for value in values)
        assert self.card.model_dump() == values[0]
        return self.card.model_dump()


def replace(path: str, value: Any) -> Any:
    return {"op": "replace", "path": path, "value": value}


def whole(**changes: Any) -> Any:
    """Send a whole card, as somebody made it of the new one."""
    return replace("", Card().model_dump() | changes)


STRATEGIES = [None, LastWriteWins(), PerField()]


@pytest.mark.promise("hub.merge")
class TestWhatMeets:
    @pytest.mark.parametrize("merge", STRATEGIES)
    def test_edits_of_different_fields_both_hold(self, merge: MergeStrategy | None) -> None:
        both = Sharing(merge, "ann", "bob")
        assert both.edit("ann", replace("/title", "hers")) == "ack"
        assert both.edit("bob", replace("/votes", 1)) == "ack"
        assert both.shown() == Card(title="hers", votes=1).model_dump()

    @pytest.mark.parametrize("merge", STRATEGIES)
    def test_of_edits_of_one_field_the_later_holds(self, merge: MergeStrategy | None) -> None:
        both = Sharing(merge, "ann", "bob")
        for tenant in ("bob", "ann", "bob"):
            assert both.edit(tenant, replace("/title", tenant)) == "ack"
            assert both.shown()["title"] == tenant

    def test_the_last_write_takes_all_that_it_names(self) -> None:
        both = Sharing(LastWriteWins(), "ann", "bob")
        both.edit("ann", replace("/votes", 7))
        assert both.edit("bob", whole(title="his")) == "ack"
        assert both.shown() == Card(title="his").model_dump()

    def test_per_field_a_whole_value_leaves_what_others_changed(self) -> None:
        both = Sharing(PerField(), "ann", "bob")
        both.edit("ann", replace("/votes", 7), replace("/style/color", "red"))
        both.edit("ann", {"op": "add", "path": "/notes/a", "value": "hers"}, base=2)
        both.edit("ann", {"op": "add", "path": "/labels/-", "value": "hers"}, base=3)
        his = whole(title="his", style={"color": "black", "width": 3}, notes={"b": "his"})
        assert both.edit("bob", his) == "ack"
        assert both.shown() == {
            "title": "his",
            "votes": 7,
            "style": {"color": "red", "width": 3},
            "labels": ["hers"],
            "notes": {"a": "hers", "b": "his"},
        }

    def test_per_field_what_others_removed_does_not_come_back(self) -> None:
        both = Sharing(PerField(), "ann", "bob")
        both.card.notes["a"] = "old"
        both.shown()
        both.edit("ann", {"op": "remove", "path": "/notes/a"}, base=2)
        assert both.edit("bob", replace("/notes", {"a": "old", "b": "new"}), base=2) == "ack"
        assert both.shown()["notes"] == {"b": "new"}

    def test_per_field_who_saw_a_change_may_undo_it(self) -> None:
        both = Sharing(PerField(), "ann", "bob")
        both.edit("ann", replace("/votes", 7))
        assert both.edit("bob", whole(title="his"), base=2) == "ack"
        assert both.shown() == Card(title="his").model_dump()

    def test_per_field_who_changes_a_field_has_it_however_they_send_it(self) -> None:
        both = Sharing(PerField(), "ann", "bob")
        for votes in (7, 8, 9):
            both.edit("ann", replace("/votes", votes))
        assert both.edit("bob", whole(votes=3)) == "ack"
        assert both.shown() == Card(votes=3).model_dump()

    def test_per_field_of_two_whole_values_the_later_holds(self) -> None:
        both = Sharing(PerField(), "ann", "bob")
        both.edit("ann", replace("/style", {"color": "red", "width": 2}))
        assert both.edit("bob", replace("/style", {"color": "blue", "width": 1})) == "ack"
        assert both.shown()["style"] == {"color": "blue", "width": 2}

    def test_per_field_an_edit_that_names_its_conditions_is_made_as_it_is(self) -> None:
        both = Sharing(PerField(), "ann", "bob")
        both.edit("ann", replace("/votes", 7))
        test: Any = {"op": "test", "path": "/votes", "value": 0}
        assert both.edit("bob", test, whole(title="his")) == "conflict"
        assert both.edit("bob", test | {"value": 7}, whole(title="his")) == "ack"
        assert both.shown() == Card(title="his").model_dump()

    def test_per_field_a_field_is_written_also_where_others_wrote_all_around_it(self) -> None:
        both = Sharing(PerField(), "ann", "bob")
        both.card.notes.update(a="old", b="old", c="old")
        both.shown()
        both.card.notes = {"a": "new", "b": "old", "d": "new"}
        op = replace("/notes", {"a": "old", "b": "his", "e": "his"})
        assert both.edit("bob", op, base=2) == "ack"
        assert both.shown()["notes"] == {"a": "new", "b": "his", "d": "new", "e": "his"}

    @pytest.mark.parametrize("now", [{}, {"style": 5}, {"style": {}}])
    def test_per_field_what_is_gone_cannot_be_edited(self, now: Any) -> None:
        hub = Hub(lambda scope: scope)
        id = hub.share({"card": {"style": {"color": "red"}}}, merge=PerField())
        session = hub.shared(id)
        session.live(id)["card"] = now
        edit = replace("/card", {"style": {"color": "blue"}})
        with pytest.raises(EditRejected) as refused:
            session.submit(id, [edit], epoch=session.epoch, base=1)
        assert refused.value.code == "conflict"
        assert session.value(id) == {"card": now}

    def test_per_field_what_could_not_apply_is_malformed(self) -> None:
        both = Sharing(PerField(), "ann", "bob")
        both.edit("ann", replace("/votes", 7))
        assert both.edit("bob", replace("/nothing/there", 1)) == "malformed"

    def test_per_field_items_of_lists_are_followed(self) -> None:
        hub = Hub(lambda scope: scope)
        cards = [Card(), Card(title="second")]
        id = hub.share({"cards": cards}, merge=PerField())
        hub.subscribe("ann", id, WRITE)
        ann = Peer(hub, scope="ann").connect().read()
        wanted = Card(title="hers").model_dump()
        edit = ann.edit(id, replace("/cards/1", wanted), proposal="p")
        hub.shared(id).live(id)["cards"].insert(0, Card(title="first"))
        cards[1].votes = 3
        ann.send(edit)
        shown: Any = ann.read().values[id]
        assert [(card["title"], card["votes"]) for card in shown["cards"]] == [
            ("first", 0),
            ("card", 0),
            ("hers", 3),
        ]

    def test_per_field_the_past_ends_with_the_log(self) -> None:
        card = Card()
        hub = Hub(lambda scope: scope)
        id = hub.share(card, merge=PerField(), log=MemoryLog(max_entries=3))
        session = hub.shared(id)
        for n in range(1, 10):
            card.votes = n
            session.drain()
        with pytest.raises(EditRejected) as refused:
            session.submit(id, [whole(title="a")], epoch=session.epoch, base=session.rev - 4)
        assert refused.value.code == "conflict"
        seen = card.model_dump() | {"votes": 7, "title": "b"}
        session.submit(id, [replace("", seen)], epoch=session.epoch, base=session.rev - 2)
        assert (card.title, card.votes) == ("b", 9)


@pytest.mark.promise("failure.9")
class TestNobodyIsShutOut:
    @given(
        names=st.lists(st.text(min_size=1, max_size=4), min_size=2, max_size=3, unique=True),
        writes=st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3)), min_size=1, max_size=8),
        strategy=st.sampled_from([LastWriteWins, PerField]),
    )
    def test_whoever_writes_a_field_has_it_whatever_they_are_called_or_claim(
        self,
        names: list[str],
        writes: list[tuple[int, int]],
        strategy: type[MergeStrategy],
    ) -> None:
        sharing = Sharing(strategy(), *names)
        for n, (who, claimed) in enumerate(writes):
            tenant = names[who % len(names)]
            base = min(claimed, sharing.hub.shared(sharing.id).rev)
            assert sharing.edit(tenant, replace("/title", f"{n}"), base=base) == "ack"
            assert sharing.shown()["title"] == f"{n}"

    @pytest.mark.parametrize("merge", STRATEGIES)
    def test_a_revision_from_the_future_gains_nothing(self, merge: MergeStrategy | None) -> None:
        both = Sharing(merge, "ann", "bob")
        assert both.edit("ann", replace("/title", "hers"), base=1 << 60) == "conflict"
        assert both.edit("bob", replace("/title", "his")) == "ack"
        assert both.shown()["title"] == "his"

    @given(
        order=st.permutations(["ann", "bob", "cyd"]),
        strategy=st.sampled_from([LastWriteWins, PerField]),
    )
    def test_what_different_tenants_write_holds_in_whatever_order_it_comes(
        self, order: list[str], strategy: type[MergeStrategy]
    ) -> None:
        sharing = Sharing(strategy(), *order)
        writes = {
            "ann": replace("/title", "hers"),
            "bob": replace("/votes", 4),
            "cyd": replace("/style/width", 9),
        }
        for tenant in order:
            assert sharing.edit(tenant, writes[tenant]) == "ack"
        assert sharing.shown() == Card(title="hers", votes=4, style=Style(width=9)).model_dump()


class FirstWriteWins:
    """What an application might want: nobody writes over what they have not seen."""

    def __init__(self) -> None:
        self.asked: list[ConcurrentEdit] = []

    def merge(self, edit: ConcurrentEdit) -> Sequence[Operation]:
        self.asked.append(edit)
        written = {op["path"] for change in edit.since for op in change.ops}
        if any(op["path"] in written for op in edit.carried):
            raise EditRejected("conflict", "somebody was quicker")
        return edit.carried


class Greatest:
    """What an application might want: a counter that never goes back."""

    def merge(self, edit: ConcurrentEdit) -> Sequence[Operation]:
        return [
            op
            for op in edit.carried
            if op["op"] == "replace"
            and isinstance(op["value"], int)
            and op["value"] > edit.model.votes
        ]


class Broken:
    def merge(self, edit: ConcurrentEdit) -> Sequence[Operation]:
        raise RuntimeError(edit.id)


@pytest.mark.promise("hub.merge-custom")
class TestAnApplicationsOwn:
    def test_a_strategy_is_asked_where_somebody_had_not_seen_the_latest(self) -> None:
        strategy = FirstWriteWins()
        both = Sharing(strategy, "ann", "bob")
        assert both.edit("ann", replace("/title", "hers")) == "ack"
        assert strategy.asked == []
        assert both.edit("bob", replace("/title", "his")) == "conflict"
        assert both.edit("bob", replace("/votes", 1)) == "ack"
        assert both.edit("bob", replace("/title", "his"), base=3) == "ack"
        asked = strategy.asked[0]
        assert (asked.id, asked.base, asked.ops, asked.carried) == (
            both.id,
            1,
            [replace("/title", "his")],
            [replace("/title", "his")],
        )
        assert [(change.rev, change.ops) for change in asked.since] == [
            (2, [replace("/title", "hers")])
        ]
        assert (asked.model, asked.now()) == (both.card, both.shown())
        assert asked.before() == Card().model_dump()

    def test_what_a_strategy_leaves_of_an_edit_is_made_and_it_counts_as_accepted(self) -> None:
        both = Sharing(Greatest(), "ann", "bob")
        assert both.edit("ann", replace("/votes", 5)) == "ack"
        assert both.edit("bob", replace("/votes", 3)) == "ack"
        assert both.shown()["votes"] == 5
        assert both.edit("bob", replace("/votes", 6)) == "ack"
        assert both.shown()["votes"] == 6

    def test_what_a_strategy_says_is_validated(self) -> None:
        class Wrong:
            def merge(self, edit: ConcurrentEdit) -> Sequence[Operation]:
                return [replace("/votes", "many")]

        both = Sharing(Wrong(), "ann", "bob")
        both.edit("ann", replace("/title", "hers"))
        assert both.edit("bob", replace("/title", "his")) == "invalid"
        assert both.shown() == Card(title="hers").model_dump()

    def test_a_strategy_that_breaks_refuses_and_harms_nobody(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        both = Sharing(Broken(), "ann", "bob")
        assert both.edit("ann", replace("/title", "hers")) == "ack"
        assert both.edit("bob", replace("/title", "his")) == "invalid"
        assert both.edit("bob", replace("/title", "his"), base=2) == "ack"
        del caplog
