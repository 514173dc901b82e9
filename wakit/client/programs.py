"""The verbs about programs that come from outside: their tokens, and the webhooks that are posted to them."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from wakit.access import NewToken, Scope, Token
from wakit.client.ask import Ask, delete, get, post, record, records
from wakit.client.verb import verb
from wakit.model import EventKind
from wakit.webhook import DeadEvent, NewWebhook, Webhook


class ProgramVerbs:
    """Tokens and webhooks, for both clients."""

    @verb
    def tokens(self) -> Ask[list[Token]]:
        """Return the tokens for programs that come over TCP, without their secrets."""
        return get("/api/tokens", records(Token))

    @verb
    def create_token(
        self,
        name: str,
        scopes: Sequence[Scope | str] = (Scope.READ,),
        *,
        days: float | None = None,
        rate: str | None = None,
    ) -> Ask[NewToken]:
        """
        Make a token; its ``secret`` is shown this once.

        Args:
            name: What to call it, and to revoke it by.
            scopes: ``read``, ``send`` and ``admin``, which is all of them.
            days: When it expires; unset means never.
            rate: How much it may ask, as in ``60/minute``; unset means ``WAKIT_RATE_LIMIT``.
        """
        body = {"name": name, "scopes": [str(Scope(scope)) for scope in scopes], "days": days, "rate": rate}
        return post("/api/tokens", record(NewToken), body)

    @verb
    def revoke_token(self, name: str) -> Ask[Token]:
        """Make a token worthless, at once."""
        return delete(f"/api/tokens/{quote(name, safe='')}", record(Token))

    @verb
    def webhooks(self) -> Ask[list[Webhook]]:
        """Return the addresses that events are posted to, and how far that got."""
        return get("/api/webhooks", records(Webhook))

    @verb
    def add_webhook(
        self, url: str, *, account: str | None = None, kinds: Sequence[EventKind | str] = (), after: str | None = None
    ) -> Ask[NewWebhook]:
        """
        Post what happens to *url*, in order and until it is taken; the ``secret`` of the signatures is shown this once.

        Args:
            url: An ``https://`` address; ``WAKIT_WEBHOOK_HOSTS`` can allow others.
            account: Only events of this one.
            kinds: Only these.
            after: Id of an event to begin behind, ``"0"`` for the very beginning,
                unset for what happens from now on.
        """
        body = {"url": url, "account": account, "kinds": [str(EventKind(kind)) for kind in kinds], "after": after}
        return post("/api/webhooks", record(NewWebhook), body)

    @verb
    def remove_webhook(self, webhook_id: str) -> Ask[Webhook]:
        """Post nothing more to a webhook, and forget it."""
        return delete(f"/api/webhooks/{quote(webhook_id, safe='')}", record(Webhook))

    @verb
    def dead_events(self, webhook_id: str) -> Ask[list[DeadEvent]]:
        """Return the events that a webhook's receiver refused until they were given up on."""
        return get(f"/api/webhooks/{quote(webhook_id, safe='')}/dead", records(DeadEvent))

    @verb
    def retry_webhook(self, webhook_id: str, event: str | None = None) -> Ask[int]:
        """Send one of these events again, or all; return how many."""
        path = f"/api/webhooks/{quote(webhook_id, safe='')}/retry"
        return post(path, lambda response: int(response.json()["retried"]), {"event": event})
