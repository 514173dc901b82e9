"""How far a campaign got, in five numbers: shown at the end of a notebook, and written down in the record of its run."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from wakit.access import RESULT
from wakit.model import CampaignState


@dataclass(frozen=True, kw_only=True)
class Tally:
    """The rows of an audience that get a message and those that do not, and what became of the messages."""

    recipients: int
    excluded: int
    sent: int
    #: Of those sent.
    delivered: int
    read: int

    @classmethod
    def of(cls, results: dict[str, Any]) -> Tally:
        """Return the numbers of ``wa.campaign_results``."""
        campaign = results["campaign"]
        counts = {name: results[name]["count"] for name in ("sent", "delivered", "read")}
        return cls(recipients=campaign["recipients"], excluded=campaign["excluded"], **counts)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Say it to the person, and to the record of the run that this is shown in."""
        return {"text/plain": str(self), RESULT: asdict(self)}

    def __str__(self) -> str:
        return ", ".join(f"{name} {count}" for name, count in asdict(self).items())


def is_under_way(results: dict[str, Any]) -> bool:
    """Whether some message of a campaign may leave or arrive by itself."""
    state = CampaignState(results["campaign"]["state"])
    sent, delivered = int(results["sent"]["count"]), int(results["delivered"]["count"])
    return state is CampaignState.RUNNING or (state is CampaignState.DONE and delivered < sent)
