"""Texts and what is said about messages: each goes through the queue, and the customer's phone decrypts what was meant."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hosts import until
from network.shop import ANA, BETO, Shop, open_shop

from wakit.client import AsyncClient
from wakit.errors import InvalidInput, NotChangeable, UnknownMessage
from wakit.model import MessageType, SendState

pytestmark = pytest.mark.network


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(tmp_path_factory.mktemp("verbs")) as found:
        yield found


def test_text_waits_for_delivered_and_read(shop: Shop) -> None:
    """The record of a send waits for the ticks, as people write it."""
    text = shop.word()
    sent = shop.client.send(ANA, text)
    assert (sent.type, sent.state.is_settled(SendState.SENT)) == (MessageType.TEXT, True)
    got = shop.ana.wait_for(text=text)
    assert got.id == sent.message_id
    assert sent.wait("delivered").state in {SendState.DELIVERED, SendState.READ}
    shop.ana.mark_read(got)
    assert sent.wait("read", timeout=20).state is SendState.READ


def test_async_client_waits_in_the_same_words(shop: Shop) -> None:
    """The async counterpart is the same sentence with await."""
    text = shop.word()

    async def say() -> SendState:
        async with await AsyncClient.connect(shop.hosted.workspace) as wa:
            return (await (await wa.send(ANA, text)).wait("delivered", timeout=20)).state

    assert asyncio.run(say()) is SendState.DELIVERED
    shop.ana.wait_for(text=text)


def test_wait_that_is_too_short_gives_the_send_as_it_is(shop: Shop) -> None:
    """Nobody reads: the wait ends with its time, and says how far the message got."""
    assert shop.client.send(ANA, shop.word()).wait("read", timeout=0.3).state is not SendState.READ


def test_message_leaves_at_its_time(shop: Shop) -> None:
    """It waits in the queue and nobody behind it does; what it was for is told to queries."""
    text, time = shop.word(), datetime.now(UTC) + timedelta(seconds=2)
    shop.client.opt_in(ANA, "transactional", text="Acepto avisos de mis pedidos")
    sent = shop.client.send(ANA, text, not_before=time, not_after=time + timedelta(hours=1), purpose="transactional", wait=0)
    assert (SendState.QUEUED, time) == (sent.state, sent.not_before)
    shop.client.send(ANA, shop.word()).wait("sent", timeout=20)
    assert sent.wait("delivered", timeout=20).state.is_settled(SendState.DELIVERED)
    assert shop.ana.wait_for(text=text).id == shop.client.sent(sent.id).message_id
    query = "SELECT purpose FROM sends WHERE id = ? AND updated_at >= not_before AND state IN ('delivered', 'read')"
    until(lambda: shop.client.sql(query, [sent.id]).to_numpy().tolist() == [["transactional"]])


def test_reply_quotes_the_message_it_answers(shop: Shop) -> None:
    """The customer sees her own words above the answer."""
    asked, answer = shop.word(), shop.word()
    message_id = shop.asked(asked)
    shop.client.send(ANA, answer, reply_to=message_id)
    context = shop.ana.wait_for(text=answer).message.extendedTextMessage.contextInfo
    assert (context.stanzaID, context.quotedMessage.conversation) == (message_id, asked)
    assert context.participant == str(shop.ana.lid)


def test_reply_to_our_own_message_quotes_us(shop: Shop) -> None:
    """A message that has only just left can be answered at once, under the address that the chat knows us by."""
    first, second = shop.word(), shop.word()
    sent = shop.client.send(ANA, first)
    assert sent.message_id is not None
    shop.client.send(ANA, second, reply_to=sent.message_id)
    context = shop.ana.wait_for(text=second).message.extendedTextMessage.contextInfo
    assert (context.quotedMessage.conversation, context.participant) == (first, str(shop.phone.lid))


def test_mention_in_a_group_names_the_person(shop: Shop) -> None:
    """Whom the text mentions is told by address, so that the phone notifies them."""
    text = f"@573112223344 {shop.word()}"
    shop.client.send(str(shop.group), text, mentions=[BETO])
    message = shop.beto.wait_for(text=text).message
    assert list(message.extendedTextMessage.contextInfo.mentionedJID) == [str(shop.beto.jid)]


def test_mention_that_the_text_does_not_hold_is_refused(shop: Shop) -> None:
    """The error says what to write where."""
    with pytest.raises(InvalidInput, match="Write @573112223344 there"):
        shop.client.send(str(shop.group), "hola Beto", mentions=[BETO])


def test_reaction_is_put_and_taken_back(shop: Shop) -> None:
    """An emoji under the customer's message, then none."""
    message_id = shop.asked(shop.word())
    assert shop.client.react(ANA, message_id, "👍").type is MessageType.REACTION
    assert shop.ana.wait_for(type="reaction", text="👍").target_id == message_id
    shop.client.react(ANA, message_id, "")
    shop.ana.wait_for(lambda one: one.type == "reaction" and one.target_id == message_id and not one.text)


def test_reaction_in_a_group_names_the_author(shop: Shop) -> None:
    """In a group the key of a message holds who wrote it."""
    message_id = shop.asked(shop.word(), by=shop.beto, to=shop.group)
    shop.client.react(str(shop.group), message_id, "❤️")
    got = shop.ana.wait_for(type="reaction", text="❤️")
    assert got.message.reactionMessage.key.participant == str(shop.beto.lid)


def test_edit_and_deletion_reach_the_customer_and_the_store(shop: Shop) -> None:
    """The text is replaced, then taken back, and our own store says the same."""
    first, second = shop.word(), shop.word()
    sent = shop.client.send(ANA, first)
    assert sent.message_id is not None
    shop.client.edit(ANA, sent.message_id, second)
    assert shop.ana.wait_for(type="edit", text=second).target_id == sent.message_id
    shop.client.delete(ANA, sent.message_id)
    shop.ana.wait_for(lambda one: one.type == "revoke" and one.target_id == sent.message_id)

    def row() -> dict[str, object]:
        rows = shop.client.messages()
        return dict(rows[rows["message_id"] == sent.message_id].iloc[0])

    until(lambda: row()["text"] == second and row()["revoked_at"] is not None)
    with pytest.raises(NotChangeable, match="was deleted"):
        shop.client.edit(ANA, sent.message_id, "otra vez")


def test_only_our_own_messages_can_be_changed(shop: Shop) -> None:
    """A customer's message can be reacted to, but neither edited nor deleted."""
    message_id = shop.asked(shop.word())
    for change in (lambda: shop.client.edit(ANA, message_id, "no"), lambda: shop.client.delete(ANA, message_id)):
        with pytest.raises(NotChangeable, match="not ours"):
            change()


def test_id_of_another_chat_or_of_nothing_is_refused(shop: Shop) -> None:
    """A stale id is named at once, and nothing is queued."""
    message_id = shop.asked(shop.word())
    for to, wrong in ((BETO, message_id), (ANA, "3EB0NOSUCHMESSAGE"), ("+57 315 000 0000", message_id)):
        with pytest.raises(UnknownMessage, match=wrong):
            shop.client.react(to, wrong, "👍")
    assert shop.client.pending() == []


def test_bare_text_over_rest_is_short_for_its_content(shop: Shop) -> None:
    """Programs without wakit send with two fields, or say more with a content; both at once is a mistake."""
    text = shop.word()
    status, told = shop.hosted.rest("POST", "/api/sends", {"to": ANA, "text": text})
    assert (status, told["state"]) == (201, "sent")
    shop.ana.wait_for(text=text)
    content = {"kind": "text", "text": text, "reply_to": told["message_id"]}
    assert shop.hosted.rest("POST", "/api/sends", {"to": ANA, "content": content})[0] == 201
    shop.ana.wait_for(lambda one: one.target_id == told["message_id"])
    for wrong in ({}, {"text": text, "content": content}, {"content": {"kind": "dance"}}, {"content": {**content, "x": 1}}):
        status, told = shop.hosted.rest("POST", "/api/sends", {"to": ANA, **wrong})
        assert (status, told["code"]) == (400, "invalid-input")


@pytest.mark.parametrize(("text", "why"), [("", "empty"), (" \n", "empty"), ("á" * 33_000, "65,536"), ("\ud800", "surrogate")])
def test_text_that_whatsapp_does_not_carry_is_refused(shop: Shop, text: str, why: str) -> None:
    """The client says so before anything goes over the line."""
    with pytest.raises(InvalidInput, match=why):
        shop.client.send(ANA, text)


def test_empty_and_huge_texts_over_rest_are_a_problem_document(shop: Shop) -> None:
    """Whatever the client: the host refuses the same, with the same sentence."""
    for text in ("", "x" * 70_000):
        status, told = shop.hosted.rest("POST", "/api/sends", {"to": ANA, "text": text})
        assert (status, told["code"]) == (400, "invalid-input")


def test_offline_send_waits_can_be_taken_back_and_sent_again(shop: Shop) -> None:
    """A stopped account queues and says so; cancelled and sent again it leaves, as another send, when the account is back."""
    shop.client.stop_account()
    try:
        text = shop.word()
        sent = shop.client.send(ANA, text)
        assert sent.state is SendState.QUEUED
        assert [sent.id] == [send.id for send in shop.client.pending()]
        assert shop.client.cancel_send(sent.id).state is SendState.CANCELLED
        again = shop.client.send_again(sent)
        assert (again.state, again.again_of) == (SendState.QUEUED, sent.id)
    finally:
        shop.client.connect_account(network=shop.hosted.network.descriptor)
    assert again.wait("sent", timeout=20).state in {SendState.SENT, SendState.DELIVERED}
    shop.ana.wait_for(text=text)
    with pytest.raises(InvalidInput, match="can be sent again"):
        shop.client.send_again(again.id)
