"""Where callbacks may go: an allow-list that is checked again once the name is an address.

A name must be listed, and even that alone proves nothing: its DNS record may point into our own
network. So every address it resolves to must be public or be listed itself, and delivery connects to
the address that was checked.
"""

from __future__ import annotations

import ipaddress
import logging
import re
import socket
from collections.abc import Callable, Collection
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from core.errors import ConfigurationError, InvalidRequest

log = logging.getLogger(__name__)
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolver = Callable[..., Collection[Any]]
"""Called like ``socket.getaddrinfo(host, port, type=...)``."""

PORTS = {"http": 80, "https": 443}
RESOLVE_S = 2.0
"""The system's resolver may take half a minute to give up; a request does not wait that long."""
LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
NAT64 = ipaddress.ip_network("64:ff9b::/96")
NEVER_PUBLIC = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20", "fec0::/10")))
"""Special by the registries of IANA, yet global to this Python: metadata services live there."""
NAME = re.compile(r"[a-z0-9_.-]+")
SHAPE = "callback_url must be http(s)://host[:port]/path"
NOT_LISTED = "the host of callback_url is not allowed; list it in MOKSORI_CALLBACK_HOSTS"
NOT_PUBLIC = "the address of callback_url is not public; list it or its network in MOKSORI_CALLBACK_HOSTS too"


@dataclass(frozen=True, slots=True)
class Target:
    """Host and port of a URL; the host is an address, or a name in lower-case ASCII."""

    host: str | Address
    port: int


def public(address: Address) -> bool:
    """Whether ``address`` is one of the open internet, looking through the ways to wrap IPv4 in IPv6."""
    if isinstance(address, ipaddress.IPv6Address):
        if address in NAT64:
            return public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        wrapped = address.ipv4_mapped or address.sixtofour
        if wrapped is not None:
            return public(wrapped)
    special = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_link_local
    return address.is_global and not special and not any(address in network for network in NEVER_PUBLIC)


def parse(url: str) -> Target:
    """Return where ``url`` leads; raise ``InvalidRequest`` unless it is plain http(s) without userinfo."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, _host(parts.hostname or "")
    except ValueError as error:
        raise InvalidRequest(SHAPE, field="callback_url") from error
    # urlsplit drops tabs and newlines, and clients disagree on backslashes: neither belongs in a URL.
    odd = any(char <= " " or char in "\\\x7f" for char in url)
    if odd or parts.scheme not in PORTS or "@" in parts.netloc:
        raise InvalidRequest(SHAPE, field="callback_url")
    return Target(host, PORTS[parts.scheme] if port is None else port)


class AllowedHosts:
    """The entries of ``MOKSORI_CALLBACK_HOSTS``: names, addresses and networks, with or without a port.

    ``trusted_url`` is the operator's own: its host and port are allowed whatever they resolve to.

    Raises:
        ConfigurationError: when an entry or ``trusted_url`` cannot be understood.
    """

    def __init__(self, entries: Collection[str], *, trusted_url: str = "", resolver: Resolver | None = None) -> None:
        self._names: set[tuple[str, int | None]] = set()
        self._networks: list[tuple[Network, int | None]] = []
        for entry in filter(None, (entry.strip() for entry in entries)):
            self._list(entry)
        try:
            self._trusted = parse(trusted_url) if trusted_url else None
        except InvalidRequest as error:
            raise ConfigurationError("MOKSORI_CALLBACK_URL must be http(s)://host[:port]/path") from error
        self._resolver = resolver or socket.getaddrinfo

    def check(self, url: str) -> None:
        """Raise ``InvalidRequest`` unless callbacks may go to ``url``.

        A listed name that does not resolve just now passes: delivery looks again, and cannot go
        anywhere without an address.
        """
        try:
            self._addresses(parse(url))
        except OSError:
            log.warning("the host of a callback does not resolve just now")

    def address(self, url: str, *, turn: int = 0) -> str:
        """Return the checked address to connect to: each ``turn`` another, where there are several.

        Raises:
            InvalidRequest: when an address of the host is not allowed.
            OSError: when the host does not resolve.
        """
        addresses = self._addresses(parse(url))
        return str(addresses[turn % len(addresses)])

    def _list(self, entry: str) -> None:
        try:
            if "/" in entry:
                self._networks.append((ipaddress.ip_network(entry), None))
                return
            host, port = _entry(entry)
        except ValueError as error:
            message = f"MOKSORI_CALLBACK_HOSTS: {entry!r} is not a host, host:port, address or network"
            raise ConfigurationError(message) from error
        if not isinstance(host, str):
            self._networks.append((ipaddress.ip_network(host), port))
            return
        self._names.add((host, port))
        if host == "localhost":  # Always the loopback interface, by RFC 6761.
            self._networks += [(network, port) for network in LOOPBACK]

    def _named(self, target: Target) -> bool:
        return target == self._trusted or any((target.host, port) in self._names for port in (None, target.port))

    def _addresses(self, target: Target) -> list[Address]:
        """Resolve and check; every address must pass, or an attacker could hide a bad one among good ones."""
        named = self._named(target)
        networks = [network for network, port in self._networks if port in (None, target.port)]
        if not named and (isinstance(target.host, str) or not networks):
            raise InvalidRequest(NOT_LISTED, field="callback_url")
        addresses = self._resolve(target)
        if target == self._trusted:
            return addresses
        for address in addresses:
            if any(address in network for network in networks):
                continue
            if not named:
                raise InvalidRequest(NOT_LISTED, field="callback_url")
            if not public(address):
                log.warning("callback refused: its host resolves to %s, which is not listed", address)
                raise InvalidRequest(NOT_PUBLIC, field="callback_url")
        return addresses

    def _resolve(self, target: Target) -> list[Address]:
        if not isinstance(host := target.host, str):
            return [host]
        found: Future[Collection[Any]] = Future()

        def look_up() -> None:
            try:
                found.set_result(self._resolver(host, target.port, type=socket.SOCK_STREAM))
            except Exception as error:  # noqa: BLE001  (raised again by the one who waits)
                found.set_exception(error)

        Thread(target=look_up, name="resolve", daemon=True).start()
        addresses = [_unwrap(ipaddress.ip_address(info[4][0])) for info in found.result(RESOLVE_S)]
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "no address")
        return list(dict.fromkeys(addresses))


def _entry(entry: str) -> tuple[str | Address, int | None]:
    """Split an entry without a slash; an IPv6 address needs brackets only before a port."""
    try:
        return _unwrap(ipaddress.ip_address(entry)), None
    except ValueError:
        parts = urlsplit(f"//{entry}")
        if parts.netloc != entry or "@" in entry:
            raise
        return _host(parts.hostname or ""), parts.port


def _host(text: str) -> str | Address:
    """Return an address or a name in one spelling; raise ``ValueError`` for what is neither."""
    try:
        return _unwrap(ipaddress.ip_address(text))
    except ValueError:
        name = text.lower().removesuffix(".").encode("idna").decode()
        if not NAME.fullmatch(name):
            raise
        return name


def _unwrap(address: Address) -> Address:
    """Return the IPv4 address inside an IPv4-mapped IPv6 one, which is where packets to it go."""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
