"""What came of a rehearsal: the timeline of each person, the account's budget by the hour, and both as a chart."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from wakit.languages import Language, mark, speak, translate
from wakit.pacing import STOPPED, StopReason
from wakit.rehearsed import Assumptions

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

_INSTANTS = ("planned", "sent", "delivered", "read", "answered")


@dataclass(frozen=True, repr=False)
class Rehearsal:
    """A plan that was played through; printed, it says how long it takes."""

    #: As the host tells it.
    told: dict[str, Any]
    lang: Language

    @property
    def assumptions(self) -> Assumptions:
        """What was taken for granted of people."""
        return Assumptions.from_json(self.told["assumptions"])

    @property
    def frame(self) -> pd.DataFrame:
        """One row for each person: when the message left, arrived, was read and answered, or why it never left."""
        import pandas as pd

        rows = pd.DataFrame(self.told["people"])
        for name in _INSTANTS:
            rows[name] = pd.to_datetime(rows[name], format="ISO8601", utc=True)
        rows["why"] = self._spoken(rows["why"])
        return rows

    @property
    def hours(self) -> pd.DataFrame:
        """One row for each hour: how many left, what more the account could have sent then, and what the rest waits for."""
        import pandas as pd

        rows = pd.DataFrame(self.told["hours"])
        rows["hour"] = pd.to_datetime(rows["hour"], format="ISO8601", utc=True).dt.tz_convert(self.told["timezone"])
        rows["waits_for"] = self._spoken(rows["waits_for"])
        return rows

    @property
    def days(self) -> pd.DataFrame:
        """One row for each day where the account is: how many left, and what it could still have sent at the end."""
        hours = self.hours
        found = hours.groupby(hours["hour"].dt.date, sort=True).agg(sent=("sent", "sum"), left_in_day=("left_in_day", "last"))
        return found.rename_axis("day").reset_index()

    def plot(self) -> alt.VConcatChart:
        """Return how many had it, read it and answered over time, above what left in each hour, as a chart."""
        from wakit.analytics.rehearsals import chart

        return chart(self.frame, self.hours, self.lang, title=self._heading())

    def __str__(self) -> str:
        lines = [self._heading(), self._summary(), *self._days()]
        if self.told["stopped"]:
            why = translate(self.lang, STOPPED[StopReason(self.told["stopped"])])
            lines.append(f"{speak(self.lang, 'The account would stop on the way.')} {why}")
        lines.append(self._assumed())
        return "\n".join(lines)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return f"<div style='white-space: pre-line'>{escape(str(self))}</div>"

    def _spoken(self, reasons: pd.Series) -> pd.Series:
        return reasons.map(lambda why: translate(self.lang, why) if isinstance(why, str) else None)

    def _heading(self) -> str:
        values = {"name": self.told["name"], "count": len(self.told["people"]), "of": self.told["recipients"]}
        if values["count"] == values["of"]:
            return speak(self.lang, "Rehearsal of {name}: {count} people. Nothing was sent.", **values)
        return speak(self.lang, "Rehearsal of {name}: the first {count} of {of} people. Nothing was sent.", **values)

    def _summary(self) -> str:
        frame = self.frame
        counts = {name: int(frame[name].notna().sum()) for name in ("sent", "delivered", "read", "answered")}
        counts |= {"opted_out": int(frame["opted_out"].sum()), "never": len(frame) - counts["sent"]}
        if not counts["sent"]:
            return speak(self.lang, "Nothing would leave.")
        sent, zone = frame["sent"].dt.tz_convert(self.told["timezone"]), self.told["timezone"]
        return speak(
            self.lang,
            "It takes {took}: from {first} to {last} ({zone}). Sent {sent}, delivered {delivered}, read {read}, answered "
            "{answered}, of these {opted_out} wrote BAJA; {never} never left.",
            took=_span((sent.max() - sent.min()).total_seconds()),
            first=f"{sent.min():%Y-%m-%d %H:%M}",
            last=f"{sent.max():%Y-%m-%d %H:%M}",
            zone=zone,
            **counts,
        )

    def _days(self) -> list[str]:
        text = mark("{day}: {sent} leave, {left} more could")
        return [speak(self.lang, text, day=row.day, sent=row.sent, left=row.left_in_day) for row in self.days.itertuples()]

    def _assumed(self) -> str:
        assumed = self.assumptions
        return speak(
            self.lang,
            "Assumed: {off:.0%} have their phone off for about {off_for}; of those reached {read:.0%} read it, after about "
            "{after}; of those who read it {answered:.0%} answer and {out:.0%} write BAJA.",
            off=assumed.phone_off,
            off_for=_span(assumed.off_for),
            read=assumed.read,
            after=_span(assumed.read_after),
            answered=assumed.answered,
            out=assumed.opted_out,
        )


def _span(seconds: float) -> str:
    """Return a time as people say it, in signs that need no translation."""
    minutes = round(seconds / 60)
    days, rest = divmod(minutes, 1440)
    parts = [(days, "d"), (rest // 60, "h"), (rest % 60, "min")]
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or f"{seconds:.0f} s"
