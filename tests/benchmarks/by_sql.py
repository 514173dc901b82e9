"""
The figures of ``wa.report`` as somebody who knows the store's tables would write each in SQL.

Nothing is read that a figure does not need, and nothing is joined twice. What the
store keeps ready (``message_turns``) is used where it has it.
"""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa

#: Messages of chats of two.
_TWO = """
two AS (
    SELECT chat.person AS chat, epoch_us(message.ts) // 1000000 AS written, message.from_me, message.type
    FROM core.message AS message
    JOIN core.address AS chat ON chat.id = message.chat
    WHERE NOT message.clock_suspect AND chat.kind NOT IN ('group', 'broadcast', 'newsletter')
)
"""
#: A turn is where something changes: only there anything is counted.
_TURNS_OF_MESSAGES = """
said AS (
    SELECT
        chat.person AS chat, sender.person AS sender, epoch_us(message.ts) // 1000000 AS written, message.from_me,
        send.message_id IS NOT NULL AS automatic
    FROM core.message AS message
    JOIN core.address AS chat ON chat.id = message.chat
    JOIN core.address AS sender ON sender.id = message.sender
    LEFT JOIN (SELECT DISTINCT account, message_id FROM core.send WHERE purpose IS NOT NULL AND message_id IS NOT NULL) AS send
        ON send.account = message.account AND send.message_id = message.message_id AND message.from_me
    WHERE NOT message.clock_suspect AND chat.kind NOT IN ('group', 'broadcast', 'newsletter') AND message.type <> 'system'
),
marked AS (
    SELECT
        *,
        lag(written) OVER w AS before,
        last_value(written) OVER (w ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS last,
        row_number() OVER w AS number,
        count(*) OVER (PARTITION BY chat) AS numbers,
        (written - lag(written) OVER w > 1800 OR (sender, from_me, automatic) <> lag((sender, from_me, automatic)) OVER w)
            IS NOT FALSE AS is_new
    FROM said
    WINDOW w AS (PARTITION BY chat ORDER BY written, from_me, sender, automatic)
),
span AS (
    SELECT
        chat, sender, from_me, automatic, written AS started,
        coalesce(lead(before) OVER w, last) AS ended,
        coalesce(lead(number) OVER w, numbers + 1) - number AS messages
    FROM marked
    WHERE is_new
    WINDOW w AS (PARTITION BY chat ORDER BY number)
),
turn AS (
    SELECT
        *,
        started - lag(ended) OVER w AS silence_before,
        lag(from_me) OVER w AS ours_before,
        lag(sender) OVER w AS sender_before,
        lead(started) OVER w - ended AS silence_after,
        lead(from_me) OVER w AS ours_after
    FROM span
    WINDOW w AS (PARTITION BY chat ORDER BY started, from_me, sender)
)
"""
_TURNS_OF_STORE = "turn AS (SELECT * FROM message_turns WHERE NOT is_group)"
_WAITS = """
taken AS (
    SELECT *, lag(from_me) OVER w IS DISTINCT FROM from_me AS is_taken
    FROM turn
    WHERE NOT (from_me AND automatic)
    WINDOW w AS (PARTITION BY chat ORDER BY started, from_me, sender)
),
wait AS (
    SELECT chat, from_me, silence_before, started AS since, lead(started) OVER w AS answered
    FROM taken
    WHERE is_taken
    WINDOW w AS (PARTITION BY chat ORDER BY started, from_me, sender)
),
waited AS (SELECT *, answered - since AS seconds FROM wait WHERE NOT from_me)
"""
_CONVERSATIONS = """
numbered AS (
    SELECT *, sum((silence_before > 86400 AND (NOT from_me OR ours_before)) IS NOT FALSE)
        OVER (PARTITION BY chat ORDER BY started, from_me, sender) AS number
    FROM turn
),
conversation AS (
    SELECT
        min(started) AS begun,
        arg_min(from_me, (started, from_me)) AS ours_first,
        arg_max(from_me, (started, from_me)) AS ours_last,
        min(started) FILTER (NOT from_me) AS asked,
        max(ended) FILTER (from_me) AS resolved
    FROM numbered
    GROUP BY chat, number
)
"""
_WEEKS = "weeks AS (SELECT DISTINCT chat, {week} AS week FROM two WHERE NOT from_me)"
_TIMES = """
SELECT {week} AS week, count(answered) AS n, count(*) - count(answered) AS unanswered, avg(seconds) AS mean,
    quantile_cont(seconds, 0.5) AS p50, quantile_cont(seconds, 0.75) AS p75, quantile_cont(seconds, 0.9) AS p90,
    quantile_cont(seconds, 0.95) AS p95
FROM waited {which} GROUP BY week ORDER BY week
"""


class Sql:
    """Figures that a store works out, in a time zone without clock changes."""

    def __init__(self, ask: Callable[[str], pa.Table], *, offset: int, now: int, has_turns: bool) -> None:
        self._ask, self._offset, self._now = ask, offset, now
        self._turns = _TURNS_OF_STORE if has_turns else _TURNS_OF_MESSAGES

    def first_response(self) -> pa.Table:
        times = _TIMES.format(week=self._week("since"), which="WHERE silence_before IS NULL OR silence_before > 86400")
        return self._of_turns(_WAITS, times)

    def reply_time(self) -> pa.Table:
        return self._of_turns(_WAITS, _TIMES.format(week=self._week("since"), which=""))

    def unanswered(self) -> pa.Table:
        figure = f"""
        SELECT account, jid, name, since, {self._now} - since AS seconds
        FROM waited JOIN fact_names ON fact_names.key = chat WHERE answered IS NULL ORDER BY seconds DESC, jid
        """
        return self._of_turns(_WAITS, figure)

    def waiting_curve(self) -> pa.Table:
        figure = f"""
        SELECT
            seconds, answered, censored, waiting,
            exp(sum(coalesce(ln(nullif((waiting - answered) / waiting, 0)), '-inf'::DOUBLE)) OVER (ORDER BY seconds)) AS share
        FROM (
            SELECT *, sum(answered + censored) OVER (ORDER BY seconds DESC)::BIGINT AS waiting
            FROM (
                SELECT coalesce(answered, {self._now}) - since AS seconds, count(answered) AS answered,
                    count(*) - count(answered) AS censored
                FROM (SELECT since, answered FROM waited) GROUP BY seconds
            )
        )
        ORDER BY seconds
        """
        return self._of_turns(_WAITS, figure)

    def attainment(self, within: int) -> pa.Table:
        figure = f"""
        SELECT {self._week("since")} AS week, count(*) AS n, count(*) FILTER (seconds <= {within}) AS met, met / n AS share
        FROM waited WHERE answered IS NOT NULL OR {self._now} - since > {within} GROUP BY week ORDER BY week
        """
        return self._of_turns(_WAITS, figure)

    def volume(self) -> pa.Table:
        return self._of_messages("", self._sides(f"(written + {self._offset}) // 86400 * 86400"))

    def busiest_hours(self) -> pa.Table:
        local = f"(written + {self._offset})"
        return self._of_messages("", self._sides(f"({local} // 86400 + 3) % 7", f"{local} % 86400 // 3600"))

    def mix(self) -> pa.Table:
        figure = """
        SELECT type, count(*) AS n, count(*) FILTER (NOT from_me) AS received, n / sum(n) OVER () AS share
        FROM two GROUP BY type ORDER BY n DESC, type::VARCHAR
        """
        return self._of_messages("", figure)

    def voice(self) -> pa.Table:
        figure = f"""
        SELECT {self._week("written")} AS week, count(*) AS n, count(*) FILTER (type = 'voice') AS voice, voice / n AS share
        FROM two WHERE type IN ('text', 'voice') GROUP BY week ORDER BY week
        """
        return self._of_messages("", figure)

    def conversations(self) -> pa.Table:
        figure = f"""
        SELECT {self._week("begun")} AS week, count(*) AS n, count(*) FILTER (ours_first) AS began,
            count(*) FILTER (ours_last) AS ended
        FROM conversation GROUP BY week ORDER BY week
        """
        return self._of_turns(_CONVERSATIONS, figure)

    def resolution(self) -> pa.Table:
        figure = f"""
        SELECT {self._week("begun")} AS week, count(*) AS n, avg(resolved - asked) AS mean,
            quantile_cont(resolved - asked, 0.5) AS p50, quantile_cont(resolved - asked, 0.9) AS p90
        FROM conversation WHERE ours_last AND NOT ours_first GROUP BY week ORDER BY week
        """
        return self._of_turns(_CONVERSATIONS, figure)

    def contacts(self) -> pa.Table:
        figure = """
        SELECT week, count(*) FILTER (week = first) AS new, count(*) FILTER (week > first) AS returning
        FROM weeks JOIN (SELECT chat, min(week) AS first FROM weeks GROUP BY chat) USING (chat) GROUP BY week ORDER BY week
        """
        return self._of_messages("," + _WEEKS.format(week=self._week("written")), figure)

    def retention(self) -> pa.Table:
        figure = """
        SELECT cohort, (week - cohort) // 604800 AS weeks, count(*) AS customers,
            max(count(*)) OVER (PARTITION BY cohort) AS size, customers / size AS share
        FROM weeks JOIN (SELECT chat, min(week) AS cohort FROM weeks GROUP BY chat) USING (chat)
        GROUP BY cohort, week ORDER BY cohort, weeks
        """
        return self._of_messages("," + _WEEKS.format(week=self._week("written")), figure)

    def reactivated(self, after_days: int) -> pa.Table:
        days = f", days AS (SELECT DISTINCT chat, (written + {self._offset}) // 86400 AS day FROM two WHERE NOT from_me)"
        figure = f"""
        SELECT month, count(DISTINCT chat) AS customers
        FROM (
            SELECT chat, date_trunc('month', DATE '1970-01-01' + day::INTEGER)::TIMESTAMP AS month,
                day - lag(day) OVER (PARTITION BY chat ORDER BY day) >= {after_days} AS is_back
            FROM days
        )
        WHERE is_back GROUP BY month ORDER BY month
        """
        return self._of_messages(days, figure)

    def load(self) -> pa.Table:
        figure = """
        SELECT account, jid, name, turns, messages, chats
        FROM (
            SELECT sender, count(*) AS turns, sum(messages)::BIGINT AS messages, count(DISTINCT chat) AS chats
            FROM turn WHERE from_me AND NOT automatic GROUP BY sender
        )
        JOIN fact_names ON key = sender ORDER BY messages DESC, jid
        """
        return self._of_turns("", figure)

    def response_matrix(self) -> pa.Table:
        figure = """
        SELECT asked.name AS sender, answering.name AS answerer, turns
        FROM (
            SELECT before, sender, count(*) AS turns
            FROM (SELECT sender, lag(sender) OVER (PARTITION BY chat ORDER BY started, from_me, sender) AS before FROM turn)
            WHERE before <> sender GROUP BY before, sender
        ) AS pair
        JOIN fact_names AS asked ON asked.key = pair.before JOIN fact_names AS answering ON answering.key = pair.sender
        ORDER BY turns DESC, asked.name, answering.name
        """
        return self._of_turns("", figure)

    def _of_turns(self, more: str, figure: str) -> pa.Table:
        return self._ask(f"WITH {','.join(part for part in (self._turns, more) if part)} {figure}")

    def _of_messages(self, more: str, figure: str) -> pa.Table:
        return self._ask(f"WITH {_TWO} {more} {figure}")

    def _week(self, at: str) -> str:
        day = f"(({at} + {self._offset}) // 86400)"
        return f"({day} - ({day} + 3) % 7) * 86400"

    def _sides(self, *keys: str) -> str:
        named = ", ".join(f"{key} AS key{n}" for n, key in enumerate(keys))
        numbers = ", ".join(f"key{n}" for n in range(len(keys)))
        return f"""
        SELECT {named}, count(*) FILTER (NOT from_me) AS received, count(*) FILTER (from_me) AS sent,
            count(DISTINCT chat) AS chats
        FROM two GROUP BY {numbers} ORDER BY {numbers}
        """
