"""What the terminal says beyond the sentences of the states, Spanish and English."""

from __future__ import annotations

from wakit.languages import Language

_TEXTS: dict[str, dict[Language, str]] = {
    "account": {"es": "Cuenta {account} · {network}", "en": "Account {account} · {network}"},
    "real_network": {"es": "WhatsApp", "en": "WhatsApp"},
    "unofficial": {
        "es": "wakit no es un cliente oficial: WhatsApp puede restringir las cuentas que envían sin consentimiento.",
        "en": "wakit is no official client: WhatsApp may restrict accounts that send without consent.",
    },
    "number": {"es": "Número: {phone}", "en": "Number: {phone}"},
    "country_assumed": {"es": "(país supuesto: {country})", "en": "(country assumed: {country})"},
    "small_window": {
        "es": "La ventana es pequeña para el código ({columns}×{rows}): agrándala o usa --png FILE.",
        "en": "The window is too small for the code ({columns}×{rows}): enlarge it or use --png FILE.",
    },
    "saved": {"es": "Imagen del código: {path}", "en": "Picture of the code: {path}"},
    "linked": {"es": "● Conectado · {phone} · {name}", "en": "● Connected · {phone} · {name}"},
    "device": {"es": "Dispositivo {device}", "en": "Device {device}"},
    "login_timeout": {
        "es": "La cuenta no se vinculó en {seconds} s. Ejecuta de nuevo: wakit login {account}",
        "en": "The account was not linked within {seconds} s. Run again: wakit login {account}",
    },
    "login_cancelled": {"es": "Cancelado; nada quedó vinculado.", "en": "Cancelled; nothing was linked."},
    "imported": {
        "es": "✓ Importación {id} · {chat} · {messages} mensajes, del {first} al {last}: {added} nuevos, "
        "{merged} que WhatsApp ya había entregado, {repeated} de otras importaciones",
        "en": "✓ Import {id} · {chat} · {messages} messages, {first} to {last}: {added} new, "
        "{merged} that WhatsApp had delivered, {repeated} of other imports",
    },
    "import_undone": {
        "es": "↶ Importación {id} · {chat} · {messages} mensajes, del {first} al {last}: deshecha",
        "en": "↶ Import {id} · {chat} · {messages} messages, {first} to {last}: undone",
    },
    "nothing_found": {"es": "No se encontró nada.", "en": "Nothing was found."},
    "search_rebuilt": {
        "es": "El índice de búsqueda se hizo de nuevo: {messages} mensajes.",
        "en": "The search index was made anew: {messages} messages.",
    },
    "no_imports": {
        "es": "No hay importaciones. Ejecuta: wakit import FILE",
        "en": "There are no imports. Run: wakit import FILE",
    },
    "snapshot": {
        "es": "✓ {files} archivos en {folder}, {written} escritos ahora",
        "en": "✓ {files} files in {folder}, {written} written now",
    },
    "events": {"es": " eventos", "en": " events"},
    "compared_table": {"es": "tabla", "en": "table"},
    "compared_before": {"es": "antes", "en": "before"},
    "compared_after": {"es": "nueva", "en": "rebuilt"},
    "rebuilt": {
        "es": "✓ Base de datos reconstruida: {entries} eventos, {imports} importaciones, {messages} mensajes",
        "en": "✓ Database rebuilt: {entries} events, {imports} imports, {messages} messages",
    },
    "rebuild_differs": {
        "es": "✗ Lo reconstruido es distinto ({messages} mensajes) y no se puso en su lugar. Para tomarlo: wakit rebuild",
        "en": "✗ What was rebuilt differs ({messages} messages) and was not put in place. To take it: wakit rebuild",
    },
    "no_accounts": {
        "es": "No hay cuentas todavía. Ejecuta: wakit login",
        "en": "There are no accounts yet. Run: wakit login",
    },
    "no_host": {
        "es": "El host no está en marcha: nada se recibe. Ejecuta: wakit host start",
        "en": "The host is not running: nothing is received. Run: wakit host start",
    },
    "send": {"es": "{icon} {state} · {id}", "en": "{icon} {state} · {id}"},
    "send_queued": {
        "es": "El envío espera en la cola y sale cuando la cuenta se conecte.",
        "en": "The message waits in the queue and leaves when the account is connected.",
    },
    "logout_question": {
        "es": "¿Cerrar la sesión de {account} ({phone}) y desvincularla del teléfono?",
        "en": "Log {account} ({phone}) out and unlink it from the phone?",
    },
    "logout_kept": {"es": "Nada cambió.", "en": "Nothing was changed."},
    "logged_out": {
        "es": "Sesión cerrada y desvinculada. Los mensajes guardados siguen aquí.",
        "en": "Logged out and unlinked. Stored messages are still here.",
    },
    "made": {"es": "creado", "en": "made"},
    "kept": {"es": "ya estaba, sin cambios", "en": "was there, unchanged"},
    "yours": {"es": "es tuyo, no se tocó", "en": "is yours, not touched"},
    "init_next": {
        "es": "Listo. Sigue con:\n  cd {path}\n  wakit lab        # JupyterLab: abre notebooks/01_login.ipynb",
        "en": "Ready. Go on with:\n  cd {path}\n  wakit lab        # JupyterLab: open notebooks/01_login.ipynb",
    },
    "host_running": {"es": "El host está en marcha: pid {pid}, {where}", "en": "The host is running: pid {pid}, {where}"},
    "host_stopped": {"es": "El host no está en marcha.", "en": "The host is not running."},
    "host_ended": {"es": "El host terminó.", "en": "The host has ended."},
    "host_token": {
        "es": 'El token de TCP está en {path} (campo "token").',
        "en": 'The token for TCP is in {path} (field "token").',
    },
    "no_log": {"es": "Todavía no hay registro: {path}", "en": "There is no log yet: {path}"},
    "emulator_ready": {
        "es": "Red emulada en marcha. Descriptor: {path}\nEn otra terminal:  export WAKIT_NETWORK={path}\nCtrl-C la detiene.",
        "en": "Emulated network running. Descriptor: {path}\nIn another terminal:  export WAKIT_NETWORK={path}\nCtrl-C stops it.",
    },
    "emulator_shop": {
        "es": "Teléfono de la tienda: {phone} ({name}). Sus clientes escriben cuando esté vinculado.",
        "en": "The shop's phone: {phone} ({name}). Its customers write once it is linked.",
    },
    "emulator_ended": {"es": "Red emulada detenida.", "en": "Emulated network stopped."},
}


def text(key: str, lang: Language, **values: object) -> str:
    """Return one text in *lang* with its values filled in."""
    return _TEXTS[key][lang].format_map(values)
