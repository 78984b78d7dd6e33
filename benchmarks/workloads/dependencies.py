"""Choices of what to depend on: nothing of ours is measured here, so that nothing is bounded."""

from benchmarks.python_workload import PythonWorkload, Setting


def _settings(subjects: tuple[str, ...]) -> list[Setting]:
    return [
        Setting({"frame": frame, "does": does}, subjects)
        for frame in ("patch", "snapshot of 1 MB")
        for does in ("encode", "decode")
    ]


WORKLOADS = [
    PythonWorkload(
        "json",
        "A message is encoded as JSON, or decoded",
        _settings(("pydantic_core", "orjson", "json")),
        does="code",
    ),
    PythonWorkload(
        "msgpack",
        "A message is encoded as MessagePack, or decoded",
        _settings(("msgpack", "msgspec")),
        does="code",
    ),
]
