"""Core schemas that other ones refer to by name: what is used twice, or within itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

Schema: TypeAlias = dict[str, Any]

# What stands beside schemas, and may hold anything.
_BESIDE: Final = frozenset({"cls", "default", "expected", "function", "metadata"})


class Definitions:
    """The definitions of one class's schema."""

    def __init__(self) -> None:
        self._schemas: dict[str, Schema] = {}

    def __getitem__(self, ref: str) -> Schema:
        return self._schemas[ref]

    def take_in(self, schema: Schema) -> Schema:
        """Take in the definitions that a schema brings, and give what it defines them for."""
        while schema["type"] == "definitions":
            for definition in schema["definitions"]:
                self._schemas[definition["ref"]] = definition
            schema = schema["schema"]
        return schema

    def follow(self, schema: Schema) -> Schema:
        """Give what a reference refers to, and any other schema itself."""
        while schema["type"] == "definition-ref" and "serialization" not in schema:
            schema = self._schemas[schema["schema_ref"]]
        return schema

    def closed(self, schema: Schema) -> Schema:
        """Give a schema with the definitions that it needs, and no others."""
        needed: dict[str, Schema] = {}
        queue = [schema]
        while queue:
            for ref in _references(queue.pop()):
                if ref not in needed:
                    needed[ref] = self._schemas[ref]
                    queue.append(needed[ref])
        if not needed:
            return schema
        if schema.get("ref") in needed:
            schema = {"type": "definition-ref", "schema_ref": schema["ref"]}
        return {"type": "definitions", "schema": schema, "definitions": list(needed.values())}


def _references(schema: Schema) -> Iterator[str]:
    queue: list[Any] = [schema]
    while queue:
        part = queue.pop()
        if isinstance(part, dict):
            found = cast("Schema", part)
            if isinstance(ref := found.get("schema_ref"), str):
                yield ref
            queue.extend(inner for key, inner in found.items() if key not in _BESIDE)
        elif isinstance(part, (list, tuple)):
            queue.extend(cast("list[Any]", part))
