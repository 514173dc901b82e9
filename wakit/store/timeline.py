"""
Messages as a person reads them: with names, quotes, reactions, ticks and files, a page at a time.

Which messages a page has is decided in the bare table; only they are joined with
what else is known of them, so a page costs the same whatever the chat's length.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import pyarrow as pa

from wakit.errors import InvalidInput
from wakit.store.ticks import ticks

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_PAGE = """
WITH chosen AS (
    SELECT message.account, message.seq, message.item, message.message_id, message.target_id
    FROM core.message AS message
    JOIN core.address AS chat ON chat.id = message.chat
    WHERE ($account IS NULL OR message.account = $account)
        AND ($chats IS NULL OR message.chat IN (SELECT unnest($chats)))
        AND ($pattern IS NULL OR chat.shown GLOB $pattern)
        AND ($is_group IS NULL OR (chat.shown LIKE '%@g.us') = $is_group)
        AND ($from_me IS NULL OR message.from_me = $from_me)
        AND ($words IS NULL OR contains(strip_accents(lower(message.text)), strip_accents(lower($words))))
        AND ($ids IS NULL OR message.message_id IN (SELECT unnest($ids)))
        AND ($ts IS NULL OR (message.ts, message.seq, message.item) {beyond} ($ts, $seq, $item))
    ORDER BY message.ts {order}, message.seq {order}, message.item {order}
    LIMIT $limit
),

reacted AS (
    SELECT chat, target_id, reaction, list({{'sender': sender, 'sender_name': sender_name}} ORDER BY ts) AS people
    FROM (
        SELECT
            change.chat,
            change.target_id,
            change.sender_shown AS sender,
            any_value(change.sender_name) AS sender_name,
            arg_max(coalesce(change.text, ''), (change.ts, change.message_id)) AS reaction,
            max(change.ts) AS ts
        FROM core.resolved_change AS change
        WHERE change.kind = 'reaction' AND change.target_id IN (SELECT message_id FROM chosen)
        GROUP BY change.chat, change.target_id, change.sender_shown
    )
    WHERE reaction <> ''
    GROUP BY chat, target_id, reaction
),

reactions AS (
    SELECT chat, target_id, list({{'reaction': reaction, 'people': people}} ORDER BY len(people) DESC, reaction) AS reactions
    FROM reacted
    GROUP BY chat, target_id
),

{ticks},

quotes AS (
    SELECT
        chat.person AS chat,
        quoted.message_id,
        any_value({{
            'message_id': quoted.message_id, 'sender': sender.shown, 'sender_name': sender.name,
            'from_me': quoted.from_me, 'type': quoted.type, 'text': quoted.text
        }}) AS quoted
    FROM core.message AS quoted
    JOIN core.address AS chat ON chat.id = quoted.chat
    JOIN core.address AS sender ON sender.id = quoted.sender
    WHERE quoted.message_id IN (SELECT target_id FROM chosen)
    GROUP BY ALL
)

SELECT
    shown.* EXCLUDE (account_no, seq, item, quoted_id, mentions),
    CASE WHEN shown.quoted_id IS NOT NULL THEN coalesce(quotes.quoted, {{
        'message_id': shown.quoted_id, 'sender': NULL, 'sender_name': NULL, 'from_me': NULL, 'type': NULL, 'text': NULL
    }}) END AS quoted,
    coalesce(reactions.reactions, []) AS reactions,
    CASE WHEN shown.from_me THEN coalesce(ticks.state, 'sent') END AS state,
    CASE WHEN media.status IS NOT NULL THEN {{
        'status': media.status, 'mimetype': media.mimetype, 'file_name': media.file_name, 'size': media.size,
        'seconds': media.seconds, 'width': media.width, 'height': media.height, 'reason': media.reason
    }} END AS media,
    epoch_us(shown.ts) || ':' || shown.seq || ':' || shown.item AS cursor
FROM core.shown_message AS shown
JOIN chosen ON chosen.account = shown.account_no AND chosen.seq = shown.seq AND chosen.item = shown.item
JOIN core.message AS message
    ON message.account = chosen.account AND message.seq = chosen.seq AND message.item = chosen.item
JOIN core.address AS chat ON chat.id = message.chat
LEFT JOIN reactions ON reactions.chat = chat.person AND reactions.target_id = shown.message_id
LEFT JOIN ticks ON ticks.chat = chat.person AND ticks.message_id = shown.message_id
LEFT JOIN quotes ON quotes.chat = chat.person AND quotes.message_id = shown.quoted_id
LEFT JOIN core.shown_media AS media
    ON media.account_no = chosen.account AND media.seq = chosen.seq AND media.item = chosen.item
ORDER BY shown.ts, shown.seq, shown.item
"""
_TICKS = ticks("SELECT message_id FROM chosen")
_BEFORE = _PAGE.format(beyond="<", order="DESC", ticks=_TICKS)
_AFTER = _PAGE.format(beyond=">", order="ASC", ticks=_TICKS)
_PLACE = """
SELECT epoch_us(message.ts) || ':' || message.seq || ':' || message.item AS cursor
FROM core.message AS message
WHERE message.message_id = $message_id AND ($chats IS NULL OR message.chat IN (SELECT unnest($chats)))
ORDER BY message.seq
LIMIT 1
"""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Between two messages of a timeline; its text form is the cursor of the message beside it."""

    ts: datetime
    seq: int
    item: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """
        Read a cursor.

        Raises:
            InvalidInput: It is none.
        """
        try:
            micros, seq, item = (int(part) for part in text.split(":"))
            return cls(ts=_EPOCH + timedelta(microseconds=micros), seq=seq, item=item)
        except (ValueError, OverflowError) as exc:
            msg = f"{text[:64]!r} is no cursor. Use the `cursor` of a message of the timeline."
            raise InvalidInput(msg, cursor=text[:64]) from exc


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Which messages a timeline has."""

    account: int | None = None
    #: Addresses of the chats that they are of; ``None`` means all.
    chats: list[int] | None = None
    #: Shell pattern of the chat's address, such as ``*@g.us``.
    pattern: str | None = None
    #: Only groups, or only chats of two.
    is_group: bool | None = None
    from_me: bool | None = None
    #: Part of the text, whatever its capitals and accents.
    words: str | None = None
    #: Ids of the messages.
    ids: list[str] | None = None


Select = Callable[[str, dict[str, Any]], pa.Table]


def page(select: Select, choice: Choice, *, before: str | None, after: str | None, around: str | None, limit: int) -> pa.Table:
    """
    Return a page, oldest first: the newest messages, or those on one side or both sides of one.

    Args:
        select: Runs a query.
        choice: Which messages there are.
        before: Cursor of the message that the page ends before.
        after: Cursor of the message that the page begins behind.
        around: Id of the message in whose middle the page is; where it is not
            stored, the page is empty.
        limit: Most messages.

    Raises:
        InvalidInput: A cursor is none, or more than one place is asked for.
    """
    if sum(place is not None for place in (before, after, around)) > 1:
        msg = "A page is before a message, after one or around one. Give one of before, after and around."
        raise InvalidInput(msg)
    if around is not None:
        return _around(select, choice, around, limit)
    if after is not None:
        return _page(select, _AFTER, choice, Place.parse(after), limit)
    return _page(select, _BEFORE, choice, Place.parse(before) if before is not None else None, limit)


def _around(select: Select, choice: Choice, message_id: str, limit: int) -> pa.Table:
    found = select(_PLACE, {"message_id": message_id, "chats": choice.chats})
    if not found.num_rows:
        return _page(select, _BEFORE, choice, None, 0)
    place = Place.parse(found["cursor"][0].as_py())
    behind = _page(select, _AFTER, choice, place, limit // 2)
    # The place of a message is where it begins; one item further it is part of what comes before.
    ending = _page(select, _BEFORE, choice, replace(place, item=place.item + 1), limit - limit // 2)
    return pa.concat_tables([ending, behind])


def _page(select: Select, query: str, choice: Choice, place: Place | None, limit: int) -> pa.Table:
    at = vars(place) if place is not None else {"ts": None, "seq": None, "item": None}
    return select(query, {**vars(choice), **at, "limit": limit})
