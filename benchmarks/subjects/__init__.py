"""Who does it: a module for ours, one for the limit, and one for each peer.

A peer is imported by its name, as `Any`: it is in an environment of its own, which pyright does not
look into.
"""
