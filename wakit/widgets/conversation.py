"""One chat in a cell: ``wa.conversation(chat)``."""

from __future__ import annotations

from functools import partial
from typing import Any

from wakit.client import Client
from wakit.clock import SystemClock
from wakit.config import settings
from wakit.ids import DEFAULT_ACCOUNT, account_id, recipient
from wakit.languages import Language, language, translate
from wakit.widgets.bubbles import Bubbles
from wakit.widgets.composer_words import composer_texts
from wakit.widgets.frontend import Unattended, is_attended
from wakit.widgets.panel import Panel, assets, only, opener
from wakit.widgets.talk import Talk
from wakit.widgets.thread_words import thread_texts


class ConversationWidget(Panel):
    """The messages of one chat, and where to answer them."""

    _esm, _css = assets("thread", "threadpanel", "composer", "talkpanel", "conversation").values()
    kept = "WhatsApp conversation · run this cell to see it / ejecuta esta celda para verla"

    def __init__(self, account: str, chat: str, open_client: Any, lang: Language, *, private: bool) -> None:
        super().__init__(lang, conversation_texts(lang))
        bubbles = Bubbles(lang=lang, private=private, names_chats=False)
        self.animate(Talk(account, open_client, self.send, clock=SystemClock(), bubbles=bubbles, chat=chat))


def conversation(
    client: Client, chat: str, *, account: str = DEFAULT_ACCOUNT, private: bool | None = None
) -> ConversationWidget | Unattended:
    """
    Return one chat, the same widget each time; the cell displays it.

    Args:
        client: Of the workspace.
        chat: A phone number in any spelling or a JID. Nobody needs to have
            written there yet.
        account: Whose chat.
        private: Initials instead of names, masked numbers, no pictures; unset, as the client says.

    Raises:
        InvalidAccountId: No account can have this id.
        InvalidPhoneNumber, InvalidJID: *chat* is neither.
    """
    account_id(account)
    jid = str(recipient(chat, country=settings().country))
    if not is_attended():
        return Unattended(ConversationWidget.kept)
    lang, private = language(client.language), client.private if private is None else private
    workspace = client.workspace

    def make() -> ConversationWidget:
        return ConversationWidget(account, jid, opener(workspace), lang, private=private)

    return only(("conversation", workspace.root, account, jid, lang, private), make)


def conversation_texts(lang: Language) -> dict[str, str]:
    """Return the words of a conversation; the browser gets them once."""
    _ = partial(translate, lang)
    return {
        **thread_texts(lang),
        **composer_texts(lang),
        "title": _("WhatsApp conversation"),
        "reply": _("Reply"),
        "you": _("You"),
        "empty": _("Nothing was written in this chat yet."),
    }
