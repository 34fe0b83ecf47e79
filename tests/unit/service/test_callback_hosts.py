import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

from core.errors import ConfigurationError, InvalidRequest
from service import callback_hosts
from service.callback_hosts import AllowedHosts, Resolver

PUBLIC = "93.184.216.34"
LISTED = ["gateway:8080", "Other.Example", "통화.example"]


def resolves_to(*addresses: str) -> Callable[..., list[Any]]:
    """A resolver that knows these addresses and no name."""
    return lambda host, port, **_: [(socket.AF_UNSPEC, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in addresses]


def resolves_not(*_: object, **__: object) -> list[Any]:
    raise socket.gaierror(socket.EAI_AGAIN, "later")


@pytest.mark.parametrize(
    "url",
    [
        "http://gateway:8080/p",
        "https://other.example/p",
        "https://other.example:9443/p?a=1",
        "HTTP://OTHER.example./p",
        "http://통화.example/p",
        "http://xn--hz7bo8f.example/p",
    ],
)
def test_listed_names_may_be_called(url: str) -> None:
    AllowedHosts(LISTED, resolver=resolves_to(PUBLIC)).check(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://gateway:9090/p",
        "http://169.254.169.254/latest",
        "http://other.example.evil.com/",
        "http://other.example@evil.com/",
        "http://user:pw@other.example/",
        "http://@other.example/",
        "http://evil.com\\@other.example/",
        "http://other.example\t/",
        "http://other.example/\r\nX: y",
        "http://other.example%00.evil.com/",
        "http://[other.example]/",
        "file:///etc/passwd",
        "other.example",
        "",
        "http://",
        "http://.",
        f"http://{'a' * 64}.example/",
        "http://other.example:port/",
        "http://other.example:99999/",
        "http://[::1",
        "http://2130706433/",
    ],
)
def test_everything_else_is_refused_without_asking_for_its_address(url: str) -> None:
    asked: list[str] = []
    hosts = AllowedHosts(LISTED, resolver=lambda host, *_, **__: asked.append(host) or [])
    with pytest.raises(InvalidRequest) as refused:
        hosts.check(url)
    assert refused.value.detail == {"field": "callback_url"}
    assert asked == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "100.100.100.200",
        "192.0.0.192",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "fd00:ec2::254",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:a9fe:a9fe",
        "::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
    ],
)
def test_a_listed_name_may_not_lead_into_our_own_network(address: str) -> None:
    hosts = AllowedHosts(["other.example"], resolver=resolves_to(PUBLIC, address))
    for refuse in (hosts.check, hosts.address):
        with pytest.raises(InvalidRequest, match="not public; list it or its network in MOKSORI_CALLBACK_HOSTS"):
            refuse("http://other.example/")


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:220:1::1", f"::ffff:{PUBLIC}", "64:ff9b::5db8:d822"])
def test_a_listed_name_may_lead_to_any_public_address(address: str) -> None:
    AllowedHosts(["other.example"], resolver=resolves_to(address)).check("http://other.example/")


@pytest.mark.parametrize(
    "listed", ["127.0.0.1", "127.0.0.1:8080", "127.0.0.0/8", "::ffff:127.0.0.1", "localhost", "localhost:8080"]
)
@pytest.mark.parametrize("address", ["127.0.0.1", "::ffff:127.0.0.1"])
def test_an_address_that_is_listed_too_may_be_where_a_name_leads(listed: str, address: str) -> None:
    hosts = AllowedHosts(["gateway", listed], resolver=resolves_to(address))
    assert hosts.address("http://gateway:8080/") == "127.0.0.1"


@pytest.mark.parametrize("listed", ["127.0.0.1:8080", "localhost:8080", "127.0.0.2", "10.0.0.0/8"])
def test_an_address_is_listed_only_for_its_own_port(listed: str) -> None:
    with pytest.raises(InvalidRequest):
        AllowedHosts(["gateway", listed], resolver=resolves_to("127.0.0.1")).check("http://gateway:9090/")


@pytest.mark.parametrize(
    ("listed", "url", "address"),
    [
        ("10.0.0.0/8", "http://10.1.2.3:81/", "10.1.2.3"),
        ("10.0.0.0/8", "http://[::ffff:10.1.2.3]/", "10.1.2.3"),
        ("10.1.2.3", "https://10.1.2.3/", "10.1.2.3"),
        ("10.1.2.3:80", "http://10.1.2.3/", "10.1.2.3"),
        ("fd00::/8", "http://[fd00::1]:81/", "fd00::1"),
        ("[::1]:8080", "http://[::1]:8080/", "::1"),
        ("::1", "http://[0:0::1]/", "::1"),
    ],
)
def test_listed_addresses_may_be_called_without_a_resolver(listed: str, url: str, address: str) -> None:
    assert AllowedHosts([listed], resolver=resolves_not).address(url) == address


@pytest.mark.parametrize("url", ["http://11.0.0.1/", "http://[::1]:8080/", "http://127.0.0.1/", "http://[fe80::1]/"])
def test_addresses_that_are_not_listed_are_refused(url: str) -> None:
    with pytest.raises(InvalidRequest, match="not allowed"):
        AllowedHosts(["10.0.0.0/8", "[::1]:9090", "gateway"], resolver=resolves_not).check(url)


@pytest.mark.parametrize("resolver", [resolves_to("10.0.0.1"), resolves_to(PUBLIC), resolves_not])
def test_a_name_that_is_not_listed_is_refused_wherever_it_leads(resolver: Resolver) -> None:
    with pytest.raises(InvalidRequest, match="not allowed"):
        AllowedHosts(["10.0.0.0/8"], resolver=resolver).check("http://inside.example/")


def test_localhost_is_the_loopback_interface() -> None:
    AllowedHosts(["localhost"]).check("http://localhost:8080/")
    with pytest.raises(InvalidRequest):
        AllowedHosts(["localhost"], resolver=resolves_to("10.0.0.1")).check("http://localhost/")


def test_a_listed_name_that_does_not_resolve_just_now_passes_but_has_no_address() -> None:
    hosts = AllowedHosts(["gateway"], resolver=resolves_not)
    hosts.check("http://gateway/")
    with pytest.raises(OSError, match="later"):
        hosts.address("http://gateway/")


def test_a_resolver_that_hangs_does_not_hold_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callback_hosts, "RESOLVE_S", 0.05)
    released = threading.Event()
    hosts = AllowedHosts(["gateway"], resolver=lambda *_, **__: [released.wait(2)])
    hosts.check("http://gateway/")
    with pytest.raises(TimeoutError):
        hosts.address("http://gateway/")
    released.set()


def test_the_addresses_of_a_host_take_turns() -> None:
    hosts = AllowedHosts(["localhost"], resolver=resolves_to("::1", "127.0.0.1"))
    assert [hosts.address("http://localhost/", turn=turn) for turn in range(3)] == ["::1", "127.0.0.1", "::1"]


def test_the_operators_own_url_is_trusted_at_its_port_only() -> None:
    hosts = AllowedHosts([], trusted_url="http://gateway:8080/p", resolver=resolves_to("10.0.0.1"))
    assert hosts.address("http://gateway:8080/other") == "10.0.0.1"
    with pytest.raises(InvalidRequest):
        hosts.check("http://gateway:8081/p")


@pytest.mark.parametrize("entry", ["http://gateway", "10.0.0.1/8", "10.0.0.0/99", "a b", "*.example", "host:x", "u@h"])
def test_an_entry_that_cannot_be_understood_stops_the_start(entry: str) -> None:
    with pytest.raises(ConfigurationError, match="MOKSORI_CALLBACK_HOSTS"):
        AllowedHosts([entry])


def test_a_default_url_that_cannot_be_understood_stops_the_start() -> None:
    with pytest.raises(ConfigurationError, match="MOKSORI_CALLBACK_URL"):
        AllowedHosts([], trusted_url="gateway:8080")
