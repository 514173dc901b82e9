"""Every error of the library is one of ours, and a send without an answer is never called failed."""

from __future__ import annotations

import importlib
import inspect

import pytest

from wakit.errors import (
    LibraryError,
    LinkingFailed,
    MediaFailed,
    NotConnected,
    NotOnWhatsApp,
    RateLimited,
    SendFailed,
    SendUnknown,
    WakitError,
)
from wakit.proto import load
from wakit.session.library_errors import LIBRARY_ERRORS, translated

load("Neonize_pb2")  # makes neonize importable without its native library
exc = importlib.import_module("neonize.exc")

CLASSES = {name: kind for name, kind in inspect.getmembers(exc, inspect.isclass) if issubclass(kind, Exception)}


def test_every_class_of_the_library_is_mapped() -> None:
    """A class that a later neonize adds makes this fail until somebody decides what it means; one that is gone does too."""
    assert set(LIBRARY_ERRORS) == set(CLASSES)


@pytest.mark.parametrize("name", CLASSES)
def test_each_class_becomes_an_error_with_a_next_step(name: str) -> None:
    """The message carries the library's reason and says what to do, in a sentence."""
    error = translated(CLASSES[name]("the reason"))
    assert type(error) is LIBRARY_ERRORS[name]
    assert error.data["reason"] == "the reason"
    assert error.data["call"] == name
    assert "the reason" in error.message
    assert error.message.endswith(".")


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("SendMessageError", "server returned error 429", RateLimited),
        ("SendMessageError", "server returned error 463", RateLimited),
        ("SendMessageError", "server returned error 479", SendFailed),
        ("SendMessageError", "no LID found for 573000000000@s.whatsapp.net from server", NotOnWhatsApp),
        ("SendMessageError", "websocket not connected", NotConnected),
        ("SendMessageError", "timed out waiting for message send response", SendUnknown),
        ("SendMessageError", "context deadline exceeded", SendUnknown),
        ("SendMessageError", "websocket disconnected before message send returned response", SendUnknown),
        ("IsOnWhatsAppError", "info query returned status 429: rate-overlimit", RateLimited),
        ("IsOnWhatsAppError", "info query timed out", NotConnected),
        ("UploadError", "upload failed with status code 507", MediaFailed),
        ("PairPhoneError", "info query returned status 400: bad-request", LinkingFailed),
        ("PairPhoneError", "info query returned status 429: rate-overlimit", RateLimited),
        ("LogoutError", "the store doesn't contain a device JID", NotConnected),
        ("GetGroupInfoError", "info query returned status 403: forbidden", LibraryError),
        ("NeonizeError", "failed to dial whatsapp web websocket", LibraryError),
    ],
)
def test_the_text_of_an_error_says_more_than_its_class(name: str, text: str, kind: type[WakitError]) -> None:
    """Limits, unknown numbers, lost connections and answers that never came are told apart by the library's words."""
    assert type(translated(CLASSES[name](text))) is kind


def test_an_error_of_a_later_library_is_still_one_of_ours() -> None:
    """A class that is unknown counts as its base."""

    class NewError(CLASSES["SendMessageError"]):  # type: ignore[misc, name-defined]
        pass

    assert type(translated(NewError("x"))) is SendFailed


def test_the_status_number_is_kept() -> None:
    """Whoever paces sends can branch on WhatsApp's number."""
    assert translated(CLASSES["SendMessageError"]("server returned error 463")).data["number"] == 463
