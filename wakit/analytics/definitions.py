"""
What each figure means, in words that a person can defend it with.

A definition has an id that changes when its meaning does, so two reports with the
same id and parameters may be compared.
"""

from __future__ import annotations

from dataclasses import dataclass

from wakit.languages import Language, mark, translate


@dataclass(frozen=True, kw_only=True)
class Definition:
    """One figure: its id, what it is called, and what it says."""

    id: str
    name: str
    text: str

    def title(self, lang: Language) -> str:
        """Return what the figure is called."""
        return translate(lang, self.name)

    def words(self, lang: Language) -> str:
        """Return what the figure says."""
        return translate(lang, self.text)


def _define(identifier: str, name: str, text: str) -> Definition:
    return Definition(id=identifier, name=name, text=text)


FIRST_RESPONSE = _define(
    "first_response/1",
    mark("First response"),
    mark("Time from the customer's message that opens a conversation to the first answer. Not answered yet counts apart."),
)
REPLY_TIME = _define(
    "reply_time/1",
    mark("Reply time"),
    mark("Time that a customer waited for an answer, each time that they waited. Not answered yet counts apart."),
)
UNANSWERED = _define(
    "unanswered/1",
    mark("Waiting now"),
    mark("Chats in which a customer wrote last, and for how long the first unanswered message has waited."),
)
WAITING_CURVE = _define(
    "waiting_curve/1",
    mark("Who still waits"),
    mark("Share of customers who still wait after a time (Kaplan-Meier): waits without an answer count as far as they got."),
)
ATTAINMENT = _define(
    "attainment/1",
    mark("Answered in time"),
    mark("Share of the waits that were answered within the promised time. One without an answer fails when that is over."),
)
VOLUME = _define("volume/1", mark("Messages"), mark("Messages received and sent, and chats with any."))
BUSIEST_HOURS = _define(
    "busiest_hours/1", mark("Busiest hours"), mark("Messages by weekday and hour, by the clock of the account's time zone.")
)
MIX = _define(
    "mix/1", mark("Kinds of messages"), mark("Share of each kind among all messages, those that were deleted included.")
)
VOICE = _define("voice/1", mark("Voice notes"), mark("Share of voice notes among voice notes and texts."))
CONVERSATIONS = _define(
    "conversations/1",
    mark("Conversations"),
    mark("Runs of messages without a longer silence than the gap; a late answer belongs to what it answers."),
)
RESOLUTION = _define(
    "resolution/1",
    mark("Resolution time"),
    mark("Time from the customer's first message of a conversation to the shop's last, where the shop wrote last."),
)
LOAD = _define("load/1", mark("Who answers"), mark("What each sender of the shop wrote, without what was sent automatically."))
RESPONSE_MATRIX = _define("response_matrix/1", mark("Who answers whom"), mark("How often one wrote right after another."))
CONTACTS = _define(
    "contacts/1", mark("New and returning customers"), mark("Customers who wrote in a period, for the first time or again.")
)
RETENTION = _define(
    "retention/1",
    mark("Customers who come back"),
    mark("Share of those who first wrote in a week who wrote again in a later one."),
)
REACTIVATED = _define("reactivated/1", mark("Customers who returned"), mark("Customers who wrote after a long silence."))
LAG = _define(
    "lag/1",
    mark("Until it is delivered and read"),
    mark("Time from a message of ours to the first receipt for it. One without a receipt counts as later than any."),
)
LAG_CURVE = _define(
    "lag_curve/1",
    mark("Not there yet"),
    mark("Share of our messages without a receipt after a time (Kaplan-Meier): those without one count as far as they got."),
)
STARTERS = _define(
    "starters/1",
    mark("Who begins and ends conversations"),
    mark("Conversations that each sender wrote the first or the last message of; a late answer begins none."),
)
REPLY_NETWORK = _define(
    "reply_network/1",
    mark("Who replies to whom"),
    mark("Replies from one person to another: those that quote, or those that come next."),
)
CAMPAIGNS = _define(
    "campaigns/1",
    mark("What came of campaigns"),
    mark(
        "Shares of the messages that left, with 95 % intervals (Wilson). A reply is the person's first message within the window."
    ),
)
EMOJI = _define(
    "emoji/1", mark("Emoji"), mark("How often each emoji was written; of any colour of skin, and joined ones, count as one.")
)
LINKS = _define("links/1", mark("Linked sites"), mark("Links by the domain that somebody registered."))
TERMS = _define(
    "terms/1",
    mark("What it was about"),
    mark("Words that set a period apart from the others (TF-IDF): forms of a word count together, filler words do not."),
)
MOOD = _define(
    "mood/1",
    mark("How it sounds"),
    mark(
        "Messages with pleased or displeased words, of those with any. A list of words knows no irony, and nothing of the rest."
    ),
)
FUNNEL = _define(
    "funnel/1",
    mark("How far people get"),
    mark("People who wrote the steps one after another, each as far as in the best of their attempts."),
)
