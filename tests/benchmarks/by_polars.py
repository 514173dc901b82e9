"""The figures of ``wa.report`` as somebody who knows polars well would work them out, in memory and lazily."""

from __future__ import annotations

import polars as pl
from polars import col

DAY, WEEK, PAUSE, GAP = 86400, 604800, 1800, 86400
QUANTILES = (0.5, 0.75, 0.9, 0.95)


class Polars:
    """Figures of one table of messages, in a time zone without clock changes."""

    def __init__(self, facts: pl.DataFrame, names: pl.DataFrame, *, offset: int, now: int) -> None:
        self._facts, self._names, self._offset, self._now = facts.lazy(), names.lazy(), offset, now

    def first_response(self) -> pl.DataFrame:
        return self._times(self._waits().filter(col.silence_before.is_null() | (col.silence_before > GAP)))

    def reply_time(self) -> pl.DataFrame:
        return self._times(self._waits())

    def unanswered(self) -> pl.DataFrame:
        still = (
            self._waits()
            .filter(col.answered.is_null())
            .join(self._names.drop("account"), left_on="chat", right_on="key", how="left")
        )
        found = still.select("account", "jid", "name", "since", seconds=self._now - col.since)
        return found.sort(["seconds", "jid"], descending=[True, False]).collect()

    def waiting_curve(self) -> pl.DataFrame:
        waits = self._waits().select(answered=col.answered.is_not_null(), seconds=col.answered.fill_null(self._now) - col.since)
        at_each = waits.group_by("seconds").agg(col.answered.sum(), censored=(~col.answered).sum()).sort("seconds")
        counted = at_each.with_columns(waiting=(col.answered + col.censored).cum_sum(reverse=True))
        return counted.with_columns(share=(1 - col.answered / col.waiting).cum_prod()).collect()

    def attainment(self, within: int) -> pl.DataFrame:
        waits = self._waits().with_columns(seconds=col.answered.fill_null(self._now) - col.since)
        decided = waits.filter(col.answered.is_not_null() | (col.seconds > within))
        met = col.answered.is_not_null() & (col.seconds <= within)
        return (
            decided.group_by(week=self._week(col.since)).agg(n=pl.len(), met=met.sum(), share=met.mean()).sort("week").collect()
        )

    def volume(self) -> pl.DataFrame:
        return self._sides(day=(col.written + self._offset) // DAY * DAY)

    def busiest_hours(self) -> pl.DataFrame:
        local = col.written + self._offset
        return self._sides(weekday=(local // DAY + 3) % 7, hour=local % DAY // 3600)

    def mix(self) -> pl.DataFrame:
        found = self._two().group_by("type").agg(size=pl.len(), received=(~col.from_me).sum())
        found = found.with_columns(col.type.cast(pl.String), share=col.size / col.size.sum())
        return found.sort(["size", "type"], descending=[True, False]).collect()

    def voice(self) -> pl.DataFrame:
        spoken = self._two().filter(col.type.is_in(["text", "voice"]))
        voice = col.type == "voice"
        found = spoken.group_by(week=self._week(col.written)).agg(n=pl.len(), voice=voice.sum(), share=voice.mean())
        return found.sort("week").collect()

    def conversations(self) -> pl.DataFrame:
        grouped = self._conversations().group_by(week=self._week(col.at))
        return grouped.agg(n=pl.len(), began=col.ours_first.sum(), ended=col.ours_last.sum()).sort("week").collect()

    def resolution(self) -> pl.DataFrame:
        begun = self._conversations().filter(~col.ours_first & col.ours_last).with_columns(seconds=col.resolved - col.asked)
        seconds = col.seconds
        values = {"mean": seconds.mean(), **{f"p{q}": seconds.quantile(q, "linear") for q in (0.5, 0.9)}}
        return begun.group_by(week=self._week(col.at)).agg(n=pl.len(), **values).sort("week").collect()

    def contacts(self) -> pl.DataFrame:
        seen = self._weeks().with_columns(is_new=col.week == col.week.min().over("chat"))
        return seen.group_by("week").agg(new=col.is_new.sum(), returning=(~col.is_new).sum()).sort("week").collect()

    def retention(self) -> pl.DataFrame:
        seen = self._weeks().with_columns(cohort=col.week.min().over("chat"))
        found = seen.group_by("cohort", weeks=(col.week - col.cohort) // WEEK).agg(customers=pl.len())
        found = found.with_columns(size=col.customers.max().over("cohort"))
        return found.with_columns(share=col.customers / col.size).sort("cohort", "weeks").collect()

    def reactivated(self, after_days: int) -> pl.DataFrame:
        days = self._theirs().select("chat", day=(col.written + self._offset) // DAY).unique().sort("chat", "day")
        silence = pl.when(col.chat == col.chat.shift()).then(col.day.diff())
        back = days.filter(silence >= after_days).select("chat", month=pl.from_epoch(col.day, "d").dt.truncate("1mo")).unique()
        return back.group_by("month").agg(customers=pl.len()).sort("month").collect()

    def load(self) -> pl.DataFrame:
        ours = self._turns().filter(col.from_me & ~col.automatic)
        found = ours.group_by("sender").agg(turns=pl.len(), messages=col.messages.sum(), chats=col.chat.n_unique())
        named = found.join(self._names, left_on="sender", right_on="key")
        shown = named.select("account", "jid", "name", "turns", "messages", "chats")
        return shown.sort(["messages", "jid"], descending=[True, False]).collect()

    def response_matrix(self) -> pl.DataFrame:
        turns = self._turns().with_columns(before=pl.when(col.chat == col.chat.shift()).then(col.sender.shift()))
        found = turns.filter(col.before != col.sender).group_by("before", "sender").agg(turns=pl.len())
        names = self._names.select("key", "name")
        named = found.join(names, left_on="before", right_on="key").join(names, left_on="sender", right_on="key")
        shown = named.select(sender="name", answerer="name_right", turns="turns")
        return shown.sort(["turns", "sender", "answerer"], descending=[True, False, False]).collect()

    def _two(self) -> pl.LazyFrame:
        return self._facts.filter(~col.is_group)

    def _theirs(self) -> pl.LazyFrame:
        return self._facts.filter(~col.is_group & ~col.from_me)

    def _week(self, at: pl.Expr) -> pl.Expr:
        day = (at + self._offset) // DAY
        return (day - (day + 3) % 7) * DAY

    def _weeks(self) -> pl.LazyFrame:
        return self._theirs().select("chat", week=self._week(col.written)).unique()

    def _sides(self, **keys: pl.Expr) -> pl.DataFrame:
        values = {"received": (~col.from_me).sum(), "sent": col.from_me.sum(), "chats": col.chat.n_unique()}
        return self._two().group_by(**keys).agg(**values).sort(*keys).collect()

    def _turns(self) -> pl.LazyFrame:
        facts = self._two().sort("chat", "written", "from_me", "sender", "automatic")
        is_new = (col.written - col.written.shift() > PAUSE).fill_null(True)
        for column in ("chat", "from_me", "sender", "automatic"):
            is_new |= col(column) != col(column).shift()
        grouped = facts.with_columns(turn=is_new.fill_null(True).cum_sum()).group_by("turn", maintain_order=True)
        firsts = [col(column).first() for column in ("account", "chat", "from_me", "automatic", "sender")]
        turns = grouped.agg(*firsts, started=col.written.first(), ended=col.written.last(), messages=pl.len())
        same = col.chat == col.chat.shift()
        return turns.with_columns(
            silence_before=pl.when(same).then(col.started - col.ended.shift()), ours_before=same & col.from_me.shift()
        )

    def _waits(self) -> pl.LazyFrame:
        heard = self._turns().filter(~(col.from_me & col.automatic))
        taken = heard.filter(((col.chat != col.chat.shift()) | (col.from_me != col.from_me.shift())).fill_null(True))
        after = taken.with_columns(
            since=col.started, answered=pl.when(col.chat == col.chat.shift(-1)).then(col.started.shift(-1))
        )
        return after.filter(~col.from_me)

    def _conversations(self) -> pl.LazyFrame:
        answers = col.from_me & ~col.ours_before
        begins = col.silence_before.is_null() | ((col.silence_before > GAP) & ~answers)
        numbered = self._turns().with_columns(conversation=begins.cum_sum())
        return numbered.group_by("conversation").agg(
            at=col.started.first(),
            ours_first=col.from_me.first(),
            ours_last=col.from_me.last(),
            asked=col.started.filter(~col.from_me).min(),
            resolved=col.ended.filter(col.from_me).max(),
        )

    def _times(self, waits: pl.LazyFrame) -> pl.DataFrame:
        seconds = col.answered - col.since
        values = {"n": seconds.count(), "unanswered": seconds.null_count(), "mean": seconds.mean()}
        values |= {f"p{q}": seconds.quantile(q, "linear") for q in QUANTILES}
        return waits.group_by(week=self._week(col.since)).agg(**values).sort("week").collect()
