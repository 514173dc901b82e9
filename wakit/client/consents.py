"""The verbs about consent: who agreed to which messages, and who wants no more."""

from __future__ import annotations

import getpass
from datetime import datetime
from pathlib import Path

from wakit.client.ask import Ask, get, post, record, records
from wakit.client.verb import verb
from wakit.consent import Consent, ConsentImport, ConsentState
from wakit.ids import DEFAULT_ACCOUNT
from wakit.model import Purpose

#: Seconds for an import of a hundred thousand rows.
_IMPORT = 300.0


class ConsentVerbs:
    """The consent ledger, for both clients."""

    @verb
    def consents(
        self,
        person: str | None = None,
        *,
        account: str | None = None,
        purpose: Purpose | str | None = None,
        state: ConsentState | str | None = None,
        before: str | None = None,
        limit: int = 1000,
    ) -> Ask[list[Consent]]:
        """
        Return what people agreed to and took back, newest first.

        Args:
            person: Only theirs: a phone number in any spelling, or a JID.
            account: Only what was said to this one.
            purpose: ``transactional`` or ``marketing``.
            state: ``in`` or ``out``.
            before: Id of a line; older ones follow.
            limit: Most lines.
        """
        asked = {"person": person, "account": account, "purpose": purpose, "state": state, "before": before, "limit": limit}
        return get("/api/consents", records(Consent), **asked)

    @verb
    def opt_in(
        self,
        person: str,
        purpose: Purpose | str,
        *,
        text: str,
        channel: str = "notebook",
        evidence: str | None = None,
        at: datetime | None = None,
        account: str = DEFAULT_ACCOUNT,
        by: str | None = None,
        again: bool = False,
    ) -> Ask[Consent]:
        """
        Write down that somebody agreed to messages; without it nothing leaves for that purpose.

        Args:
            person: A phone number in any spelling, or a JID.
            purpose: ``transactional`` or ``marketing``.
            text: The exact words that they agreed to.
            channel: Where they did: a form, the counter, a call.
            evidence: Id of the message that shows it.
            at: When they did, if not now.
            account: Whose messages they agreed to.
            by: Who writes it down; unset means the user of this machine.
            again: They opted out before and asked for it again themselves.
        """
        body = _said(person, channel, evidence, at, account, by) | {"text": text, "again": again}
        body["purpose"] = str(Purpose(purpose))
        return post("/api/consents/opt-in", record(Consent), body)

    @verb
    def opt_out(
        self,
        person: str,
        purpose: Purpose | str | None = None,
        *,
        text: str | None = None,
        channel: str = "notebook",
        evidence: str | None = None,
        at: datetime | None = None,
        account: str = DEFAULT_ACCOUNT,
        by: str | None = None,
    ) -> Ask[list[Consent]]:
        """
        Write down that somebody wants no more; what is queued for them is cancelled, on every account.

        Args:
            person: A phone number in any spelling, or a JID.
            purpose: Of what they want no more; unset means all.
            text: Their words.
            channel: How they said it.
            evidence: Id of the message that shows it.
            at: When they did, if not now.
            account: Whom they told it.
            by: Who writes it down; unset means the user of this machine.
        """
        body = _said(person, channel, evidence, at, account, by) | {"text": text}
        body["purpose"] = None if purpose is None else str(Purpose(purpose))
        return post("/api/consents/opt-out", records(Consent), body)

    @verb
    def import_consents(
        self, path: str | Path, *, account: str = DEFAULT_ACCOUNT, country: str | None = None, dry_run: bool = False
    ) -> Ask[ConsentImport]:
        """
        Write down every opt-in of a CSV file, all or none; who opted out stays out.

        Args:
            path: A file with the columns ``phone``, ``purpose`` and ``text`` (the words that they agreed to), and where
                they are known ``channel``, ``at`` and ``evidence``.
            account: Whose messages they agreed to.
            country: ISO country of numbers without a country code.
            dry_run: Only say what would be done.
        """
        body = {"path": str(Path(path).absolute()), "account": account, "country": country, "dry_run": dry_run}
        return post("/api/consents/import", record(ConsentImport), body | {"by": getpass.getuser()}, timeout=_IMPORT)


def _said(
    person: str, channel: str, evidence: str | None, at: datetime | None, account: str, by: str | None
) -> dict[str, str | bool | None]:
    return {
        "person": person,
        "channel": channel,
        "evidence": evidence,
        "at": None if at is None else at.isoformat(),
        "account": account,
        "by": by or getpass.getuser(),
    }
