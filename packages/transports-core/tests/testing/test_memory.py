"""The transport in memory does what every transport must."""

from contextlib import AbstractAsyncContextManager

import pytest

from transports_core.connection import Serving
from transports_core.testing import Conformance, Dial, memory


@pytest.mark.promise("transport.conformance")
class TestMemory(Conformance):
    codecs = ("json", "msgpack")

    def serve(self, serving: Serving) -> AbstractAsyncContextManager[Dial]:
        return memory(serving)
