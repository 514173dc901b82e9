"""
What other products call a first response, as values of the same parameters.

Sources, read in November 2026: ``chatwoot``, reporting_event_listener.rb and its helper
(first human answer since the conversation was opened; one that the shop begins counts, with no time);
``intercom``, the help pages on responsiveness (first inbound message, workflows aside, the median);
``plain``, docs on first response time (first inbound message of a customer, machines never
answer, dated by the answer, median and p90).
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from wakit.analytics.responses import Response
from wakit.errors import InvalidInput


class Preset(StrEnum):
    """Whose definition."""

    CHATWOOT = "chatwoot"
    INTERCOM = "intercom"
    PLAIN = "plain"


_HOW = {
    Preset.CHATWOOT: Response(ours="zero", dated="answered"),
    Preset.INTERCOM: Response(dated="asked"),
    Preset.PLAIN: Response(dated="answered"),
}


def preset(name: str, how: Response) -> Response:
    """
    Return *how* with what the definition of a product says; the gap and the hours stay those of *how*.

    Raises:
        InvalidInput: No such product is known.
    """
    if name not in set(Preset):
        msg = f"There is no preset {name!r}. Known ones: {', '.join(Preset)}."
        raise InvalidInput(msg, preset=name)
    return replace(_HOW[Preset(name)], which=how.which, gap=how.gap, hours=how.hours)
