"""The channels of a server: which one a connection is of, by what it sees, may do and reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transports_core.serving.channel import Channel

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from transports_core.access import Rule
    from transports_core.serving.feed import Feed
    from transports_core.serving.link import Link
    from transports_core.serving.terms import Terms
    from transports_core.serving.view import View


class Channels:
    """Finds the channels of connections, and lets go of those that have none."""

    def __init__(self) -> None:
        self._channels: dict[tuple[View, Terms, frozenset[Rule]], Channel] = {}

    def __len__(self) -> int:
        return len(self._channels)

    def join(self, view: View, terms: Terms, principal: Hashable) -> Channel:
        """Give the channel of one more connection."""
        denied = view.denied(principal)
        key = (view, terms, denied)
        channel = self._channels.get(key)
        if channel is None:
            channel = self._channels[key] = Channel(view, terms, denied)
        channel.size += 1
        view.size += 1
        return channel

    def leave(self, channel: Channel) -> bool:
        """Have one connection less in a channel, and tell whether nobody sees what it did now."""
        channel.size -= 1
        if not channel.size:
            del self._channels[channel.view, channel.terms, channel.denied]
            channel.release()
        channel.view.size -= 1
        return not channel.view.size

    def judge(self, channels: Iterable[Channel], links: Iterable[Link]) -> None:
        """Ask the rules that came since of those who are of channels: they may be of others.

        Args:
            channels: The channels.
            links: All connections.
        """
        for channel in channels:
            if channel.rules != channel.view.rules:
                self._ask(channel, links)

    def telling_of(self, feeds: Iterable[Feed], links: Iterable[Link]) -> Sequence[Channel]:
        """Give the channels that tell of feeds, each once, with those who belong there."""
        channels: dict[Channel, None] = {}
        for feed in feeds:
            channels.update(feed.channels)
        for channel in channels:
            if channel.rules != channel.view.rules:
                self.judge(channels, links)
                return self.telling_of(feeds, links)
        return list(channels)

    def _ask(self, channel: Channel, links: Iterable[Link]) -> None:
        channel.rules = channel.view.rules
        for link in [link for link in links if link.channel is channel]:
            other = self.join(channel.view, channel.terms, link.principal)
            if other is not channel:
                link.part()
                link.channel = other
                if not link.busy:
                    link.rest()
            # It has been counted anew.
            self.leave(channel)
