"""
Campaign results: what became of each campaign's messages, with how sure the shares are.

The definitions are those of ``plan.results()``: delivered, read and replied are of the messages that left; a reply is the
first message of the person within the window after ours, which is not known to be about ours. The ledger knows who
was kept back to compare with, so that comparison is there and not here. Intervals are Wilson's (JASA 22 (1927), 209-212),
which hold for small numbers as well.
"""

from __future__ import annotations

import ibis
from ibis.expr.types import IntegerColumn, Table

#: Names of the tables in an expression, and of the views in the store.
MESSAGES, OPT_OUTS, CAMPAIGNS = "campaign_messages", "opt_outs", "campaigns"
#: What may come of a message that left.
OUTCOMES = ("delivered", "read", "replied", "opted_out")
#: Two-sided 95 %.
_Z = 1.959963984540054

_MESSAGES = {
    "account": "string",
    "campaign": "string",
    "id": "string",
    "chat": "int64",
    "is_group": "boolean",
    "state": "string",
    "left_at": "int64",
}


def campaign_messages() -> Table:
    """Return the table of the messages of campaigns: ``campaign``, who it is for, ``state``, and when it ``left_at``."""
    return ibis.table(_MESSAGES, name=MESSAGES)


def opt_outs() -> Table:
    """Return the table of who ``said`` when that they want no more."""
    return ibis.table({"account": "string", "chat": "int64", "said": "int64"}, name=OPT_OUTS)


def campaigns() -> Table:
    """Return the table of the campaigns' names."""
    return ibis.table({"account": "string", "id": "string", "name": "string"}, name=CAMPAIGNS)


def outcomes(messages: Table, facts: Table, outs: Table, *, window: int) -> Table:
    """
    Return each message with the seconds until its person ``replied`` and ``opted_out``, empty where they did not.

    Args:
        messages: As ``campaign_messages`` has them.
        facts: Messages of anybody.
        outs: As ``opt_outs`` has them.
        window: Seconds within which either belongs to the message.
    """
    gone = messages.filter(messages.left_at.notnull())
    written = facts.filter(~facts.from_me & (facts.type != "system")).select("account", "chat", at="written")
    said = outs.select("account", "chat", at="said")
    with_replies = _first(gone, written, "replied", window)
    with_both = _first(gone, said, "opted_out", window)
    joined = messages.left_join(with_replies, ["account", "id"]).drop("account_right", "id_right")
    return joined.left_join(with_both, ["account", "id"]).drop("account_right", "id_right")


def results(outcomes: Table, names: Table) -> Table:
    """
    Return one row for each campaign, the newest first.

    Its columns: ``campaign``, its name; ``plan``, its id; ``started``, its first message that left; ``messages``, ``sent``;
    for each of ``OUTCOMES`` how many, and ``_share`` of those that left, with ``_low`` and ``_high``, the ends of the
    interval; ``reply_p50`` and ``reply_p90``, seconds.
    """
    left = outcomes.state.isin(["sent", "delivered", "read"])
    came = {
        "delivered": outcomes.state.isin(["delivered", "read"]),
        "read": outcomes.state == "read",
        "replied": left & outcomes.replied.notnull(),
        "opted_out": left & outcomes.opted_out.notnull(),
    }
    seconds = left.ifelse(outcomes.replied, None)
    counted = outcomes.group_by("account", "campaign").aggregate(
        started=outcomes.left_at.min(),
        messages=outcomes.count(),
        sent=left.cast("int64").sum(),
        **{name: happened.cast("int64").sum() for name, happened in came.items()},
        reply_p50=seconds.quantile(0.5),
        reply_p90=seconds.quantile(0.9),
    )
    named = counted.left_join(names, [("account", "account"), ("campaign", "id")])
    shares = {f"{name}_{part}": value for name in OUTCOMES for part, value in share(named[name], named.sent).items()}
    table = named.select(
        "account",
        "started",
        "messages",
        "sent",
        *OUTCOMES,
        **shares,
        campaign=named.name,
        plan=named.campaign,
        reply_p50=named.reply_p50,
        reply_p90=named.reply_p90,
    )
    ordered = ["account", "campaign", "plan", "started", "messages", "sent", *OUTCOMES, *shares, "reply_p50", "reply_p90"]
    return table.select(ordered).order_by(ibis.desc("started"), "plan")


def share(count: IntegerColumn, of: IntegerColumn) -> dict[str, ibis.Value]:
    """Return a share with Wilson's interval, ``share``, ``low`` and ``high``; nothing is known of a share of nobody."""
    n = of.nullif(0).cast("float64")
    part = count / n
    middle = (part + _Z * _Z / (2 * n)) / (1 + _Z * _Z / n)
    half = _Z * (part * (1 - part) / n + _Z * _Z / (4 * n * n)).sqrt() / (1 + _Z * _Z / n)
    return {"share": part, "low": (middle - half).clip(lower=0.0), "high": (middle + half).clip(upper=1.0)}


def _first(messages: Table, events: Table, name: str, window: int) -> Table:
    """Return for each message the seconds until the first event of its person."""
    joined = messages.inner_join(
        events,
        [
            messages.account == events.account,
            messages.chat == events.chat,
            events["at"] >= messages.left_at,
            events["at"] <= messages.left_at + window,
        ],
    )
    return joined.group_by("account", "id").aggregate((joined["at"] - joined.left_at).min().name(name))
