"""
Two years of three shops' conversations in a store, made in seconds: what reports are measured on.

Conversations rather than messages are drawn: who writes (some much, most seldom, one
in eight a group), when (by weekday and hour), how many messages, how long each took, and
who wrote it. Messages carry no text: no report of counts and times reads one, and the
search index would be made of it meanwhile. Each account was offline for ten minutes a
day, as a telephone's session is, so coverage has as many intervals as it would have.
"""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from wakit.config import Settings
from wakit.paths import Workspace
from wakit.store import Store
from wakit.store.engine import execute

ACCOUNTS, DAYS = 3, 730
#: Of so many messages one chat each.
PER_CHAT = 400
BEGINS = int(datetime(2024, 11, 1, tzinfo=UTC).timestamp())
TYPES = ("text", "voice", "image", "document", "sticker")
_HOURS = np.array([1, 1, 1, 1, 1, 2, 4, 8, 14, 18, 18, 16, 14, 14, 16, 17, 17, 15, 13, 10, 7, 5, 3, 2], dtype=float)
#: From a Friday on, as the two years are.
_WEEKDAYS = np.array([11, 7, 3, 10, 10, 9, 10], dtype=float)
_ADDRESSES = f"""
INSERT INTO core.address
SELECT
    n, 1 + n % {ACCOUNTS}, jid, if(is_group, 'group', 'phone'), n, jid, 'Clienta ' || n, n <= {ACCOUNTS},
    if(is_group, NULL, number), NULL, NULL, 'Clienta ' || n, TIMESTAMPTZ '2024-11-01'
FROM (
    SELECT n, '57300' || lpad(n::VARCHAR, 7, '0') AS number, n % 8 = 0 AS is_group,
        number || if(is_group, '@g.us', '@s.whatsapp.net') AS jid
    FROM range(1, $last + 1) AS made (n)
)
"""
_MESSAGES = """
INSERT INTO core.message
SELECT
    account, chat, sender, '3EB0' || upper(md5(seq::VARCHAR)[:18]), make_timestamptz(written * 1000000), from_me, type, NULL,
    NULL, NULL, NULL, FALSE, NULL, 'live', FALSE, seq, 0
FROM made
"""
_SENDS = """
INSERT INTO core.send BY NAME
SELECT
    account, 'send' || seq AS id, chat AS recipient, 'delivered' AS state, '3EB0' || upper(md5(seq::VARCHAR)[:18]) AS message_id,
    make_timestamptz(written * 1000000) AS created_at, created_at AS updated_at, seq, 1 AS item, 'text' AS type,
    'transactional' AS purpose
FROM made WHERE automatic
"""
_STATES = f"""
INSERT INTO core.state
SELECT
    account, make_timestamptz(({BEGINS} + day * 86400 + pause * 600) * 1000000), if(pause = 1, 'connected', 'reconnecting'), NULL,
    day * 2 + pause, 2
FROM range({DAYS}) AS days (day), range(2) AS pauses (pause), range(1, {ACCOUNTS + 1}) AS accounts (account)
"""


def fill(workspace: Workspace, count: int) -> None:
    """Put *count* messages into the store of a workspace, which no host has open."""
    with Store(workspace, Settings()) as store:
        connection = store._connection
        chats = max(count // PER_CHAT, 60 * ACCOUNTS)
        for no in range(1, ACCOUNTS + 1):
            values = [no, f"shop{no}", f"57300{no:07}"]
            execute(connection, "INSERT INTO core.account VALUES (?, ?, 'whatsapp', ?, NULL, 'America/Bogota')", values)
            execute(connection, "INSERT INTO core.watermark VALUES (?, ?, 0, 0)", [no, count])
        execute(connection, _ADDRESSES, {"last": ACCOUNTS + chats})
        execute(connection, _STATES)
        connection.register("made", messages(count, chats))
        execute(connection, _MESSAGES)
        execute(connection, _SENDS)
        connection.unregister("made")
        store._deriving.catch_up()
        execute(connection, "CHECKPOINT")


def messages(count: int, chats: int) -> pa.Table:
    """Return messages in the order of their times."""
    luck = np.random.default_rng(1)
    lengths = luck.geometric(1 / 8, count // 7 + 1000)
    lengths = lengths[: np.searchsorted(np.cumsum(lengths), count) + 1]
    of = np.repeat(np.arange(len(lengths)), lengths)[:count]
    first = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    chat = ACCOUNTS + 1 + _chats(luck, len(lengths), chats)[of]
    ours = _within(luck.random(count) < 0.45, first, of) % 2 == (luck.random(len(lengths)) < 0.85)[of]
    written = _begins(luck, len(lengths))[of] + _within(luck.lognormal(4.2, 1.4, count).astype(np.int64), first, of)
    account = 1 + chat % ACCOUNTS
    # Addresses belong to accounts in turn, the first ones are the accounts' own, and who writes in a group is of its account.
    own = np.where(account == 1, ACCOUNTS, account - 1)
    away = ACCOUNTS * luck.integers(1, 20, count)
    member = np.where(chat + away > ACCOUNTS + chats, chat - away, chat + away)
    order = np.argsort(written, kind="stable")
    values = {
        "account": account.astype(np.uint16),
        "chat": chat.astype(np.int32),
        "sender": np.where(ours, own, np.where(chat % 8 == 0, member, chat)).astype(np.int32),
        "written": written,
        "from_me": ours,
        "type": np.array(TYPES)[luck.choice(len(TYPES), count, p=[0.74, 0.1, 0.1, 0.03, 0.03])],
        "automatic": ours & (luck.random(count) < 0.03),
    }
    return pa.table(
        {name: pa.array(column[order]) for name, column in values.items()} | {"seq": pa.array(np.arange(1, count + 1))}
    )


def _chats(luck: np.random.Generator, count: int, chats: int) -> np.ndarray:
    """Return which chats conversations are in: some have many, most have few."""
    weights = 1 / np.arange(3, chats + 3) ** 0.9
    drawn = np.searchsorted(np.cumsum(weights) / weights.sum(), luck.random(count))
    return luck.permutation(chats)[np.minimum(drawn, chats - 1)]


def _begins(luck: np.random.Generator, count: int) -> np.ndarray:
    """Return when conversations begin, by the hours and weekdays of a shop."""
    weekdays = np.tile(_WEEKDAYS, DAYS // 7 + 1)[:DAYS]
    day = luck.choice(DAYS, count, p=weekdays / weekdays.sum())
    hour = luck.choice(24, count, p=_HOURS / _HOURS.sum()) + 5
    return BEGINS + day * 86400 + hour * 3600 + luck.integers(0, 3600, count)


def _within(steps: np.ndarray, first: np.ndarray, of: np.ndarray) -> np.ndarray:
    """Return the running sum of *steps* in each conversation, without that of its first message."""
    total = np.cumsum(steps)
    return total - total[first[: of[-1] + 1]][of]
