"""What the host knows of an audience: persons, what was said to them, who may be written to, and when messages would leave."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

from wakit.clock import Clock
from wakit.consent import Standing
from wakit.host.pace import Wrote
from wakit.outbox.campaigns import PRIORITY, Campaigns, Draft
from wakit.outbox.consent import Consents
from wakit.outbox.forecast import Slot
from wakit.outbox.outlook import Outlook
from wakit.outbox.pacing import Pacing
from wakit.outbox.planning import Exclusion, Facts, Leaves, Line, key_of
from wakit.store import Store

_KNOWN = """
SELECT seen.address, seen.jid, people.name
FROM contact_addresses AS seen JOIN contacts AS people ON people.account = seen.account AND people.jid = seen.jid
WHERE seen.account = $account
"""
_REFUSALS = {
    Standing.NO_CONSENT: Exclusion.NO_CONSENT,
    Standing.OPTED_OUT: Exclusion.OPTED_OUT,
    Standing.NO_PERSON: Exclusion.INVALID_NUMBER,
}


class PlanFacts:
    """
    Gathers what a plan has to know.

    Args:
        ledger: What was said to whom.
        store: Knows persons.
        consents: Know who may be written to.
        pacing: Knows how fast accounts send.
        wrote: Knows who never wrote to an account.
        absent: Knows which strangers have no WhatsApp.
        clock: Tells when a plan could begin.
    """

    def __init__(
        self,
        ledger: Campaigns,
        store: Store,
        consents: Consents,
        pacing: Pacing,
        wrote: Wrote,
        absent: Callable[[str, Sequence[str]], AbstractSet[str]],
        clock: Clock,
    ) -> None:
        self._ledger, self._store, self._consents = ledger, store, consents
        self._pacing, self._wrote, self._absent, self._clock = pacing, wrote, absent, clock

    def of(self, draft: Draft) -> Facts:
        """Return what there is to know about the audience of *draft*."""
        known: dict[str, str] = {}
        names: dict[str, str] = {}
        for address, jid, name in self._rows(_KNOWN, account=draft.account):
            known[address] = jid
            known.setdefault(key_of(address), jid)
            if name:
                names[key_of(jid)] = name
        said = self._ledger.already(draft.account, draft.name, draft.template_hash)
        already = {key_of(known.get(person, person)) for person in said}
        return Facts(
            known=known,
            names=names,
            already=already,
            refused=lambda persons: self._refused(draft, persons),
            absent=lambda addresses: self._strangers_absent(draft.account, addresses, {*known.values()}),
            forecast=lambda lines: self._forecast(draft, lines),
        )

    def outlook(self, account: str, not_before: datetime | None) -> Outlook:
        """Return when messages of a campaign that is started now would leave."""
        return self._pacing.outlook(account, PRIORITY).until(not_before or self._clock.now())

    def cold(self, account: str, addresses: Sequence[str]) -> set[str]:
        """Return those of *addresses* from which nobody ever wrote to the account."""
        return self._wrote.cold(account, addresses)

    def _refused(self, draft: Draft, persons: Sequence[str]) -> dict[str, Exclusion]:
        standings = self._consents.standings(draft.account, persons, draft.purpose)
        return {person: _REFUSALS[standing] for person, standing in standings.items() if standing in _REFUSALS}

    def _strangers_absent(self, account: str, addresses: Sequence[str], known: AbstractSet[str]) -> AbstractSet[str]:
        """Ask only about people who are new, and only where anything would be sent to such people."""
        if not self._pacing.rules.limits.cold_per_day:
            return frozenset()
        return self._absent(account, [one for one in addresses if one not in known])

    def _forecast(self, draft: Draft, lines: Sequence[Line]) -> list[Leaves]:
        outlook, recipients = self.outlook(draft.account, draft.not_before), [line.to for line in lines]
        cold = self.cold(draft.account, [*outlook.ahead, *recipients])
        slots = outlook.slots(recipients, cold)
        return [_leaves(slot, to, outlook, draft.not_after) for slot, to in zip(slots, recipients, strict=True)]

    def _rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        with self._store.sql(query, values) as answer:
            found = answer.read_all()
        return list(zip(*(column.to_pylist() for column in found.columns), strict=True))


def _leaves(slot: Slot, to: str, outlook: Outlook, end: datetime | None) -> Leaves:
    """Return when a message leaves, or what keeps it from leaving before *end*."""
    if slot.at is None:
        return Leaves(excluded=Exclusion.COLD)
    if end is None or slot.at < end:
        return Leaves(when=slot.at)
    opens = outlook.opens(to)
    if opens >= end:
        return Leaves(excluded=Exclusion.QUIET_HOURS, detail=_shown(opens))
    return Leaves(excluded=Exclusion.CAP, detail=_shown(slot.at))


def _shown(instant: datetime) -> str:
    """Return when it would have left, to the minute."""
    return f"{instant:%Y-%m-%dT%H:%MZ}"
