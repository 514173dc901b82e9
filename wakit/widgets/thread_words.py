"""What a list of messages says in the browser, whatever is in it."""

from __future__ import annotations

from functools import cache, partial

from wakit.languages import Language, translate


@cache
def thread_texts(lang: Language) -> dict[str, str]:
    """Return the words of a list of messages; the browser gets them once."""
    _ = partial(translate, lang)
    return {
        "messages": _("Messages"),
        "one_new": _("{count} new message ↓"),
        "many_new": _("{count} new messages ↓"),
        "heard": _("{count} new messages"),
        "play": _("Play"),
        "forwarded": _("Forwarded"),
        "edited": _("edited"),
        "revoked": _("This message was deleted"),
        "show_original": _("Show original"),
        "hide_original": _("Hide original"),
        "quoted": _("Go to the message that this one answers"),
        "typing": _("{who} is typing…"),
        "typing_in": _("{who} is typing in {chat}…"),
        "open_picture": _("Open the picture"),
        "save_file": _("Save"),
        "fetching": _("Fetching…"),
        "hidden": _("Hidden"),
        "host_lost": _("The host of wakit does not answer. Messages will be here when it is back."),
        "kernel_gone": _("No connection to the kernel: what you see is no longer current. Run this cell again."),
        "loading": _("Loading…"),
    }
