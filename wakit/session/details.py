"""
The details of a message, read from the variant of WhatsApp's ``Message`` that is set.

Each variant with details is a row of the table at the end; every other one costs
one look into it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from wakit.details import Card, Details
from wakit.model import CallState
from wakit.session.wire import text

#: Amounts of money are counted in thousandths.
_THOUSANDTHS = 1000
#: A telephone line of a vCard, with WhatsApp's own number where the card has it.
_PHONE_LINE = re.compile(r"^(?:[\w-]+\.)?TEL(?P<about>[;][^:\r\n]*)?:(?P<number>[^\r\n]+)", re.IGNORECASE | re.MULTILINE)
_WHATSAPP_NUMBER = re.compile(r"waid=(\d+)", re.IGNORECASE)
#: How a call ended, in the words of its message.
_OUTCOMES = {
    "CONNECTED": CallState.ANSWERED,
    "ACCEPTED_ELSEWHERE": CallState.ANSWERED,
    "ONGOING": CallState.ANSWERED,
    "MISSED": CallState.MISSED,
    "SILENCED_BY_DND": CallState.MISSED,
    "SILENCED_UNKNOWN_CALLER": CallState.MISSED,
    "REJECTED": CallState.REJECTED,
    "FAILED": CallState.FAILED,
}
_FOLDED = re.compile(r"\r?\n[ \t]")


def details_of(name: str, value: Any) -> Details | None:
    """Return the details of the variant *name* of a message, or nothing where it has none."""
    reader = _READERS.get(name)
    return reader(value) if reader else None


def _place(value: Any) -> Details:
    return Details(
        latitude=value.degreesLatitude,
        longitude=value.degreesLongitude,
        place_name=text(value.name),
        place_address=text(value.address),
    )


def _live_place(value: Any) -> Details:
    return Details(latitude=value.degreesLatitude, longitude=value.degreesLongitude)


def _card(value: Any) -> Card:
    return Card(name=text(value.displayName), phones=phones_of(text(value.vcard) or ""))


def phones_of(vcard: str) -> tuple[str, ...]:
    """Return the numbers of a vCard: E.164 where WhatsApp wrote it beside them, otherwise as they stand."""
    found = []
    for line in _PHONE_LINE.finditer(_FOLDED.sub("", vcard)):
        known = _WHATSAPP_NUMBER.search(line["about"] or "")
        found.append(f"+{known[1]}" if known else line["number"].strip())
    return tuple(dict.fromkeys(found))


def _poll(value: Any) -> Details:
    return Details(
        poll_question=text(value.name),
        poll_options=tuple(text(option.optionName) or "" for option in value.options),
        poll_choices=value.selectableOptionsCount,
    )


def _order(value: Any) -> Details:
    return Details(
        item_id=text(value.orderID),
        item_title=text(value.orderTitle),
        item_count=value.itemCount or None,
        price=value.totalAmount1000 / _THOUSANDTHS if value.HasField("totalAmount1000") else None,
        currency=text(value.totalCurrencyCode),
    )


def _product(value: Any) -> Details:
    product = value.product
    return Details(
        item_id=text(product.productID),
        item_title=text(product.title),
        price=product.priceAmount1000 / _THOUSANDTHS if product.HasField("priceAmount1000") else None,
        currency=text(product.currencyCode),
    )


def _call(value: Any) -> Details:
    return Details(
        call_outcome=_OUTCOMES.get(type(value).CallOutcome.Name(value.callOutcome), CallState.ENDED),
        call_seconds=value.durationSecs or None,
        call_video=value.isVideo,
    )


def _once(value: Any) -> Details | None:
    return Details(view_once=True) if value.viewOnce else None


_READERS: dict[str, Callable[[Any], Details | None]] = {
    "imageMessage": _once,
    "videoMessage": _once,
    "audioMessage": _once,
    "locationMessage": _place,
    "liveLocationMessage": _live_place,
    "contactMessage": lambda value: Details(cards=(_card(value),)),
    "contactsArrayMessage": lambda value: Details(cards=tuple(_card(one) for one in value.contacts)),
    "pollCreationMessage": _poll,
    "pollCreationMessageV2": _poll,
    "pollCreationMessageV3": _poll,
    "pollCreationMessageV5": _poll,
    "pollCreationMessageV6": _poll,
    "orderMessage": _order,
    "productMessage": _product,
    "callLogMesssage": _call,
}
