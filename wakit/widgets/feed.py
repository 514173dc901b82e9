"""The feed in a cell: ``wa.feed()`` shows what is written in all chats, as it is written, and back through what is stored."""

from __future__ import annotations

from functools import partial
from typing import Any

from wakit.client import Client
from wakit.clock import SystemClock
from wakit.errors import InvalidInput
from wakit.ids import account_id
from wakit.languages import Language, language, translate
from wakit.widgets.bubbles import Bubbles
from wakit.widgets.frontend import Unattended, is_attended
from wakit.widgets.panel import Panel, assets, only, opener
from wakit.widgets.thread import Choice, Thread
from wakit.widgets.thread_words import thread_texts


class FeedWidget(Panel):
    """The messages of many chats."""

    _esm, _css = assets("thread", "threadpanel", "feed").values()
    kept = "WhatsApp feed · run this cell to see it / ejecuta esta celda para verlo"

    def __init__(self, choice: Choice, open_client: Any, lang: Language, *, private: bool) -> None:
        super().__init__(lang, feed_texts(lang))
        bubbles = Bubbles(lang=lang, private=private)
        self.animate(Thread(open_client, self.send, clock=SystemClock(), bubbles=bubbles, choice=choice))


def feed(
    client: Client, chats: str | None = None, *, account: str | None = None, private: bool | None = None
) -> FeedWidget | Unattended:
    """
    Return the feed, the same one each time for the same question; the cell displays it.

    Args:
        client: Of the workspace.
        chats: Only chats whose address fits, such as ``*@g.us``.
        account: Only this one.
        private: Initials instead of names, masked numbers, no pictures; unset, as the client says.

    Raises:
        InvalidAccountId: No account can have this id.
        InvalidInput: *chats* is empty.
    """
    if account is not None:
        account_id(account)
    if chats is not None and not chats.strip():
        raise InvalidInput("The pattern of chats is empty. Leave it out for all chats, or give one such as '*@g.us'.")
    if not is_attended():
        return Unattended(FeedWidget.kept)
    lang, private = language(client.language), client.private if private is None else private
    workspace = client.workspace
    choice = Choice(account=account, pattern=chats)

    def make() -> FeedWidget:
        return FeedWidget(choice, opener(workspace), lang, private=private)

    return only(("feed", workspace.root, choice, lang, private), make)


def feed_texts(lang: Language) -> dict[str, str]:
    """Return the words of the feed; the browser gets them once."""
    _ = partial(translate, lang)
    return {
        **thread_texts(lang),
        "title": _("WhatsApp messages"),
        "all": _("All chats"),
        "people": _("People"),
        "groups": _("Groups"),
        "chats": _("Chats"),
        "whose": _("Written by"),
        "everybody": _("Everybody"),
        "theirs": _("Others"),
        "mine": _("Me"),
        "search": _("Text in the messages"),
        "only_chat": _("Only this chat"),
        "every_chat": _("Show every chat again"),
        "pause": _("Pause"),
        "go_on": _("Go on"),
        "paused_one": _("{count} message waits"),
        "paused_many": _("{count} messages wait"),
        "empty": _("No messages here yet. What people write to this account appears by itself."),
        "empty_choice": _("No message fits the filters."),
    }
