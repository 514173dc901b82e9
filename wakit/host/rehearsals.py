"""
Rehearsals of campaigns: each a process that gets a copy of the plan and of the account's pace, and gives back what happened.

Nothing of the workspace is handed to it, so that no fault of a rehearsal sends anything; and what takes
seconds of computing does not hold up the host's own messages.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from typing import Any

from wakit.config import Settings
from wakit.errors import NotNow
from wakit.host.plan_facts import PlanFacts
from wakit.outbox.campaigns import Campaigns
from wakit.rehearsal.script import Part, Script
from wakit.rehearsed import MOST, Assumptions

#: Most seconds for one; two thousand recipients take less than a minute.
LIMIT = 300.0
_PROGRAM = (sys.executable, "-P", "-m", "wakit.rehearsal")
#: Characters of what a rehearsal said before it broke that are told.
_TAIL = 500


class Rehearsals:
    """
    Rehearses plans, one at a time.

    Args:
        ledger: Has the plans.
        facts: Know the account's pace.
        settings: Numbers of the pace.
    """

    def __init__(self, ledger: Campaigns, facts: PlanFacts, settings: Settings) -> None:
        self._ledger, self._facts, self._settings = ledger, facts, settings
        self._turn = asyncio.Lock()

    async def run(self, key: str, assumptions: Assumptions) -> dict[str, Any]:
        """
        Play a plan through as if it were started now; whoever cancels ends the process.

        Raises:
            UnknownCampaign: There is none.
            NotNow: Nobody would get it, or it took too long.
        """
        script = await asyncio.to_thread(self._script, key, assumptions)
        async with self._turn:
            return {"recipients": self._ledger.get(key).recipients, **await _played(script, _PROGRAM)}

    def _script(self, key: str, assumptions: Assumptions) -> Script:
        campaign = self._ledger.get(key)
        lines = [line for line in self._ledger.lines(key) if line.excluded is None][:MOST]
        if not lines:
            raise NotNow("There is nothing to rehearse: all rows are excluded. See plan.excluded.", id=campaign.id)
        outlook = self._facts.outlook(campaign.account, campaign.not_before)
        ahead = outlook.ahead[:MOST]
        cold = self._facts.cold(campaign.account, [*ahead, *(line.to for line in lines)])
        return Script(
            account=campaign.account,
            name=campaign.name,
            purpose=campaign.purpose,
            start=outlook.start,
            not_after=campaign.not_after,
            parts=tuple(
                Part(
                    row=line.row,
                    person=line.person,
                    to=line.to,
                    name=line.name,
                    text=line.text or "-",  # a file without words
                    planned=line.when,
                    cold=line.to in cold,
                )
                for line in lines
            ),
            ahead=tuple((to, to in cold) for to in ahead),
            pace=outlook.pace,
            elapsed=outlook.elapsed,
            linked_days=outlook.linked_days,
            settings=self._numbers(),
            assumptions=assumptions,
        )

    def _numbers(self) -> dict[str, Any]:
        names = [name for name in type(self._settings).model_fields if name.startswith(("pacing_", "quiet_", "stop_"))]
        return self._settings.model_dump(mode="json", include={*names, "timezone", "country"})


async def _played(script: Script, program: Sequence[str]) -> dict[str, Any]:
    """Let the process play it in an empty folder."""
    with tempfile.TemporaryDirectory(prefix="wakit-rehearsal-") as folder:
        process = await asyncio.create_subprocess_exec(
            *program,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=folder,
            env={**os.environ, "TMPDIR": folder, "WAKIT_HOME": folder},
        )
        try:
            async with asyncio.timeout(LIMIT):
                out, said = await process.communicate(json.dumps(script.to_json()).encode())
        except TimeoutError as exc:
            raise NotNow(f"The rehearsal took longer than {LIMIT:g} s and was ended. Rehearse fewer people.") from exc
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
    if process.returncode:
        raise NotNow(f"The rehearsal broke off: {said.decode(errors='replace')[-_TAIL:].strip()}", code=process.returncode)
    found: dict[str, Any] = json.loads(out)
    return found
