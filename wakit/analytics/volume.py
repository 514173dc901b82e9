"""How much is written, when, and of what kind."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from wakit.analytics.periods import Period, begin_of, hour_of_day, local, weekday

#: Types that carry a voice, and types that carry any file.
VOICE = ("voice",)
FILES = ("image", "video", "audio", "voice", "document", "sticker")


def volume(tallies: Table, *, by: Period, timezone: str) -> Table:
    """Return ``received`` and ``sent`` messages and the ``chats`` with any, for each period that has some."""
    return _sides(tallies, period=begin_of(by, local(tallies.hour, timezone))).order_by("period")


def busiest_hours(tallies: Table, *, timezone: str) -> Table:
    """Return ``received`` and ``sent`` for each ``weekday`` (0 is Monday) and ``hour`` in which anything was written."""
    at = local(tallies.hour, timezone)
    return _sides(tallies, weekday=weekday(at), hour=hour_of_day(at)).order_by("weekday", "hour")


def mix(facts: Table) -> Table:
    """Return ``messages``, those ``received`` and their ``share`` for each ``type``, most frequent first."""
    counted = facts.group_by("type").aggregate(messages=facts.count(), received=(~facts.from_me).cast("int64").sum())
    share = counted.messages / counted.messages.sum().over(ibis.window())
    return counted.mutate(share=share).order_by(ibis.desc("messages"), "type")


def voice_share(facts: Table, *, by: Period, timezone: str) -> Table:
    """Return, of the messages that carry words, the ``voice`` messages and their ``share`` for each period."""
    spoken = facts.filter(facts.type.isin(["text", *VOICE]))
    is_voice = spoken.type.isin(VOICE)
    grouped = spoken.group_by(period=begin_of(by, local(spoken.written, timezone)))
    voice = is_voice.cast("int64")
    return grouped.aggregate(messages=spoken.count(), voice=voice.sum(), share=voice.mean()).order_by("period")


def _sides(tallies: Table, **keys: ibis.Value) -> Table:
    # One row for each chat first: to count what is distinct costs an engine more than to group twice.
    of_chats = tallies.group_by(**keys, chat="chat").aggregate(received=tallies.received.sum(), sent=tallies.sent.sum())
    return of_chats.group_by(*keys).aggregate(received=of_chats.received.sum(), sent=of_chats.sent.sum(), chats=of_chats.count())
