"""Taking in proposals: what a connection may, and that nothing is applied twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transports_core.access import READ
from transports_core.errors import EditRejected
from transports_core.session import Origin
from transports_core.session.answers import Refused

if TYPE_CHECKING:
    from transports_core.limits import Limits
    from transports_core.message_types import EditMessage
    from transports_core.serving.feed import Feed
    from transports_core.serving.link import Link
    from transports_core.serving.pace import Pace
    from transports_core.session.answers import Answer


class Proposals:
    """Has each proposal answered once.

    Args:
        limits: The bounds to keep.
        pace: Asked whether there may be one more now, if it was not answered before: who asks
            again after an answer is to hear that, and nothing else.
    """

    def __init__(self, limits: Limits, pace: Pace) -> None:
        self._limits = limits
        self._pace = pace

    def answer(self, link: Link, edit: EditMessage) -> Answer:
        """Decide on a proposal: have its session accept or refuse it, unless that was done.

        What is refused without asking the session is not remembered: sent again, it may be
        decided on otherwise.

        Args:
            link: Who proposes it.
            edit: The proposal.
        """
        view = link.channel.view
        # Tokens are a client's own: those of one tenant, or principal, mean nothing for another.
        author = (view.tenant, link.principal)
        asked = view.feed_of(edit["epoch"])
        if asked is not None:
            answers = asked.session.answers
            known = answers.find(author, edit["proposal"])
            if known is not None:
                return known
            if 0 < answers.forgotten >= edit["base"] and self._may_be_answered(link, edit):
                error = EditRejected("forgotten", "answers of that time are not remembered")
                return self._refused(link, edit, error)
        if not self._pace.may_propose(link):
            return self._refused(link, edit, EditRejected("rate_limited", "too many"))
        try:
            feed = self._admit(link, edit)
        except EditRejected as error:
            return self._refused(link, edit, error)
        if link.origin is None:
            link.origin = Origin(link.id, link.principal, view.tenant)
        return feed.session.answers.give(author, edit, link.origin, self._limits.proposal_effort)

    @staticmethod
    def _may_be_answered(link: Link, edit: EditMessage) -> bool:
        """Tell whether a proposal of forgotten times may have been accepted."""
        seen = link.channel.view.find(edit["id"], link.principal)
        # An edit that was accepted has left a later revision, or had nothing to change.
        return seen is None or seen[1].rev > edit["base"]

    def _admit(self, link: Link, edit: EditMessage) -> Feed:
        if len(edit["ops"]) > self._limits.proposal_ops:
            raise EditRejected("too_large", f"more than {self._limits.proposal_ops} operations")
        seen = link.channel.view.find(edit["id"], link.principal)
        if seen is None:
            raise EditRejected("unknown_model", f"there is no model {edit['id']}")
        feed, _, access = seen
        if feed.epoch != edit["epoch"]:
            raise EditRejected("conflict", "the session has begun anew")
        if access is READ:
            raise EditRejected("read_only", f"model {edit['id']} is only shown")
        return feed

    def _refused(self, link: Link, edit: EditMessage, error: EditRejected) -> Refused:
        seen = link.channel.view.find(edit["id"], link.principal)
        return Refused(edit["proposal"], edit["id"], 0 if seen is None else seen[1].rev, error)
