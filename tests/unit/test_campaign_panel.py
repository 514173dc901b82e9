"""What the campaign panel shows of a plan, and what it does when somebody types, clicks, or nothing answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest

from wakit import errors
from wakit.client.campaigns import CampaignOutline, Plan
from wakit.client.pages import TimelinePage
from wakit.client.rehearsal import Rehearsal
from wakit.clock import SystemClock
from wakit.model import Campaign, CampaignState, Event, EventKind, Purpose, SessionState, SessionStatus
from wakit.outbox.planning import Exclusion
from wakit.widgets.bubbles import Bubbles
from wakit.widgets.campaign_panel import Asked, CampaignPanel, _asked
from wakit.widgets.campaign_words import EXCLUDED, STATES, campaign_texts
from wakit.widgets.planned import PAGE, Planned

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
ANA, BETO = "573009876543@s.whatsapp.net", "573105550199@s.whatsapp.net"
ROWS: list[tuple[Any, ...]] = [
    (1, ANA, "Ana Mejía", "Hola Ana, al +57 320 111 2233", NOW, None, None),
    (2, ANA, "Anita", None, None, "duplicate", "1"),
    (3, None, "Eva", None, None, "invalid-number", "eva@x"),
    (4, BETO, None, "Hola", NOW, None, None),
]


def frame(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    """Return a plan as the host tells it."""
    return pd.DataFrame(rows, columns=["row", "person", "name", "text", "when", "excluded", "detail"])


def planned(rows: list[tuple[Any, ...]] = ROWS, *, private: bool = False) -> Planned:
    return Planned(account="default", frame=frame(rows), bubbles=Bubbles(lang="es", private=private))


def campaign(state: CampaignState = CampaignState.DRAFT, **values: Any) -> Campaign:
    """Return a campaign of two recipients."""
    known: dict[str, Any] = {"id": "c1", "name": "café", "recipients": 2, "excluded": 2, "digest": "d1", "created_at": NOW}
    known |= {"started_at": None if state is CampaignState.DRAFT else NOW}
    return Campaign(
        account="default", purpose=Purpose.MARKETING, state=state, template_hash="t", updated_at=NOW, **{**known, **values}
    )


def event(kind: EventKind, **data: Any) -> Event:
    return Event(id="1", account="default", kind=kind, at=NOW, data=data)


class Host:
    """Answers as the host would, and notes what it was asked to do."""

    def __init__(self, *known: Campaign) -> None:
        self.known = list(known)
        self.made = campaign()
        self.done: list[tuple[Any, ...]] = []
        self.refuses: Exception | None = None
        self.gone = False
        self.states: dict[str, int] = {}
        self.waiting: list[dict[str, Any]] = []
        self.never: list[dict[str, Any]] = []
        self.undecided: list[dict[str, Any]] = []
        self.happens: asyncio.Queue[Event] = asyncio.Queue()

    async def open(self, start: bool) -> Host:
        assert not start
        if self.gone:
            raise errors.HostGone("gone")
        return self

    async def timeline(self, **_: Any) -> TimelinePage:
        return TimelinePage()

    async def events(self, after: str | None = None, **_: Any) -> AsyncIterator[Event]:
        assert after is None
        while True:
            yield await self.happens.get()

    async def status(self, account: str) -> SessionStatus:
        return SessionStatus(account=account, state=SessionState.CONNECTED, since=NOW)

    async def campaigns(self, **_: Any) -> list[Campaign]:
        return self.known

    async def plan_campaign(self, name: str, audience: Any, template: str, **how: Any) -> Campaign:
        self._note("plan", name, template)
        self.known.append(self.made)
        return self.made

    async def campaign_named(self, campaign: str) -> Campaign:
        found = [one for one in self.known if campaign in {one.id, one.name}]
        if not found:
            raise errors.UnknownCampaign("none")
        return found[-1]

    async def campaign_plan(self, campaign: str) -> pd.DataFrame:
        return frame(ROWS)

    async def campaign_progress(self, campaign: str) -> dict[str, Any]:
        told = {"states": self.states, "waiting": self.waiting, "never": self.never, "undecided": self.undecided}
        return {"campaign": (await self.campaign_named(campaign)).to_json(), **told}

    async def campaign_results(self, campaign: str) -> dict[str, Any]:
        rate = {"count": 1, "of": 2, "share": 0.5, "low": 0.1, "high": 0.9}
        return {
            "delivered": rate,
            "read": rate,
            "replied": rate,
            "opted_out": rate,
            "held_out": {"count": 0, "of": 0},
            "states": self.states,
        }

    async def rehearse_campaign(self, campaign: str) -> Rehearsal:
        self._note("rehearse", campaign)
        told = {"name": "café", "recipients": 3, "timezone": "America/Bogota", "stopped": None, "hours": []}
        people = [
            {"sent": None, "delivered": None, "read": None, "answered": None, "planned": None, "opted_out": False, "why": None}
        ]
        hours = [{"hour": "2026-11-24T21:00:00+00:00", "sent": 0, "left_in_day": 0, "waits_for": None}]
        return Rehearsal({**told, "people": people, "hours": hours, "assumptions": {}}, "en")

    async def start_campaign(self, campaign: str, *, confirm: int, digest: str) -> Campaign:
        self._note("start", campaign, confirm, digest)
        return self._move(campaign, CampaignState.RUNNING)

    async def pause_campaign(self, campaign: str) -> Campaign:
        return self._move(campaign, CampaignState.PAUSED)

    async def resume_campaign(self, campaign: str) -> Campaign:
        return self._move(campaign, CampaignState.RUNNING)

    async def cancel_campaign(self, campaign: str) -> Campaign:
        return self._move(campaign, CampaignState.CANCELLED)

    async def arrived(self, send: str) -> None:
        self._note("arrived", send)

    async def send_again(self, send: str) -> None:
        self._note("again", send)

    async def close(self) -> None: ...

    def _note(self, *what: Any) -> None:
        self.done.append(what)
        if self.refuses is not None:
            raise self.refuses

    def _move(self, key: str, state: CampaignState) -> Campaign:
        self.known = [one.with_(state=state, started_at=NOW) if one.id == key else one for one in self.known]
        return next(one for one in self.known if one.id == key)


class Desk:
    """A panel, its host, and what its views were told."""

    def __init__(self, host: Host, asked: Asked, **how: Any) -> None:
        self.host = host
        self.told: list[dict[str, Any]] = []
        self.panel = CampaignPanel(asked, host.open, self.told.append, clock=SystemClock(), lang="es", **how)

    def last(self, kind: str) -> dict[str, Any]:
        return next((one for one in reversed(self.told) if one["t"] == kind), {})

    @property
    def now(self) -> dict[str, Any]:
        return self.last("now")

    async def until(self, true: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """Return what a view sees once something of it is true."""
        async with asyncio.timeout(5):
            while not (self.now and true(self.now)):  # noqa: ASYNC110 - what is waited for knows of no test
                await asyncio.sleep(0.005)
        return self.now

    async def do(self, command: str, value: object = "", **more: object) -> None:
        await self.panel.handle({"t": command, "value": value, **more})


OUTLINE = Asked(name="café", how={"audience": None, "template": "Hola {{ nombre }}"})


def live(act: Callable[[Desk], Awaitable[None]], host: Host, asked: Asked = OUTLINE, **how: Any) -> Desk:
    """Let a panel live while somebody does something with it."""
    desk = Desk(host, asked, **how)

    async def run() -> None:
        running = asyncio.create_task(desk.panel.run())
        try:
            await act(desk)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    asyncio.run(run())
    return desk


# What is seen of a plan


def test_plan_shows_renderings_the_longest_and_the_reasons() -> None:
    """Real texts with their length, and each reason in words with its count."""
    seen = planned().overview()
    assert [(one["row"], one["text"], one["length"]) for one in seen["samples"]] == [(1, ROWS[0][3], 29), (4, "Hola", 4)]
    assert (seen["longest"], seen["rows"]) == (1, 4)
    assert {one["code"]: one["count"] for one in seen["reasons"]} == {"duplicate": 1, "invalid-number": 1}
    assert "La misma persona está en una fila anterior" in {one["label"] for one in seen["reasons"]}
    assert seen["first"] == seen["last"] == round(NOW.timestamp() * 1000)


def test_rows_come_page_by_page_and_by_reason() -> None:
    """A browser gets what somebody looks at, whatever page it asks for."""
    many = planned([(no, f"57310{no:07d}@s.whatsapp.net", None, f"n {no}", NOW, None, None) for no in range(1, 121)])
    assert [len(many.page("", begin)["rows"]) for begin in (0, PAGE, 2 * PAGE)] == [50, 50, 20]
    assert (many.page("", 10**9)["from"], many.page("", -5)["from"]) == (100, 0)
    page = planned().page("duplicate", 0)
    assert [(row["row"], row["why"], row["detail"]) for row in page["rows"]] == [
        (2, "La misma persona está en una fila anterior", "1")
    ]
    assert [row["row"] for row in planned().page("recipients", 0)["rows"]] == [1, 4]
    assert planned().page("no-such", 0) == {"chosen": "no-such", "from": 0, "total": 0, "rows": []}


def test_private_plan_names_nobody() -> None:
    """Neither names, nor numbers, nor what was written instead of a number, nor a name within a text."""
    told = str([planned(private=True).overview(), planned(private=True).page("", 0)])
    assert not any(secret in told for secret in ("Ana", "Mejía", "300 987", "9876543", "320 111", "eva@x", "Anita"))
    assert "A. M." in told


def test_plan_of_nobody_is_shown() -> None:
    """Where all are excluded there is nothing to preview, and no row is lost."""
    seen = planned([ROWS[1], ROWS[2]]).overview()
    assert (seen["samples"], seen["longest"], seen["rows"]) == ([], None, 2)


def test_everything_that_excludes_has_words() -> None:
    """A new reason or state without words would be shown as a code."""
    assert {str(one) for one in Exclusion} == set(EXCLUDED)
    assert set(CampaignState) == set(STATES)
    assert campaign_texts("es")["pause"] != campaign_texts("en")["pause"]


# What somebody does with it


def test_outline_is_planned_and_sent_by_its_number() -> None:
    """The number goes to the host with the digest that was shown; digits in groups are the same number."""

    async def act(desk: Desk) -> None:
        seen = await desk.until(lambda now: now["campaign"] and now["progress"])
        assert (seen["campaign"]["state"], seen["campaign"]["recipients"], seen["template"]) == ("draft", 2, "Hola {{ nombre }}")
        assert desk.last("plan")["plan"]["rows"] == 4
        await desk.do("start", " 0.002 ", digest=seen["campaign"]["digest"])
        await desk.until(lambda now: now["campaign"]["state"] == "running" and now["results"])

    desk = live(act, Host())
    assert desk.host.done == [("plan", "café", "Hola {{ nombre }}"), ("start", "c1", 2, "d1")]


def test_plan_is_rehearsed_in_the_card() -> None:
    """What the view shows is rehearsed, in the words of the panel's language; another campaign's is not."""

    async def act(desk: Desk) -> None:
        seen = await desk.until(lambda now: now["campaign"] and now["progress"])
        assert seen["rehearsal"] is None
        await desk.do("rehearse", "another")
        await desk.do("rehearse", "c1")
        seen = await desk.until(lambda now: now["rehearsal"])
        assert seen["rehearsal"].startswith("Ensayo de café: las primeras 1 de 3 personas. No se envió nada.")
        await desk.do("plan", "Buenos días")
        await desk.until(lambda now: now["rehearsal"] is None)

    desk = live(act, Host())
    assert [done for done in desk.host.done if done[0] == "rehearse"] == [("rehearse", "c1")]


@pytest.mark.parametrize("typed", ["", "two", "-2", "2.48", "2.5e3", "²"])
def test_what_is_no_number_starts_nothing(typed: str) -> None:
    """It is told, and the host is not even asked."""

    async def act(desk: Desk) -> None:
        await desk.until(lambda now: now["campaign"])
        await desk.do("start", typed)
        assert "número de destinatarios" in desk.now["problem"]

    assert [what for what, *_ in live(act, Host()).host.done] == ["plan"]


def test_refusal_of_the_host_is_told_and_the_plan_stays() -> None:
    """A plan that changed meanwhile is not sent, and one may look again."""

    async def act(desk: Desk) -> None:
        await desk.until(lambda now: now["campaign"])
        desk.host.refuses = errors.PlanChanged("other")
        await desk.do("start", "3")
        assert desk.now["problem"].startswith("Ese no es el número")
        assert (desk.now["busy"], desk.now["campaign"]["state"]) == (None, "draft")

    live(act, Host())


def test_bad_words_are_told_and_can_be_changed_there() -> None:
    """What cannot be planned says why, with the details that no catalogue has; other words are planned."""
    host = Host()
    host.refuses = errors.InvalidTemplate("The template uses precio, which the audience has not.")

    async def act(desk: Desk) -> None:
        seen = await desk.until(lambda now: now["problem"])
        assert seen["campaign"] is None
        assert "precio" in seen["problem"]
        host.refuses = None
        await desk.do("plan", "Buenos días")
        assert (await desk.until(lambda now: now["campaign"]))["template"] == "Buenos días"
        assert desk.now["problem"] is None
        host.refuses = errors.InvalidTemplate("There is no {{ precio }}.")
        await desk.do("plan", "{{ precio }}")
        assert (desk.now["template"], desk.now["campaign"]["id"]) == ("Buenos días", "c1")

    assert live(act, host).host.done[1] == ("plan", "café", "Buenos días")


def test_campaign_that_goes_on_is_followed_and_not_planned_again() -> None:
    """A kernel that is new, or a cell that is run again, finds what was started."""

    async def act(desk: Desk) -> None:
        await desk.until(lambda now: now["campaign"] and now["campaign"]["state"] == "paused")

    assert live(act, Host(campaign(CampaignState.PAUSED))).host.done == []


def test_campaign_that_said_it_to_all_is_shown_as_it_ended() -> None:
    """The new plan has nobody left, so what came of the last one is what there is to see."""
    host = Host(campaign(CampaignState.DONE, id="c0"))
    host.made = campaign(recipients=0)

    async def act(desk: Desk) -> None:
        await desk.until(lambda now: now["campaign"] and now["campaign"]["id"] == "c0" and now["results"])

    live(act, host)


def test_campaign_is_paused_resumed_and_stopped() -> None:
    """Each is what the host says of it then, in words."""

    async def act(desk: Desk) -> None:
        for command, word in (("pause", "En pausa"), ("resume", "Enviando"), ("cancel", "Detenida")):
            await desk.until(lambda now: now["campaign"])
            await desk.do(command)
            assert desk.now["campaign"]["word"] == word
        assert desk.now["campaign"]["ended"]

    live(act, Host(campaign(CampaignState.RUNNING)), Asked(campaign="c1"))


def test_events_of_the_campaign_move_the_bar() -> None:
    """Counts by state, why some wait and until when, and those that a person decides about."""
    host = Host(campaign(CampaignState.RUNNING, queued=2))

    async def act(desk: Desk) -> None:
        await desk.until(lambda now: now["progress"])
        host.states = {"read": 1, "unknown": 1}
        host.waiting = [{"reason": "Sending is stopped for this account.", "count": 1, "until": NOW.isoformat()}]
        host.never = [
            {
                "state": "cancelled",
                "reason": "This person never wrote to the account, and nothing is sent to such people by itself.",
                "count": 2,
            }
        ]
        host.undecided = [{"id": "s1", "to": ANA}]
        host.happens.put_nowait(event(EventKind.SEND, campaign="c1"))
        seen = (await desk.until(lambda now: now["progress"]["undecided"]))["progress"]
        assert [(one["state"], one["count"]) for one in seen["states"]] == [("read", 1), ("unknown", 1)]
        assert seen["waiting"][0]["reason"] != host.waiting[0]["reason"]
        assert (seen["never"][0]["tick"], seen["never"][0]["count"]) == ("⊘", 2)
        assert seen["never"][0]["reason"].startswith("Esta persona")
        assert seen["undecided"] == [{"id": "s1", "who": "Ana Mejía"}]
        await desk.do("again", "s2")
        await desk.do("arrived", "s1")

    assert live(act, host, Asked(campaign="café")).host.done == [("arrived", "s1")]


def test_campaigns_are_listed_and_one_is_opened() -> None:
    """Where nothing is said, one chooses; and goes back."""

    async def act(desk: Desk) -> None:
        seen = await desk.until(lambda now: now["listed"])
        assert [one["name"] for one in seen["listed"]] == ["café"]
        await desk.do("open", "c1")
        assert desk.now["campaign"]["id"] == "c1"
        await desk.do("back")
        assert (desk.now["campaign"], len(desk.now["listed"])) == (None, 1)
        await desk.do("open", "none")
        assert "No existe esa campaña" in desk.now["problem"]

    live(act, Host(campaign(CampaignState.DONE)), Asked())


def test_host_that_is_gone_is_told_and_found_again() -> None:
    """What was seen stays, and nothing is planned twice."""
    host = Host()
    host.gone = True

    async def act(desk: Desk) -> None:
        await desk.until(lambda now: "no responde" in (now["problem"] or ""))
        host.gone = False
        await desk.until(lambda now: now["campaign"] and now["problem"] is None)

    assert len(live(act, host).host.done) == 1


def test_view_that_opens_later_gets_it_all() -> None:
    """A page that is loaded again shows the plan, the rows and where the campaign is."""

    async def act(desk: Desk) -> None:
        await desk.until(lambda now: now["progress"])
        desk.told.clear()
        await desk.do("hello")
        assert [one["t"] for one in desk.told if one["t"] != "beat"] == ["plan", "page", "now"]

    live(act, Host(campaign(CampaignState.RUNNING)), Asked(campaign="c1"))


def test_panel_is_asked_for_in_every_way() -> None:
    """An outline, a plan, a record, a name or nothing; anything else is refused."""
    client: Any = None
    outline = CampaignOutline(client, "café", {"template": "Hola"})
    assert _asked(outline, None)[0].how == {"template": "Hola"}
    plan = Plan(client, campaign(), frame(ROWS))
    assert _asked(plan, None)[0] == _asked(campaign(), None)[0] == _asked("c1", None)[0]
    assert _asked(None, "north")[0].account == "north"
    wrong: Any = 7
    with pytest.raises(errors.InvalidInput):
        _asked(wrong, None)
