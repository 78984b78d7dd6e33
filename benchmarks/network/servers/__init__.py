"""Servers that tell everybody a number: ours, peers, and what is the least that can be done.

Each module has a coroutine function `serve(deflate)`. A peer is imported by its name, as `Any`: it
is in an environment of its own, which pyright does not look into.
"""
