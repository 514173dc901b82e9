"""
The control API: the emulated phones of this process, from another process.

A notebook that offers "scan with the emulated phone", or a test whose network
runs elsewhere, reads ``control.json`` beside the descriptor and talks HTTP to
loopback. The token in it is the only key; the file is private. Requests run in
worker threads, because the phones' own interface is synchronous.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from wakit.emulator.faults import Fault
from wakit.errors import InvalidInput, UnknownAccount, WakitError
from wakit.ids import JID, phone_number

if TYPE_CHECKING:
    from wakit.emulator.network import Network
    from wakit.emulator.phone import Phone, Received

B = TypeVar("B", bound=BaseModel)
#: What a handler returns: something JSON can say, or a text.
Answer = dict[str, Any] | list[dict[str, Any]] | str


class NewPhone(BaseModel):
    """A phone to be made."""

    number: str
    name: str = ""


class Code(BaseModel):
    """A pairing code that a companion shows."""

    code: str


class Text(BaseModel):
    """A text to be sent."""

    to: str
    text: str


class History(BaseModel):
    """A history to be made up and pushed to the companions."""

    chats: int = 20
    messages_per_chat: int = 50
    seed: int = 1


class Companion(BaseModel):
    """A linked device by its phone-number address."""

    device: str


class Outage(BaseModel):
    """A time without network."""

    seconds: float


class NewFault(BaseModel):
    """A fault to be switched on."""

    fault: Fault
    times: int | None = None
    account: str | None = None
    details: dict[str, str | int] = {}


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request, read to its end."""

    request: Request
    body: bytes

    def wish(self, kind: type[B]) -> B:
        """Return the body as a record of this kind."""
        try:
            return kind.model_validate_json(self.body)
        except ValidationError as exc:
            error = exc.errors(include_url=False)[0]
            msg = f"{'.'.join(map(str, error['loc'])) or 'The body'}: {error['msg']}."
            raise InvalidInput(msg) from exc

    def query(self, name: str, default: int) -> int:
        """Return a whole number of the query."""
        text = self.request.query_params.get(name, str(default))
        if not text.isdecimal():
            msg = f"{name} must be a whole number, not {text!r}."
            raise InvalidInput(msg)
        return int(text)


Handler = Callable[[Call], Answer]


class Control:
    """The application; every request must bear the token."""

    def __init__(self, network: Network) -> None:
        self.token = secrets.token_urlsafe(32)
        phones, weather = PhonesApi(network), WeatherApi(network)
        routes: list[tuple[str, str, Handler]] = [
            ("GET", "/phones", phones.list),
            ("POST", "/phones", phones.make),
            ("POST", "/phones/{number}/scan", phones.scan),
            ("POST", "/phones/{number}/code", phones.code),
            ("POST", "/phones/{number}/send", phones.send),
            ("GET", "/phones/{number}/inbox", phones.inbox),
            ("POST", "/phones/{number}/history", phones.history),
            ("POST", "/phones/{number}/unlink", phones.unlink),
            ("GET", "/faults", weather.faults),
            ("POST", "/faults", weather.arm),
            ("DELETE", "/faults", weather.disarm),
            ("POST", "/drop", weather.drop),
            ("POST", "/outage", weather.outage),
            ("GET", "/trace", weather.trace),
        ]
        self.app = Starlette(routes=[Route(path, self._endpoint(handler), methods=[method]) for method, path, handler in routes])

    def _endpoint(self, handler: Handler) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            given = request.headers.get("authorization", "").removeprefix("Bearer ")
            if not secrets.compare_digest(given.encode(), self.token.encode()):
                return JSONResponse({"code": "unauthorised", "message": "The token is in control.json."}, 401)
            call = Call(request=request, body=await request.body())
            try:
                answer = await asyncio.to_thread(handler, call)
            except WakitError as exc:
                return JSONResponse({"code": exc.code, "message": exc.message}, exc.status)
            except TimeoutError as exc:
                return JSONResponse({"code": "timeout", "message": str(exc) or "The phone got no answer in time."}, 504)
            return Response(answer, media_type="text/plain") if isinstance(answer, str) else JSONResponse(answer)

        return endpoint


class PhonesApi:
    """What emulated phones do."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def list(self, _call: Call) -> Answer:
        """Show every phone."""
        return [_shown(phone) for phone in self._network.phones]

    def make(self, call: Call) -> Answer:
        """Return the phone of a number; it is made the first time."""
        wish = call.wish(NewPhone)
        return _shown(self._network.phone(wish.number, name=wish.name))

    def scan(self, call: Call) -> Answer:
        """Scan the QR code in a picture, or in a text."""
        phone = self._phone(call)
        if call.request.headers.get("content-type", "").startswith("text/plain"):
            return {"device": str(phone.scan_text(call.body.decode("utf-8", "replace")))}
        return {"device": str(phone.scan(call.body))}

    def code(self, call: Call) -> Answer:
        """Type a pairing code."""
        return {"device": str(self._phone(call).type_code(call.wish(Code).code))}

    def send(self, call: Call) -> Answer:
        """Send a text."""
        wish = call.wish(Text)
        return {"id": self._phone(call).send(wish.to, wish.text)}

    def inbox(self, call: Call) -> Answer:
        """Show what the phone decrypted."""
        return [_received(one) for one in self._phone(call).inbox[call.query("after", 0) :]]

    def history(self, call: Call) -> Answer:
        """Push a made-up history to the companions."""
        wish = call.wish(History)
        return {"messages": self._phone(call).push_history(wish.chats, messages_per_chat=wish.messages_per_chat, seed=wish.seed)}

    def unlink(self, call: Call) -> Answer:
        """Remove a companion."""
        phone = self._phone(call)
        phone.unlink(JID.parse(call.wish(Companion).device))
        return _shown(phone)

    def _phone(self, call: Call) -> Phone:
        digits = phone_number(call.request.path_params["number"]).digits
        found = next((phone for phone in self._network.phones if phone.jid.user == digits), None)
        if found is None:
            msg = f"There is no emulated phone +{digits}. POST /phones makes one."
            raise UnknownAccount(msg, phone=digits)
        return found


class WeatherApi:
    """What goes wrong on the network, and what went over it."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def faults(self, _call: Call) -> Answer:
        """Show what is switched on."""
        armed = self._network.faults.armed()
        return [{"fault": one.fault, "account": one.account, "details": one.details} for one in armed]

    def arm(self, call: Call) -> Answer:
        """Switch a fault on."""
        wish = call.wish(NewFault)
        self._network.faults.arm(wish.fault, times=wish.times, account=wish.account, **wish.details)
        return {"armed": wish.fault}

    def disarm(self, call: Call) -> Answer:
        """Switch one kind of fault off, or all."""
        self._network.faults.disarm(call.request.query_params.get("fault"))
        return {}

    def drop(self, call: Call) -> Answer:
        """Break the connection of a device."""
        self._network.drop(JID.parse(call.wish(Companion).device))
        return {}

    def outage(self, call: Call) -> Answer:
        """Take the network down for a while."""
        self._network.outage(call.wish(Outage).seconds)
        return {}

    def trace(self, call: Call) -> Answer:
        """Show the last stanzas."""
        return "".join(f"{line}\n" for line in list(self._network.trace)[-call.query("last", 200) :])


def control_file(folder: Path) -> Path:
    """Where the URL and the token are written."""
    return folder / "control.json"


def _shown(phone: Phone) -> dict[str, Any]:
    return {
        "number": f"+{phone.jid.user}",
        "name": phone.name,
        "jid": str(phone.jid),
        "lid": str(phone.lid),
        "devices": [str(device) for device in phone.devices],
    }


def _received(one: Received) -> dict[str, Any]:
    return {
        "id": one.id,
        "chat": str(one.chat),
        "sender": str(one.sender),
        "sent_at": one.sent_at.isoformat(),
        "type": str(one.type),
        "text": one.text,
        "from_me": one.from_me,
        "target_id": one.target_id,
    }
