"""What can be said, to one person or a group, and what can be asked of what was said."""

from __future__ import annotations

import getpass
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from wakit.client.ask import MARGIN, QUICK, Ask, get, nothing, patient, post, record, records
from wakit.client.files import handed_over, read_file
from wakit.client.verb import sending, verb
from wakit.config import settings
from wakit.filekinds import HEAD, FileKind, usual_kind
from wakit.ids import DEFAULT_ACCOUNT, account_id
from wakit.instants import Moment, instant_or_today
from wakit.model import Purpose, Send, SendState
from wakit.outgoing import Card, Deletion, Edit, File, Place, Poll, Reaction, Said, Text


class SendingVerbs:
    """The verbs of outgoing messages; each goes through the durable queue of the host."""

    @sending
    def send(
        self,
        to: str,
        text: str,
        *,
        mentions: Sequence[str] = (),
        reply_to: str | None = None,
        purpose: Purpose | str | None = None,
        priority: int = 0,
        not_before: Moment | None = None,
        not_after: Moment | None = None,
        account: str = DEFAULT_ACCOUNT,
        wait: float | None = None,
        idempotency_key: str | None = None,
    ) -> Ask[Send]:
        """
        Send a text; it is durable before anything goes out and waits in the queue while the account is offline.

        Args:
            to: A phone number in any spelling, or a JID.
            text: What to say.
            mentions: People of a group whose ``@573001234567`` in the text becomes their name and notifies them.
            reply_to: Id of the message that it answers.
            purpose: What an automated message is for, ``transactional`` or ``marketing``; a person who writes has none.
            priority: Higher ones leave first.
            not_before: It waits until then: an aware datetime, or a time of today such as ``"18:00"``.
            not_after: If it has not left by then, for whatever reason, it is cancelled and never sent.
            account: Who sends.
            wait: Seconds to wait until WhatsApp has the message; unset, as long
                as a connected account usually needs.
            idempotency_key: The same key never sends twice.

        Raises:
            InvalidInput: The text is empty or longer than 64 kB, or says not where a mention belongs; or its time is over.
            UnknownMessage: The chat has no message *reply_to*.
        """
        said = Text(text=text, mentions=tuple(mentions), reply_to=reply_to)
        return _sent(account, to, said, wait, idempotency_key, terms=_terms(purpose, priority, not_before, not_after))

    @sending
    def send_file(
        self,
        to: str,
        file: Path | str | bytes,
        *,
        kind: FileKind | None = None,
        caption: str = "",
        name: str | None = None,
        seconds: int = 0,
        mentions: Sequence[str] = (),
        reply_to: str | None = None,
        purpose: Purpose | str | None = None,
        priority: int = 0,
        not_before: Moment | None = None,
        not_after: Moment | None = None,
        account: str = DEFAULT_ACCOUNT,
        wait: float | None = None,
        idempotency_key: str | None = None,
    ) -> Ask[Send]:
        """
        Send a file; the host keeps a copy at once, so the file may be changed or removed afterwards.

        Args:
            to: A phone number in any spelling, or a JID.
            file: Its path on this machine, or its bytes.
            kind: ``image`` (JPEG, PNG), ``video`` (MP4, 3GP), ``audio`` (MP3, M4A, AAC, AMR, OGG), ``voice`` for a
                voice note (OGG with Opus), ``sticker`` (WebP) or ``document`` (anything). Unset, what the
                file's first bytes tell, and never a voice note.
            caption: Words below an image, a video or a document.
            name: What a document is called; the file's own name where it has one.
            seconds: Length of audio and video, shown before they are fetched.
            mentions: As in ``send``, in the caption.
            reply_to: Id of the message that it answers.
            purpose: As in ``send``.
            priority: As in ``send``.
            not_before: As in ``send``.
            not_after: As in ``send``.
            account: Who sends.
            wait: Seconds to wait until WhatsApp has the message.
            idempotency_key: The same key never sends twice.

        Raises:
            InvalidInput: The file is missing or empty, or is not of that kind.
            FileTooLarge: It is larger than ``WAKIT_MEDIA_LIMIT``.
        """
        data, own_name = read_file(file)
        chosen = kind or usual_kind(data[:HEAD])
        said = File(
            kind=chosen,
            sha256=sha256(data).hexdigest(),
            caption=caption,
            name=(name or own_name) if chosen == "document" else None,
            seconds=seconds,
            mentions=tuple(mentions),
            reply_to=reply_to,
        )
        ask = _sent(account, to, said, wait, idempotency_key, terms=_terms(purpose, priority, not_before, not_after))
        return replace(ask, first=handed_over(data))

    @sending
    def send_location(
        self,
        to: str,
        latitude: float,
        longitude: float,
        *,
        name: str = "",
        address: str = "",
        reply_to: str | None = None,
        purpose: Purpose | str | None = None,
        priority: int = 0,
        not_before: Moment | None = None,
        not_after: Moment | None = None,
        account: str = DEFAULT_ACCOUNT,
        wait: float | None = None,
        idempotency_key: str | None = None,
    ) -> Ask[Send]:
        """Send a place on the map, in degrees; *name* and *address* are shown below it."""
        place = Place(latitude=latitude, longitude=longitude, name=name, address=address, reply_to=reply_to)
        return _sent(account, to, place, wait, idempotency_key, terms=_terms(purpose, priority, not_before, not_after))

    @sending
    def send_contact(
        self,
        to: str,
        name: str,
        phone: str,
        *,
        reply_to: str | None = None,
        purpose: Purpose | str | None = None,
        priority: int = 0,
        not_before: Moment | None = None,
        not_after: Moment | None = None,
        account: str = DEFAULT_ACCOUNT,
        wait: float | None = None,
        idempotency_key: str | None = None,
    ) -> Ask[Send]:
        """
        Send somebody's name and number as a card.

        Raises:
            InvalidPhoneNumber: *phone* is none.
        """
        card = Card(name=name, phone=phone, reply_to=reply_to)
        return _sent(account, to, card, wait, idempotency_key, terms=_terms(purpose, priority, not_before, not_after))

    @sending
    def send_poll(
        self,
        to: str,
        question: str,
        options: Sequence[str],
        *,
        choices: int = 1,
        purpose: Purpose | str | None = None,
        priority: int = 0,
        not_before: Moment | None = None,
        not_after: Moment | None = None,
        account: str = DEFAULT_ACCOUNT,
        wait: float | None = None,
        idempotency_key: str | None = None,
    ) -> Ask[Send]:
        """
        Ask a question with 2 to 12 answers, of which one person may choose *choices*.

        Raises:
            InvalidInput: Fewer, more, or the same answer twice.
        """
        poll = Poll(question=question, options=tuple(options), choices=choices)
        return _sent(account, to, poll, wait, idempotency_key, terms=_terms(purpose, priority, not_before, not_after))

    @sending
    def react(
        self, to: str, message_id: str, emoji: str, *, account: str = DEFAULT_ACCOUNT, wait: float | None = None
    ) -> Ask[Send]:
        """
        Put an emoji under a message of a chat; an empty one takes it back.

        Raises:
            UnknownMessage: The chat has no such message.
        """
        return _sent(account, to, Reaction(message_id=message_id, emoji=emoji), wait)

    @sending
    def edit(
        self,
        to: str,
        message_id: str,
        text: str,
        *,
        mentions: Sequence[str] = (),
        account: str = DEFAULT_ACCOUNT,
        wait: float | None = None,
    ) -> Ask[Send]:
        """
        Replace one of our texts, which everybody sees as edited.

        Raises:
            UnknownMessage: The chat has no such message.
            NotChangeable: It is somebody else's, no text, or older than 20 minutes.
        """
        return _sent(account, to, Edit(message_id=message_id, text=text, mentions=tuple(mentions)), wait)

    @sending
    def delete(self, to: str, message_id: str, *, account: str = DEFAULT_ACCOUNT, wait: float | None = None) -> Ask[Send]:
        """
        Take one of our messages back, for everyone.

        Raises:
            UnknownMessage: The chat has no such message.
            NotChangeable: It is somebody else's, or older than 60 hours.
        """
        return _sent(account, to, Deletion(message_id=message_id), wait)

    @sending
    def sent(self, send_id: str, *, until: SendState | str = SendState.SENT, wait: float = 0.0) -> Ask[Send]:
        """
        Return how far an outgoing message got.

        Args:
            send_id: Id of the send.
            until: With *wait*, return as soon as it got this far or never will.
            wait: Most seconds for that.
        """
        ask = get(f"/api/sends/{send_id}", record(Send), until=str(SendState(until)), wait=wait)
        return replace(ask, timeout=max(QUICK, wait + MARGIN))

    @verb
    def pending(self, *, account: str | None = None) -> Ask[list[Send]]:
        """Return what waits in the queue, is being sent, or may or may not have gone out; oldest first."""
        return get("/api/sends", lambda answer: records(Send)(answer)[::-1], account=account, pending=True)

    @verb
    def sends(
        self,
        *,
        states: Sequence[SendState | str] = (),
        account: str | None = None,
        before: Send | str | None = None,
        limit: int = 100,
    ) -> Ask[list[Send]]:
        """
        Return outgoing messages, the newest first, also those that arrived.

        Args:
            states: Only those, such as ``["unknown", "failed"]``.
            account: Only of this one.
            before: Only older ones than this send: the last one of the page before.
            limit: Most of one page.
        """
        chosen = [str(SendState(state)) for state in states]
        cursor = None if before is None else _id(before)
        return get("/api/sends", records(Send), state=chosen, account=account, cursor=cursor, limit=limit)

    @sending
    def cancel_send(self, send_id: str) -> Ask[Send]:
        """Take a message back that still waits in the queue."""
        return post(f"/api/sends/{send_id}/cancel", record(Send))

    @sending
    def arrived(self, send: Send | str, *, by: str | None = None) -> Ask[Send]:
        """
        Say of an ``unknown`` message that it arrived, because somebody saw it on a phone; it is ``sent`` from then on.

        Args:
            send: The send, or its id.
            by: Who says so; unset, whoever runs this.

        Raises:
            InvalidInput: It is not unknown, or somebody decided already.
        """
        return post(f"/api/sends/{_id(send)}/arrived", record(Send), {"by": by or getpass.getuser()})

    @sending
    def send_again(self, send: Send | str, *, by: str | None = None) -> Ask[Send]:
        """
        Send what failed, was cancelled, or is ``unknown`` as a new message, which is returned.

        wakit never does that by itself: an unknown one may arrive twice, and that is for a person to decide.

        Args:
            send: The send, or its id.
            by: Who says so; unset, whoever runs this.

        Raises:
            InvalidInput: It is on its way or has arrived, or somebody decided already.
        """
        return post(f"/api/sends/{_id(send)}/again", record(Send), {"by": by or getpass.getuser()})

    @verb
    def mark_read(self, chat: str, sender: str, message_ids: Sequence[str], *, account: str = DEFAULT_ACCOUNT) -> Ask[None]:
        """Tell *sender* that these messages were read."""
        body = {"account": account_id(account), "chat": chat, "sender": sender, "message_ids": list(message_ids)}
        return post("/api/messages/read", nothing, body, timeout=patient())

    @verb
    def typing(self, to: str, on: bool = True, *, account: str = DEFAULT_ACCOUNT) -> Ask[None]:
        """Show "typing…" to the people of a chat, or end it; WhatsApp ends it by itself after some seconds."""
        return post(
            "/api/typing",
            nothing,
            {"account": account_id(account), "country": settings().country, "to": to, "on": on},
            timeout=patient(),
        )


def _id(send: Send | str) -> str:
    return send.id if isinstance(send, Send) else send


def _terms(
    purpose: Purpose | str | None, priority: int, not_before: Moment | None, not_after: Moment | None
) -> dict[str, object]:
    """Return what of the terms somebody gave, as the host takes it."""
    given: dict[str, object] = {}
    if purpose is not None:
        given["purpose"] = str(purpose)
    if priority:
        given["priority"] = priority
    for name, moment in (("not_before", not_before), ("not_after", not_after)):
        if moment is not None:
            given[name] = instant_or_today(moment, name, settings().timezone, datetime.now(UTC)).isoformat()
    return given


def _sent(
    account: str,
    to: str,
    said: Said,
    wait: float | None,
    idempotency_key: str | None = None,
    *,
    terms: Mapping[str, object] | None = None,
) -> Ask[Send]:
    body = {"account": account_id(account), "to": to, "content": said.to_json(), "wait": wait, "country": settings().country}
    timeout = patient() if wait is None else wait + MARGIN
    return post("/api/sends", record(Send), body | {"idempotency_key": idempotency_key} | dict(terms or {}), timeout=timeout)
