"""What the terminal says beyond the sentences of the states, by a short name for each."""

from __future__ import annotations

from wakit.languages import Language, mark, speak

_TEXTS: dict[str, str] = {
    "account": mark("Account {account} · {network}"),
    "real_network": mark("WhatsApp"),
    "unofficial": mark("wakit is no official client: WhatsApp may restrict accounts that send without consent."),
    "number": mark("Number: {phone}"),
    "country_assumed": mark("(country assumed: {country})"),
    "small_window": mark("The window is too small for the code ({columns}×{rows}): enlarge it or use --png FILE."),
    "saved": mark("Picture of the code: {path}"),
    "linked": mark("● Connected · {phone} · {name}"),
    "device": mark("Device {device}"),
    "login_timeout": mark("The account was not linked within {seconds} s. Run again: wakit login {account}"),
    "login_cancelled": mark("Cancelled; nothing was linked."),
    "imported": mark(
        "✓ Import {id} · {chat} · {messages} messages, {first} to {last}: {added} new, "
        "{merged} that WhatsApp had delivered, {repeated} of other imports"
    ),
    "import_undone": mark("↶ Import {id} · {chat} · {messages} messages, {first} to {last}: undone"),
    "nothing_found": mark("Nothing was found."),
    "search_rebuilt": mark("The search index was made anew: {messages} messages."),
    "no_imports": mark("There are no imports. Run: wakit import FILE"),
    "exported": mark("✓ {rows} rows in {file}"),
    "exported_cut": mark("{count} texts are longer than a cell of a spreadsheet and were cut; csv and parquet have them whole."),
    "snapshot": mark("✓ {files} files in {folder}, {written} written now"),
    "events": mark(" events"),
    "compared_table": mark("table"),
    "compared_before": mark("before"),
    "compared_after": mark("rebuilt"),
    "rebuilt": mark("✓ Database rebuilt: {entries} events, {imports} imports, {messages} messages"),
    "rebuild_differs": mark(
        "✗ What was rebuilt differs ({messages} messages) and was not put in place. To take it: wakit rebuild"
    ),
    "rebuild_dropped": mark(
        "⚠ The journal of {account} lacks the events {first} to {last}: what the old database had of them is gone."
    ),
    "rebuild_would_drop": mark(
        "⚠ The journal of {account} lacks the events {first} to {last}: without --verify, what the database has of them goes."
    ),
    "no_accounts": mark("There are no accounts yet. Run: wakit login"),
    "no_host": mark("The host is not running: nothing is received. Run: wakit host start"),
    "send": mark("{icon} {state} · {id}"),
    "send_queued": mark("The message waits in the queue and leaves when the account is connected."),
    "send_later": mark("The message waits in the queue until {at}. {why}"),
    "logout_question": mark("Log {account} ({phone}) out and unlink it from the phone?"),
    "logout_kept": mark("Nothing was changed."),
    "logged_out": mark("Logged out and unlinked. Stored messages are still here."),
    "made": mark("made"),
    "kept": mark("was there, unchanged"),
    "yours": mark("is yours, not touched"),
    "init_next": mark("Ready. Go on with:\n  cd {path}\n  wakit lab        # JupyterLab: open notebooks/01_login.ipynb"),
    "host_running": mark("The host is running: pid {pid}, {where}"),
    "host_stopped": mark("The host is not running."),
    "host_ended": mark("The host has ended."),
    "host_token": mark('The token for TCP is in {path} (field "token").'),
    "no_log": mark("There is no log yet: {path}"),
    "emulator_ready": mark(
        "Emulated network running. Descriptor: {path}\nIn another terminal:  export WAKIT_NETWORK={path}\nCtrl-C stops it."
    ),
    "emulator_shop": mark("The shop's phone: {phone} ({name}). Its customers write once it is linked."),
    "emulator_ended": mark("Emulated network stopped."),
}


def text(key: str, lang: Language, **values: object) -> str:
    """Return one text in *lang* with its values filled in."""
    return speak(lang, _TEXTS[key], **values)
