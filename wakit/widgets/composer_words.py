"""What the place where a person writes says in the browser, whatever is written."""

from __future__ import annotations

from functools import cache, partial

from wakit.languages import Language, translate


@cache
def composer_texts(lang: Language) -> dict[str, str]:
    """Return the words of the composer; the browser gets them once."""
    _ = partial(translate, lang)
    return {
        "write": _("Write a message"),
        "write_hint": _("Enter sends, Shift+Enter begins a new line. You can paste or drop a file here."),
        "send": _("Send"),
        "attach": _("Attach a file"),
        "drop_file": _("Drop the file here"),
        "remove_file": _("Remove the file"),
        "too_large": _("That file is larger than {limit} MB. Choose a smaller one."),
        "empty_file": _("That file is empty. Choose another one."),
        "one_file": _("One file goes with each message: the first one was taken."),
        "too_long": _("That is longer than WhatsApp carries (64 kB). Shorten it, or send it as a file."),
        "replying": _("Answer to {who}"),
        "no_reply": _("Do not answer that message"),
        "again": _("Send again"),
        "arrived": _("It arrived"),
        "cancel": _("Take it back"),
        "discard": _("Discard"),
        "sent_here": _("Sent from here"),
        "replies": _("Quick replies"),
        "emoji": _("Emoji"),
    }
