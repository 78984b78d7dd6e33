"""From drafts to writes: what arrived is validated, from the inside out, and what it comes to."""

# Each of the first two says how drafts of its kinds are settled.
from transports_core.proposal.settling import containers as containers
from transports_core.proposal.settling import record as record
from transports_core.proposal.settling.leaf import leaf_way, put_leaf, settle_leaf
from transports_core.proposal.settling.root import settle_root
from transports_core.proposal.settling.settlement import Around, Settlement

__all__ = ["Around", "Settlement", "leaf_way", "put_leaf", "settle_leaf", "settle_root"]
