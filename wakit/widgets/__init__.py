"""Widgets for notebooks: what a person sees and clicks in a cell."""

from __future__ import annotations

from wakit.widgets.campaign_panel import CampaignPanelWidget, campaign_panel
from wakit.widgets.conversation import ConversationWidget, conversation
from wakit.widgets.feed import FeedWidget, feed
from wakit.widgets.inbox import InboxWidget, inbox
from wakit.widgets.login import LoginSummary, LoginWidget, login
from wakit.widgets.search_box import SearchBoxWidget, search_box
from wakit.widgets.sendform import SendFormWidget, send_form
from wakit.widgets.status_bar import StatusBarWidget, status_bar

__all__ = [
    "CampaignPanelWidget",
    "ConversationWidget",
    "FeedWidget",
    "InboxWidget",
    "LoginSummary",
    "LoginWidget",
    "SearchBoxWidget",
    "SendFormWidget",
    "StatusBarWidget",
    "campaign_panel",
    "conversation",
    "feed",
    "inbox",
    "login",
    "search_box",
    "send_form",
    "status_bar",
]
