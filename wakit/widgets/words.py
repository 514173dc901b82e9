"""
The words of the login card that are not about a state: labels, steps, hints, errors.

States have theirs in ``wakit.sentences``. Errors of wakit speak English because
they are also read in logs and searched for; the ones that a person can cause or
meet in the card are told in Spanish here.
"""

from __future__ import annotations

from dataclasses import dataclass

from wakit import errors
from wakit.ids import Phone
from wakit.sentences import Language


@dataclass(frozen=True, kw_only=True)
class Texts:
    """What the card says in one language whatever the session does; the browser gets all of it once."""

    title: str
    account: str
    accounts: str
    account_field: str
    account_hint: str
    account_go: str
    qr_alt: str
    qr_steps: tuple[str, str, str]
    code_steps: tuple[str, str, str]
    no_camera: str
    phone_field: str
    phone_hint: str
    phone_go: str
    back_to_qr: str
    code: str
    copy: str
    copied: str
    time_left: str
    more: str
    cancel: str
    stop: str
    disconnect: str
    confirm: str
    confirm_more: str
    confirm_go: str
    change_account: str
    close: str
    scan: str
    type_code: str
    device: str
    emulated: str
    unofficial: str
    kernel_wait: str
    kernel_gone: str


TEXTS: dict[Language, Texts] = {
    "es": Texts(
        title="Inicio de sesión de WhatsApp",
        account="Cuenta",
        accounts="Cuentas de esta carpeta",
        account_field="Otra cuenta",
        account_hint="Una palabra para reconocerla aquí, como ventas o sede-norte: a-z, 0-9, «_» y «-», hasta 32.",
        account_go="Usar",
        qr_alt="Código QR para vincular este equipo con WhatsApp",
        qr_steps=(
            "Abre WhatsApp en el teléfono",
            "Toca ⋮ o Ajustes → Dispositivos vinculados → Vincular un dispositivo",
            "Apunta la cámara a este código",
        ),
        code_steps=(
            "Abre WhatsApp en el teléfono",
            "Toca ⋮ o Ajustes → Dispositivos vinculados → Vincular un dispositivo → Vincular con número de teléfono",
            "Escribe este código",
        ),
        no_camera="¿Sin cámara? Usa un código",
        phone_field="Número de teléfono de la cuenta",
        phone_hint="Con el código de país, como +57 300 123 4567.",
        phone_go="Pedir código",
        back_to_qr="Volver al código QR",
        code="Código de vinculación",
        copy="Copiar",
        copied="Copiado",
        time_left="Tiempo que queda",
        more="Más opciones",
        cancel="Cancelar",
        stop="Detener",
        disconnect="Desconectar…",
        confirm="¿Desconectar {who}?",
        confirm_more="Se cierra también en el teléfono y habrá que vincular otra vez. Los mensajes guardados siguen aquí.",
        confirm_go="Desconectar",
        change_account="Cambiar de cuenta…",
        close="Cerrar",
        scan="Escanear con el teléfono emulado",
        type_code="Escribirlo en el teléfono emulado",
        device="Dispositivo vinculado n.º {number}",
        emulated="Red emulada",
        unofficial="wakit no es un producto de WhatsApp. WhatsApp puede restringir las cuentas que usan programas no oficiales.",
        kernel_wait="Conectando con el kernel…",
        kernel_gone="Sin conexión con el kernel: lo que ves ya no está al día. Ejecuta esta celda otra vez.",
    ),
    "en": Texts(
        title="WhatsApp login",
        account="Account",
        accounts="Accounts of this folder",
        account_field="Another account",
        account_hint="A word to recognise it by here, such as sales or north-branch: a-z, 0-9, “_” and “-”, up to 32.",
        account_go="Use",
        qr_alt="QR code to link this computer with WhatsApp",
        qr_steps=(
            "Open WhatsApp on the phone",
            "Tap ⋮ or Settings → Linked devices → Link a device",
            "Point the camera at this code",
        ),
        code_steps=(
            "Open WhatsApp on the phone",
            "Tap ⋮ or Settings → Linked devices → Link a device → Link with phone number",
            "Type this code",
        ),
        no_camera="No camera? Use a code",
        phone_field="Phone number of the account",
        phone_hint="With the country code, as in +57 300 123 4567.",
        phone_go="Get a code",
        back_to_qr="Back to the QR code",
        code="Pairing code",
        copy="Copy",
        copied="Copied",
        time_left="Time left",
        more="More options",
        cancel="Cancel",
        stop="Stop",
        disconnect="Disconnect…",
        confirm="Disconnect {who}?",
        confirm_more="The phone ends the session as well, and the account must be linked again. Stored messages stay here.",
        confirm_go="Disconnect",
        change_account="Change account…",
        close="Close",
        scan="Scan with the emulated phone",
        type_code="Type it on the emulated phone",
        device="Linked device no. {number}",
        emulated="Emulated network",
        unofficial="wakit is not a WhatsApp product. WhatsApp may restrict accounts that use unofficial programs.",
        kernel_wait="Connecting to the kernel…",
        kernel_gone="No connection to the kernel: what you see is no longer current. Run this cell again.",
    ),
}

#: Shown where a session's state would be while no host answers: icon, word, sentence, next step.
NO_HOST: dict[Language, tuple[str, str, str, str]] = {
    "es": ("⚠", "Sin servicio", "El servicio de wakit de esta carpeta no responde. Lo sigo buscando.", "Iniciarlo de nuevo"),
    "en": ("⚠", "No service", "The wakit host of this folder does not answer. Still looking for it.", "Start it again"),
}

_ASSUMED: dict[Language, str] = {
    "es": "Sin código de país se entiende {country}; de otro país, como +34 612 34 56 78.",
    "en": "Without a country code {country} is assumed; from elsewhere, as in +34 612 34 56 78.",
}

_SPANISH: dict[type[errors.WakitError], str] = {
    errors.InvalidPhoneNumber: "Eso no es un número de teléfono. Escríbelo con su código de país, como +57 300 123 4567.",
    errors.InvalidAccountId: "Ese nombre no sirve: de 1 a 32 de a-z, 0-9, «_» y «-», y empieza con letra o número.",
    errors.ForeignNetwork: "Esta cuenta se vinculó en otra red y no se conectará a esta.",
    errors.NetworkDescriptorError: "No se puede usar la red emulada. ¿Está en marcha? Ejecuta: wakit emulator",
    errors.HostVersionMismatch: "El servicio en marcha es de otra versión de wakit. Ejecuta: wakit host restart",
    errors.HostError: "El servicio de wakit no respondió. Inténtalo otra vez.",
    errors.UnknownAccount: "Esta cuenta no existe todavía en la carpeta. Vincúlala primero.",
    errors.ForeignSession: "El archivo de sesión es de otra cuenta. Apártalo y vincula otra vez.",
    errors.NotLinked: "La cuenta no está vinculada con un teléfono. Vincúlala primero.",
    errors.NotConnected: "La cuenta no está conectada en este momento.",
    errors.LinkingFailed: "No se pudo vincular. Inténtalo otra vez, o con un código de vinculación.",
    errors.NotOnWhatsApp: "Ese número no tiene cuenta de WhatsApp.",
    errors.RateLimited: "WhatsApp pidió ir más despacio. Espera un poco antes de intentarlo otra vez.",
    errors.WorkerGone: "La sesión se interrumpió y se está reiniciando. Inténtalo en unos segundos.",
    errors.StorageFull: "El disco está lleno. Libera espacio: la sesión sigue por sí sola.",
    errors.WorkspaceNotWritable: "No se puede escribir en la carpeta de trabajo. Revisa su dueño y sus permisos.",
}


def error_text(exc: BaseException, lang: Language) -> str:
    """Return what to tell a person about an error: in their language where it has words for it."""
    if not isinstance(exc, errors.WakitError):
        return f"{type(exc).__name__}: {exc}".rstrip(": ")
    if lang == "es":
        return next((_SPANISH[kind] for kind in type(exc).__mro__ if kind in _SPANISH), exc.message)
    return exc.message


def phone_hint(lang: Language, country: str | None) -> str:
    """Return how to write the phone number, given the country that settings assume."""
    return _ASSUMED[lang].format(country=country.upper()) if country else TEXTS[lang].phone_hint


def device_text(lang: Language, device: int) -> str:
    """Return how the phone lists this companion."""
    return TEXTS[lang].device.format(number=device)


def who(phone: str | None, account: str) -> str:
    """Return the account's phone number as people write it, else its id."""
    return Phone(phone).pretty if phone else account
