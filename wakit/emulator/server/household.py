"""
Everything else that clients ask, answered as a network with nothing to say.

Keep-alive, properties, terms, push registration, statistics, newsletters and
calls: a client must get an answer that lets it go on. What is not here is
answered with 501 and stays in the trace.
"""

from __future__ import annotations

import json
import secrets

from wakit.emulator.mediahost import HOST
from wakit.emulator.nodes import Attrs, Node
from wakit.emulator.server.endpoint import Endpoint
from wakit.emulator.server.hub import Hub, now
from wakit.emulator.server.profiles import Profiles
from wakit.emulator.server.router import iq, stanza

_SET_ABOUT = "9152604461510864"


class Household:
    """Small answers."""

    def __init__(self, hub: Hub, profiles: Profiles) -> None:
        self._hub = hub
        self._profiles = profiles

    @iq("w:p")
    @iq("urn:xmpp:ping")
    def pong(self, who: Endpoint, request: Node) -> None:
        """Answer a keep-alive."""

    @iq("w:m", "set", "media_conn")
    def media_hosts(self, _who: Endpoint, _request: Node) -> list[Node]:
        """Say where files go."""
        host = Node("host", {"hostname": HOST, "type": "primary"}, [Node("upload"), Node("download")])
        attrs: Attrs = {"auth": secrets.token_urlsafe(32), "auth_ttl": 21600, "ttl": 300, "max_buckets": 12, "is_new": 1}
        return [Node("media_conn", attrs, [host])]

    @iq("abt", "get")
    def properties(self, _who: Endpoint, _request: Node) -> list[Node]:
        """Have no experiments."""
        return [Node("props", {"protocol": "1", "hash": "0", "refresh": 86400, "refresh_id": now()})]

    @iq("w", "get")
    def old_properties(self, _who: Endpoint, _request: Node) -> list[Node]:
        """Have no experiments, in the older spelling."""
        return [Node("props", {"version": "1", "hash": "0"})]

    @iq("tos")
    @iq("urn:xmpp:whatsapp:account")
    @iq("urn:xmpp:whatsapp:push")
    @iq("w:stats")
    @iq("fb:thrift_iq")
    @iq("w:auth:backup:token")
    @iq("w:comms:chat")
    @iq("optoutlist")
    def noted(self, who: Endpoint, request: Node) -> None:
        """Take note."""

    @iq("bot", "get")
    def bots(self, _who: Endpoint, _request: Node) -> list[Node]:
        """Have no bots."""
        return [Node("bot", {"v": "2"})]

    @iq("newsletter")
    def newsletters(self, _who: Endpoint, _request: Node) -> list[Node]:
        """Have no newsletter posts."""
        return [Node("messages", {"t": now()})]

    @iq("w:mex", "get", "query")
    def query(self, who: Endpoint, request: Node) -> list[Node]:
        """Answer a GraphQL query: the about text is set, newsletters are none."""
        asked = request.child("query")
        if asked is not None and asked.get("query_id") == _SET_ABOUT:
            wish = json.loads(asked.data).get("variables", {}).get("input", {})
            self._profiles.set_about(who, str(wish.get("text") or ""), who.owner[0])
        data: dict[str, object] = {"xwa2_newsletter_subscribed": [], "xwa2_newsletter": None}
        return [Node("result", {}, json.dumps({"data": data}).encode())]

    @stanza("ib")
    @stanza("notification")
    @stanza("error")
    def heard(self, who: Endpoint, node: Node) -> None:
        """Hear a session id, a batch request or an error report; nothing follows from it."""

    @stanza("call")
    def call(self, who: Endpoint, node: Node) -> None:
        """Acknowledge a call stanza; nobody picks up here."""
        who.write(Node("ack", {"class": "call", "id": node.get("id"), "from": node.jid("to") or ""}))
