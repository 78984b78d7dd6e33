"""Clients: mirrors that are kept up to date over connections, and edits proposed through them."""

from transports_core.client.backoff import Backoff
from transports_core.client.client import Client
from transports_core.client.link import Connector, Link
from transports_core.client.status import Status
from transports_core.received import MirrorChange

__all__ = ["Backoff", "Client", "Connector", "Link", "MirrorChange", "Status"]
