"""The figures of ``wa.report`` as somebody who knows pandas well would work them out, in memory."""

from __future__ import annotations

import numpy as np
import pandas as pd

DAY, WEEK, PAUSE, GAP = 86400, 604800, 1800, 86400
QUANTILES = (0.5, 0.75, 0.9, 0.95)


class Pandas:
    """Figures of one table of messages, in a time zone without clock changes."""

    def __init__(self, facts: pd.DataFrame, names: pd.DataFrame, *, offset: int, now: int) -> None:
        self._facts, self._names, self._offset, self._now = facts, names, offset, now

    def first_response(self) -> pd.DataFrame:
        waits = self._waits()
        return self._times(waits[waits.silence_before.isna() | (waits.silence_before > GAP)])

    def reply_time(self) -> pd.DataFrame:
        return self._times(self._waits())

    def unanswered(self) -> pd.DataFrame:
        waits = self._waits()
        still = waits[waits.answered.isna()]
        named = still.merge(self._names[["key", "jid", "name"]], left_on="chat", right_on="key", how="left")
        found = named.assign(seconds=self._now - named.since).sort_values(["seconds", "jid"], ascending=[False, True])
        return found[["account", "jid", "name", "since", "seconds"]]

    def waiting_curve(self) -> pd.DataFrame:
        waits = self._waits()
        answered = waits.answered.notna()
        seconds = waits.answered.fillna(self._now) - waits.since
        at_each = pd.DataFrame({"answered": answered, "censored": ~answered}).groupby(seconds).sum()
        waiting = at_each.sum(axis=1)[::-1].cumsum()[::-1]
        share = (1 - at_each.answered / waiting).cumprod()
        return at_each.assign(waiting=waiting, share=share).reset_index(names="seconds")

    def attainment(self, within: int) -> pd.DataFrame:
        waits = self._waits()
        seconds = waits.answered.fillna(self._now) - waits.since
        decided = waits[waits.answered.notna() | (seconds > within)]
        met = (decided.answered - decided.since) <= within
        found = met.groupby(self._week(decided.since)).agg(["size", "sum", "mean"])
        return found.reset_index()

    def volume(self) -> pd.DataFrame:
        facts = self._two()
        return self._sides(facts, [(facts.written + self._offset) // DAY * DAY])

    def busiest_hours(self) -> pd.DataFrame:
        facts = self._two()
        local = facts.written + self._offset
        return self._sides(facts, [(local // DAY + 3) % 7, local % DAY // 3600])

    def mix(self) -> pd.DataFrame:
        facts = self._two()
        found = (~facts.from_me).groupby(facts.type, observed=True).agg(["size", "sum"]).reset_index()
        found["share"] = found["size"] / found["size"].sum()
        return found.sort_values(["size", "type"], ascending=[False, True])

    def voice(self) -> pd.DataFrame:
        facts = self._two()
        spoken = facts[facts.type.isin(["text", "voice"])]
        return (spoken.type == "voice").groupby(self._week(spoken.written)).agg(["size", "sum", "mean"]).reset_index()

    def conversations(self) -> pd.DataFrame:
        found = self._conversations()
        values = found[["ours_first", "ours_last"]].groupby(self._week(found["at"])).agg(["size", "sum"])
        values.columns = ["conversations", "began", "_", "ended"]
        return values[["conversations", "began", "ended"]].reset_index()

    def resolution(self) -> pd.DataFrame:
        found = self._conversations()
        begun = found[~found.ours_first & found.ours_last]
        seconds = (begun.resolved - begun.asked).groupby(self._week(begun["at"]))
        values = seconds.agg(["size", "mean"])
        quantiles = seconds.quantile([0.5, 0.9]).unstack()
        return values.join(quantiles).reset_index()

    def contacts(self) -> pd.DataFrame:
        seen = self._weeks()
        is_new = seen.week == seen.groupby("chat").week.transform("min")
        values = is_new.groupby(seen.week).agg(["size", "sum"]).reset_index()
        values["returning"] = values["size"] - values["sum"]
        return values[["week", "sum", "returning"]]

    def retention(self) -> pd.DataFrame:
        seen = self._weeks()
        seen["cohort"] = seen.groupby("chat").week.transform("min")
        seen["weeks"] = (seen.week - seen.cohort) // WEEK
        found = seen.groupby(["cohort", "weeks"]).size().rename("customers").reset_index()
        found["size"] = found.groupby("cohort").customers.transform("max")
        found["share"] = found.customers / found["size"]
        return found

    def reactivated(self, after_days: int) -> pd.DataFrame:
        theirs = self._theirs()
        days = pd.DataFrame({"chat": theirs.chat, "day": (theirs.written + self._offset) // DAY}).drop_duplicates()
        days = days.sort_values(["chat", "day"])
        silence = days.day.diff().where(days.chat == days.chat.shift())
        back = days[silence >= after_days]
        month = pd.to_datetime(back.day, unit="D").dt.to_period("M").dt.start_time
        found = pd.DataFrame({"chat": back.chat, "month": month}).drop_duplicates().groupby("month").size().rename("customers")
        return found.reset_index()

    def load(self) -> pd.DataFrame:
        turns = self._turns()
        ours = turns[turns.from_me & ~turns.automatic]
        found = ours.groupby("sender").agg(turns=("chat", "size"), messages=("messages", "sum"), chats=("chat", "nunique"))
        named = found.reset_index().merge(self._names, left_on="sender", right_on="key")
        return named.sort_values(["messages", "jid"], ascending=[False, True])[
            ["account", "jid", "name", "turns", "messages", "chats"]
        ]

    def response_matrix(self) -> pd.DataFrame:
        turns = self._turns()
        before = turns.sender.shift()
        pairs = turns[(turns.chat == turns.chat.shift()) & (turns.sender != before)]
        found = pairs.groupby([before[pairs.index].astype("int64"), pairs.sender.rename("answerer")]).size().rename("turns")
        names = self._names.set_index("key").name
        found = found.reset_index()
        found = found.assign(sender=found.sender.map(names), answerer=found.answerer.map(names))
        return found.sort_values(["turns", "sender", "answerer"], ascending=[False, True, True])

    def _two(self) -> pd.DataFrame:
        return self._facts[~self._facts.is_group]

    def _theirs(self) -> pd.DataFrame:
        return self._facts[~self._facts.is_group & ~self._facts.from_me]

    def _week(self, at: pd.Series) -> pd.Series:
        day = (at + self._offset) // DAY
        return ((day - (day + 3) % 7) * DAY).rename("week")

    def _weeks(self) -> pd.DataFrame:
        theirs = self._theirs()
        return pd.DataFrame({"chat": theirs.chat, "week": self._week(theirs.written)}).drop_duplicates()

    def _sides(self, facts: pd.DataFrame, keys: list[pd.Series]) -> pd.DataFrame:
        grouped = facts.groupby([key.rename(f"key{n}") for n, key in enumerate(keys)])
        found = grouped.from_me.agg(["size", "sum"])
        found["received"] = found["size"] - found["sum"]
        found["chats"] = grouped.chat.nunique()
        return found[["received", "sum", "chats"]].reset_index()

    def _turns(self) -> pd.DataFrame:
        facts = self._two()
        facts = facts.sort_values(["chat", "written", "from_me", "sender", "automatic"])
        chat, written = facts.chat.to_numpy(), facts.written.to_numpy()
        is_new = np.ones(len(facts), dtype=bool)
        is_new[1:] = (chat[1:] != chat[:-1]) | (written[1:] - written[:-1] > PAUSE)
        for column in ("from_me", "sender", "automatic"):
            values = facts[column].to_numpy()
            is_new[1:] |= values[1:] != values[:-1]
        first = np.flatnonzero(is_new)
        behind = np.append(first[1:], len(facts))
        turns = facts.iloc[first][["account", "chat", "from_me", "automatic", "sender"]].reset_index(drop=True)
        turns["started"], turns["ended"], turns["messages"] = written[first], written[behind - 1], behind - first
        same = turns.chat == turns.chat.shift()
        turns["silence_before"] = (turns.started - turns.ended.shift()).where(same)
        turns["ours_before"] = turns.from_me.shift(fill_value=False) & same
        return turns

    def _waits(self) -> pd.DataFrame:
        turns = self._turns()
        heard = turns[~(turns.from_me & turns.automatic)]
        taken = heard[(heard.chat != heard.chat.shift()) | (heard.from_me != heard.from_me.shift())]
        same = taken.chat == taken.chat.shift(-1)
        taken = taken.assign(since=taken.started, answered=taken.started.shift(-1).where(same))
        return taken[~taken.from_me]

    def _conversations(self) -> pd.DataFrame:
        turns = self._turns()
        answers = turns.from_me & ~turns.ours_before
        begins = turns.silence_before.isna() | ((turns.silence_before > GAP) & ~answers)
        first = np.flatnonzero(begins)
        last = np.append(first[1:], len(turns)) - 1
        number = begins.cumsum().to_numpy() - 1
        asked = turns.started.where(~turns.from_me).groupby(number).min()
        resolved = turns.ended.where(turns.from_me).groupby(number).max()
        return pd.DataFrame(
            {
                "at": turns.started.to_numpy()[first],
                "ours_first": turns.from_me.to_numpy()[first],
                "ours_last": turns.from_me.to_numpy()[last],
                "asked": asked,
                "resolved": resolved,
            }
        )

    def _times(self, waits: pd.DataFrame) -> pd.DataFrame:
        seconds = waits.answered - waits.since
        grouped = seconds.groupby(self._week(waits.since))
        found = grouped.agg(["count", "size", "mean"])
        found["size"] -= found["count"]
        quantiles = grouped.quantile(list(QUANTILES)).unstack()
        return found.join(quantiles).reset_index()
