"""
Stanzas and their binary form.

WhatsApp speaks XML that nobody ever writes as text: a stanza is a list of
``tag, attribute, value, …, content``, strings are tokens of a fixed dictionary
where one exists (``tokens.json``, version 3 of the multi-device protocol), and
digits are packed two to a byte. An address is not a string on the wire but a
value of its own; the official clients compare it as such, so an attribute like
``from="s.whatsapp.net"`` must be written as an address without user.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files

from wakit.errors import WakitError
from wakit.ids import JID, LID_SERVER, USER_SERVER

Attrs = dict[str, str | JID | int]

#: The network itself, as sender and recipient of iqs.
SERVER = JID("", USER_SERVER)

_EMPTY, _DICTIONARY, _INTEROP_JID, _FB_JID, _AD_JID = 0, 236, 245, 246, 247
_LIST8, _LIST16, _JID_PAIR, _HEX8, _BINARY8, _BINARY20, _BINARY32, _NIBBLE8 = range(248, 256)
_PACKED_MAX = 127
_COMPRESSED = 2
_NIBBLE = "0123456789-."
_HEX = "0123456789ABCDEF"
_AGENTS = {0: USER_SERVER, 1: LID_SERVER, 128: "hosted", 129: "hosted.lid"}
_AGENT_OF = {server: agent for agent, server in _AGENTS.items()}

_TOKENS = json.loads(files("wakit.emulator").joinpath("tokens.json").read_text("utf-8"))
_SINGLE: list[str] = _TOKENS["single"]
_DOUBLE: list[list[str]] = _TOKENS["double"]
_SINGLE_OF = {text: bytes([index]) for index, text in enumerate(_SINGLE) if text}
_DOUBLE_OF = {text: bytes([_DICTIONARY + book, index]) for book, words in enumerate(_DOUBLE) for index, text in enumerate(words)}


class MalformedStanza(WakitError):
    """These bytes are not a stanza."""


@dataclass(slots=True)
class Node:
    """One stanza or a part of one."""

    tag: str
    attrs: Attrs = field(default_factory=dict)
    content: list[Node] | bytes | None = None

    def __iter__(self) -> Iterator[Node]:
        return iter(self.content if isinstance(self.content, list) else ())

    def __str__(self) -> str:
        attrs = "".join(f" {name}={str(value)!r}" for name, value in self.attrs.items())
        if self.content is None:
            return f"<{self.tag}{attrs}/>"
        if isinstance(self.content, bytes):
            return f"<{self.tag}{attrs}>{_shown(self.content)}</{self.tag}>"
        return f"<{self.tag}{attrs}>{''.join(map(str, self.content))}</{self.tag}>"

    @property
    def data(self) -> bytes:
        """The content where it is bytes, else nothing."""
        return self.content if isinstance(self.content, bytes) else b""

    @property
    def first(self) -> Node | None:
        """The first child: the noun of an iq."""
        return next(iter(self), None)

    def child(self, tag: str) -> Node | None:
        """Return the first child called *tag*."""
        return next((node for node in self if node.tag == tag), None)

    def children(self, tag: str) -> list[Node]:
        """Return every child called *tag*, in order."""
        return [node for node in self if node.tag == tag]

    def find(self, *path: str) -> Node | None:
        """Return the first descendant along a path of tags."""
        node: Node | None = self
        for tag in path:
            node = node.child(tag) if node else None
        return node

    def get(self, name: str, default: str = "") -> str:
        """Return an attribute as text."""
        value = self.attrs.get(name)
        return default if value is None else str(value)

    def number(self, name: str, default: int = 0) -> int:
        """Return an attribute as a whole number; what is not one counts as absent."""
        text = self.get(name)
        return int(text) if text.removeprefix("-").isdecimal() else default

    def jid(self, name: str) -> JID | None:
        """Return an attribute as an address, or nothing where it is absent."""
        value = self.attrs.get(name)
        return value if isinstance(value, JID) or value is None else JID.parse(str(value))


def encode(node: Node) -> bytes:
    """Return the binary form, uncompressed, as it goes into a frame."""
    out = bytearray(1)
    _write_node(out, node)
    return bytes(out)


def decode(data: bytes) -> Node:
    """
    Read the binary form, compressed or not.

    Raises:
        MalformedStanza: *data* is not one.
    """
    try:
        body = zlib.decompress(data[1:]) if data[0] & _COMPRESSED else data[1:]
        return _Reader(body).node()
    except (IndexError, ValueError, zlib.error) as exc:
        msg = f"These {len(data)} bytes are not a stanza: {exc}."
        raise MalformedStanza(msg) from exc


def _shown(data: bytes) -> str:
    return repr(data) if len(data) <= 40 else f"{data[:16]!r}..{len(data)}"


def _write_node(out: bytearray, node: Node) -> None:
    attrs = [(name, value) for name, value in node.attrs.items() if value not in ("", None)]
    _write_list(out, 2 * len(attrs) + 1 + (node.content is not None))
    out += _string(node.tag)
    for name, value in attrs:
        out += _string(name)
        out += _address(value) if isinstance(value, JID) else _string(str(value))
    if isinstance(node.content, list):
        _write_list(out, len(node.content))
        for child in node.content:
            _write_node(out, child)
    elif node.content is not None:
        out += _raw(node.content)


def _write_list(out: bytearray, size: int) -> None:
    if size == 0:
        out.append(_EMPTY)
    elif size < 256:
        out += bytes((_LIST8, size))
    else:
        out.append(_LIST16)
        out += size.to_bytes(2, "big")


@lru_cache(maxsize=4096)
def _string(text: str) -> bytes:
    token = _SINGLE_OF.get(text) or _DOUBLE_OF.get(text)
    if token:
        return token
    if text and len(text) <= _PACKED_MAX:
        for kind, alphabet in ((_NIBBLE8, _NIBBLE), (_HEX8, _HEX)):
            if set(text) <= set(alphabet):
                return _packed(kind, alphabet, text)
    return _raw(text.encode())


def _packed(kind: int, alphabet: str, text: str) -> bytes:
    nibbles = [alphabet.index(char) for char in text]
    odd = len(nibbles) % 2
    nibbles += [15] * odd
    pairs = bytes(high << 4 | low for high, low in zip(nibbles[::2], nibbles[1::2], strict=True))
    return bytes((kind, len(pairs) | odd << 7)) + pairs


def _raw(data: bytes) -> bytes:
    size = len(data)
    if size < 256:
        return bytes((_BINARY8, size)) + data
    if size < 1 << 20:
        return bytes((_BINARY20,)) + size.to_bytes(3, "big") + data
    return bytes((_BINARY32,)) + size.to_bytes(4, "big") + data


@lru_cache(maxsize=4096)
def _address(jid: JID) -> bytes:
    if jid.server in _AGENT_OF and (jid.device or _AGENT_OF[jid.server] >= 128):
        return bytes((_AD_JID, _AGENT_OF[jid.server], jid.device)) + _string(jid.user)
    user = _string(jid.user) if jid.user else bytes((_EMPTY,))
    return bytes((_JID_PAIR,)) + user + _string(jid.server)


class _Reader:
    """A cursor over the binary form; running off its end is an ``IndexError``."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def take(self, size: int) -> bytes:
        self.at += size
        if self.at > len(self.data):
            msg = "it ends early"
            raise IndexError(msg)
        return self.data[self.at - size : self.at]

    def integer(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def size(self, tag: int) -> int:
        if tag == _EMPTY:
            return 0
        if tag in (_LIST8, _LIST16):
            return self.integer(1 if tag == _LIST8 else 2)
        msg = f"{tag} does not start a list"
        raise ValueError(msg)

    def node(self) -> Node:
        size = self.size(self.byte())
        tag = self.text()
        if not size or not tag:
            msg = "a stanza has no name"
            raise ValueError(msg)
        attrs: Attrs = {self.text(): self.attribute() for _ in range((size - 1) // 2)}
        return Node(tag, attrs, None if size % 2 else self.content())

    def content(self) -> list[Node] | bytes | None:
        tag = self.byte()
        if tag == _EMPTY:
            return []
        if tag in (_LIST8, _LIST16):
            return [self.node() for _ in range(self.size(tag))]
        value = self.value(tag)
        return value if isinstance(value, bytes) else str(value).encode()

    def attribute(self) -> str | JID:
        value = self.value(self.byte())
        return value.decode() if isinstance(value, bytes) else value

    def text(self) -> str:
        return str(self.attribute())

    def value(self, tag: int) -> str | JID | bytes:
        if tag in (_BINARY8, _BINARY20, _BINARY32):
            return self.binary(tag)
        if tag in (_NIBBLE8, _HEX8):
            return self.packed(_NIBBLE if tag == _NIBBLE8 else _HEX)
        if tag in (_JID_PAIR, _AD_JID, _FB_JID, _INTEROP_JID):
            return self.address(tag)
        if _DICTIONARY <= tag < _DICTIONARY + len(_DOUBLE):
            return _DOUBLE[tag - _DICTIONARY][self.byte()]
        return _SINGLE[tag]

    def binary(self, tag: int) -> bytes:
        if tag == _BINARY8:
            return self.take(self.byte())
        return self.take(self.integer(3) & 0xFFFFF if tag == _BINARY20 else self.integer(4))

    def packed(self, alphabet: str) -> str:
        head = self.byte()
        nibbles = [nibble for byte in self.take(head & 127) for nibble in (byte >> 4, byte & 15)]
        return "".join(alphabet[nibble] for nibble in (nibbles[:-1] if head >> 7 else nibbles))

    def address(self, tag: int) -> JID:
        if tag == _AD_JID:
            agent, device = self.byte(), self.byte()
            return JID(self.text(), _AGENTS.get(agent, USER_SERVER), device)
        user = self.text()
        device = self.integer(2) if tag != _JID_PAIR else 0
        if tag == _INTEROP_JID:
            self.integer(2)
        return JID(user, self.text(), device)
