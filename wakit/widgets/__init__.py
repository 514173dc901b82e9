"""Widgets for notebooks: what a person sees and clicks in a cell."""

from __future__ import annotations

from wakit.widgets.conversation import ConversationWidget, conversation
from wakit.widgets.feed import FeedWidget, feed
from wakit.widgets.login import LoginSummary, LoginWidget, login
from wakit.widgets.sendform import SendFormWidget, send_form

__all__ = [
    "ConversationWidget",
    "FeedWidget",
    "LoginSummary",
    "LoginWidget",
    "SendFormWidget",
    "conversation",
    "feed",
    "login",
    "send_form",
]
