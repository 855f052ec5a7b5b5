"""Where dashboards are reached: on this machine, on a network, under a public address."""

from __future__ import annotations

import errno
import ipaddress
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import urlsplit

from helpers.errors import InsightsError

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Public:
    """The address under which a web server in front of this one gives the pages out."""

    address: str
    host: str
    secure: bool
    path: str


def public_at(address: str) -> Public:
    """Return the parts of a public address.

    Raises
    ------
    InsightsError
        If it is none: a scheme, a host, and perhaps a port and a path.
    """
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    extra = parts.query or parts.fragment or parts.username or parts.password
    path = f"{parts.path.rstrip('/')}/"
    fits = re.fullmatch(r"(/[A-Za-z0-9._~-]+)*/", path) and re.fullmatch(r"[a-z0-9.:-]+", host)
    if parts.scheme not in ("http", "https") or extra or not fits or port == 0:
        raise InsightsError(
            f"“{address}” is not a public address: --public takes one such as"
            " https://figures.example.org or https://example.org/survey/."
        )
    return Public(address, host, parts.scheme == "https", path)


def _parsed(address: str) -> Address | None:
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def is_local(ip: str) -> bool:
    """Return whether only this machine reaches an address."""
    found = _parsed(ip)
    return ip == "localhost" or bool(found and found.is_loopback)


def household(address: str) -> str:
    """Return what one person cannot change at will: of an IPv6 address, its first half."""
    found = _parsed(address)
    return _around(found, 64) if found and found.version == 6 else str(found or address)


def neighbourhood(address: str) -> str:
    """Return the network that an address is likely to have been given out with."""
    found = _parsed(address)
    return _around(found, 48 if found.version == 6 else 24) if found else address


def _around(address: Address, length: int) -> str:
    return str(ipaddress.ip_network(f"{address}/{length}", strict=False))


def address_of(peer: str, forwarded: str, fronts: Sequence[Network]) -> str:
    """Return the address of a reader.

    Parameters
    ----------
    peer
        Where the connection comes from.
    forwarded
        All that its ``X-Forwarded-For`` says. The last address is the one that the web server in
        front saw; those before it, and every other header, are whatever the reader likes.
    fronts
        Where web servers in front are: of anybody else, the header is not believed.
    """
    found = _parsed(peer)
    if found is None or not any(found in front for front in fronts):
        return peer
    last = forwarded.rpartition(",")[2].strip()
    try:
        ipaddress.ip_address(last)
    except ValueError:
        return peer
    return last


def servers_in_front(places: Sequence[str]) -> list[Network]:
    """Return this machine, and the addresses or networks of web servers in front.

    Raises
    ------
    InsightsError
        If one of them is neither.
    """
    found: list[Network] = [ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128")]
    for place in places:
        try:
            found.append(ipaddress.ip_network(place))
        except ValueError as error:
            raise InsightsError(
                f"“{place}” is not an address or a network: --front takes one such as 192.0.2.7 or"
                " 192.0.2.0/28."
            ) from error
    return found


def check_port(port: int, ip: str = "localhost") -> None:
    """Raise an InsightsError that says what to do if something listens on the port already."""
    if not 0 <= port <= 65535:
        raise InsightsError(f"There is no port {port}: choose one from 1 to 65535.")
    for family, host in _places(ip):
        try:
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family is socket.AF_INET6 and hasattr(socket, "IPV6_V6ONLY"):
                    probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                probe.bind((host, port))
        except PermissionError as error:
            raise InsightsError(f"Port {port} needs rights that you do not have.") from error
        except OSError as error:
            if ip == "localhost" and family is socket.AF_INET6:
                continue
            if error.errno == errno.EADDRNOTAVAIL:
                raise InsightsError(f"This machine does not have the address {ip}.") from error
            raise port_taken(port) from error


def port_taken(port: int) -> InsightsError:
    """Return what to say of a port that something listens on."""
    return InsightsError(
        f"Port {port} is in use, perhaps by dashboards that run already."
        f' Stop them, or choose another port: make dashboards ARGS="--port {port + 1}"'
    )


def _places(ip: str) -> list[tuple[socket.AddressFamily, str]]:
    if ip == "localhost":
        return [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
    try:
        found = socket.getaddrinfo(ip, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise InsightsError(f"“{ip}” is not an address of this machine.") from error
    return [(family, str(place[0])) for family, _, _, _, place in found]


def warnings(ip: str, public: Public | None, login: bool) -> list[str]:
    """Return warnings about who can read the pages, for the person who starts the server."""
    open_to_others = not is_local(ip) or public is not None
    if open_to_others and not login:
        return [
            "Warning: there is no login, and these pages can be reached from other machines: anyone"
            " there can read them. Set INSIGHTS_PASSWORD or INSIGHTS_TOKEN to ask for one"
            " (docs/serving.md)."
        ]
    if open_to_others and not (public and public.secure):
        return [
            "Warning: what readers type and read travels unencrypted. Put a web server with TLS in"
            " front, and name its address with --public (docs/serving.md)."
        ]
    return []
