"""Stanzas survive their binary form, and nothing else is taken for one."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wakit.emulator.nodes import SERVER, MalformedStanza, Node, decode, encode
from wakit.ids import JID

words = st.one_of(
    st.text(min_size=1, max_size=300),
    st.text("0123456789-.", min_size=1, max_size=140),
    st.text("0123456789ABCDEF", min_size=1, max_size=140),
    st.sampled_from(["receipt", "read-self", "s.whatsapp.net", "voip_settings"]),
)
digits = st.text("0123456789", min_size=1, max_size=20)
addresses = st.builds(JID, digits, st.sampled_from(["s.whatsapp.net", "lid"]), st.integers(0, 99)) | st.builds(
    JID, digits, st.sampled_from(["g.us", "newsletter", "broadcast"])
)
attrs = st.dictionaries(words, words | addresses, max_size=5)
nodes = st.recursive(
    st.builds(Node, words, attrs, st.none() | st.binary(max_size=400)),
    lambda children: st.builds(Node, words, attrs, st.lists(children, max_size=4)),
    max_leaves=12,
)


@given(nodes)
def test_stanza_survives_its_binary_form(node: Node) -> None:
    """Whatever is written is read back: tokens, packed digits, addresses, bytes, empty lists."""
    assert decode(encode(node)) == node


@given(nodes)
def test_compressed_stanza_is_the_same_stanza(node: Node) -> None:
    """A client may compress a frame; the flag says so."""
    plain = encode(node)
    assert decode(b"\x02" + zlib.compress(plain[1:])) == node


@given(st.binary(max_size=200))
def test_any_bytes_are_a_stanza_or_refused(data: bytes) -> None:
    """Bytes of an attacker end in a stanza or in one typed error."""
    try:
        node = decode(data)
    except MalformedStanza:
        return
    assert node.tag


@pytest.mark.parametrize("size", [255, 256, 70_000, 1 << 20])
def test_content_of_any_length_is_kept(size: int) -> None:
    """Each of the three length forms works, also at its border."""
    assert decode(encode(Node("enc", {}, b"x" * size))).data == b"x" * size


def test_many_children_need_the_long_list_form() -> None:
    """812 prekeys fit into one stanza."""
    node = Node("list", {}, [Node("key") for _ in range(812)])
    assert len(list(decode(encode(node)))) == 812


def test_server_is_an_address_not_a_word() -> None:
    """Clients compare ``from`` with an address; a word of the same letters would be another value."""
    node = decode(encode(Node("iq", {"from": SERVER, "xmlns": "s.whatsapp.net"})))
    assert node.attrs == {"from": JID("", "s.whatsapp.net"), "xmlns": "s.whatsapp.net"}


def test_numbers_and_absent_attributes_read_as_clients_write_them() -> None:
    """Numbers travel as text; empty attributes do not travel at all."""
    node = decode(encode(Node("ack", {"t": 1795486892, "phash": "", "error": 429})))
    assert node.attrs == {"t": "1795486892", "error": "429"}
    assert node.number("error") == 429
    assert node.number("t") == 1795486892
    assert node.get("phash") == ""


def test_a_node_is_found_by_its_path() -> None:
    """Children are reached by tag, whatever stands between them."""
    node = Node("iq", {}, [Node("a"), Node("sync", {}, [Node("collection", {"name": "regular"})])])
    found = node.find("sync", "collection")
    assert found is not None
    assert found.get("name") == "regular"
    assert node.find("sync", "nothing", "deeper") is None
    assert node.children("a") == [Node("a")]


def test_node_is_shown_without_drowning_the_reader() -> None:
    """A long content is shown by its start and length."""
    assert str(Node("enc", {"v": "2"}, b"k" * 500)) == "<enc v='2'>b'kkkkkkkkkkkkkkkk'..500</enc>"
