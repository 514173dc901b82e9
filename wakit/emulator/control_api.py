"""
What the control API can do: requests in, phones and faults moved, plain data out.

Each method takes a whole request and runs in a worker thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from wakit.emulator.faults import Fault
from wakit.errors import InvalidInput, UnknownAccount
from wakit.ids import JID, phone_number

if TYPE_CHECKING:
    from wakit.emulator.network import Network
    from wakit.emulator.phone import Phone, Received
    from wakit.emulator.shop import Shop

B = TypeVar("B", bound=BaseModel)
#: What a method returns: something JSON can say, or a text.
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


class NewShop(BaseModel):
    """A shop's day to be played."""

    number: str
    seed: int = 1
    speed: float = 60.0
    customers: int = 12
    visits: int = 30


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
        return self.known(call.request.path_params["number"])

    def known(self, number: str) -> Phone:
        """
        Return a phone that was made.

        Raises:
            UnknownAccount: Nobody made it.
        """
        digits = phone_number(number).digits
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


class ShopApi:
    """The scripted customers of one business."""

    def __init__(self, network: Network, phones: PhonesApi) -> None:
        self._network = network
        self._phones = phones
        self._shop: Shop | None = None

    def start(self, call: Call) -> Answer:
        """Open the shop; one that is open is closed first."""
        from wakit.emulator.shop import Shop  # most networks have no shop

        wish = call.wish(NewShop)
        business = self._phones.known(wish.number)
        self.stop(call)
        options = wish.model_dump(exclude={"number"})
        self._shop = Shop(self._network, business, **options).start()
        return self.show(call)

    def show(self, _call: Call) -> Answer:
        """Say how far the day is."""
        if self._shop is None:
            return {"open": False}
        return {"open": True, "sent": len(self._shop.sent), "script": len(self._shop.script)}

    def stop(self, call: Call) -> Answer:
        """Close the shop."""
        if self._shop is not None:
            self._shop.stop()
            self._shop = None
        return self.show(call)


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
