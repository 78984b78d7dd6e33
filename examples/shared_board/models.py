"""The models of the shared board: what a team writes for itself, and what all teams see."""

from typing import Annotated

from pydantic import BaseModel, Field

Line = Annotated[str, Field(min_length=1, max_length=80)]


class Document(BaseModel):
    """What a team writes: nobody else ever sees any of it."""

    title: Line
    text: str = Field(default="", max_length=10_000)


class Note(BaseModel):
    """A note on the board."""

    text: Line
    done: bool = False


class Board(BaseModel):
    """What hangs in the corridor between the teams."""

    headline: Line = "What both of us should know"
    notes: list[Note] = Field(default=[], max_length=50)
