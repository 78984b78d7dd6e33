import pytest
from hypothesis import given
from hypothesis import strategies as st

from transports_core.errors import LocalProtocolError
from transports_core.origins import Origins

pytestmark = pytest.mark.promise("ws.origins")


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://app.example", "app.example"),
        ("https://app.example", "app.example:8000"),
        ("http://app.example:3000", "app.example"),
        ("https://APP.example", "app.EXAMPLE"),
        ("http://localhost:5173", "localhost:8000"),
        ("http://localhost:5173", "127.0.0.1:8000"),
        ("http://127.0.0.1", "localhost"),
        ("http://127.0.0.1", "127.9.9.9"),
        ("http://[::1]:5173", "localhost:8000"),
        ("http://localhost", "[::1]:8000"),
        ("http://app.localhost", "127.0.0.1"),
        ("http://192.168.0.7:80", "192.168.0.7:8000"),
        ("http://[fe80::1]", "[fe80::1]:8000"),
    ],
)
def test_pages_of_the_same_host_may_connect(origin: str, host: str) -> None:
    assert Origins().admit([origin], host)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://evil.example", "app.example"),
        # What is made of it, as a header, would be two.
        ("https://app\r\n.example", "app.example"),
        ("https://app.example\t", "app.example"),
        ("https://app.example.evil.example", "app.example"),
        ("https://evilapp.example", "app.example"),
        ("https://sub.app.example", "app.example"),
        ("https://app.example", "sub.app.example"),
        ("https://evil.example", "localhost:8000"),
        ("http://localhost", "app.example"),
        ("http://localhost.evil.example", "localhost"),
        ("http://127.0.0.1.evil.example", "127.0.0.1"),
        ("http://192.168.0.7", "192.168.0.8"),
        ("null", "app.example"),
        ("", "app.example"),
        ("app.example", "app.example"),
        ("https://", "app.example"),
        ("https://app.example/path", "app.example"),
        ("https://app.example?x", "app.example"),
        ("file://", "localhost"),
        ("https://[", "app.example"),
        ("https://app.example:port", "app.example"),
        ("https://app.example", None),
        ("https://app.example", ""),
        ("https://app.example", "["),
    ],
)
def test_pages_of_another_host_may_not(origin: str, host: str | None) -> None:
    assert not Origins().admit([origin], host)


def test_client_that_is_no_browser_may_connect() -> None:
    assert Origins().admit([], "app.example")
    assert Origins().admit([], None)


def test_two_origins_are_none() -> None:
    assert not Origins().admit(["https://app.example", "https://app.example"], "app.example")


def test_other_origins_may_connect_where_they_are_allowed() -> None:
    origins = Origins(["https://app.example", "http://dev.example:3000", "null-ish://x"])
    host = "server.example"
    assert origins.admit(["https://app.example"], host)
    assert origins.admit(["https://app.example:443"], host)
    assert origins.admit(["HTTPS://APP.example"], host)
    assert origins.admit(["http://dev.example:3000"], host)
    assert origins.admit(["https://server.example"], host)
    assert not origins.admit(["http://app.example"], host)
    assert not origins.admit(["https://app.example:8443"], host)
    assert not origins.admit(["http://dev.example"], host)
    assert not origins.admit(["null"], host)


def test_all_origins_may_connect_where_that_is_wanted() -> None:
    origins = Origins(["*"])
    assert origins.admit(["https://evil.example"], "app.example")
    assert origins.admit(["null"], "app.example")


@pytest.mark.parametrize(
    "allowed",
    ["https://app.example", ["app.example"], ["https://app.example/"], [""], ["https://a:b"]],
)
def test_what_is_allowed_must_be_origins(allowed: list[str]) -> None:
    with pytest.raises(LocalProtocolError) as raised:
        Origins(allowed)
    assert raised.value.code == "origin"


@given(st.lists(st.text(), max_size=2), st.none() | st.text())
def test_any_header_gets_a_verdict(origins: list[str], host: str | None) -> None:
    assert Origins(["https://app.example"]).admit(origins, host) in (True, False)
