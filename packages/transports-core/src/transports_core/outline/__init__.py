"""How the text of a live object is put together, so that a change renews only a piece of it.

At first all of it is one piece, which is written as a whole. A long piece that changes is divided:
an object into its members, a long list or dict into groups of its entries. What was written of a
piece is good until an operation says that something there changed.
"""

from transports_core.outline.outline import Outline

__all__ = ["Outline"]
