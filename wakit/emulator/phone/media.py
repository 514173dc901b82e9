"""Files: encrypted, uploaded and described in a message; and back."""

from __future__ import annotations

import hashlib
import io
import time
from dataclasses import dataclass
from typing import Any

from PIL import Image, UnidentifiedImageError

from wakit.emulator.link import StanzaError
from wakit.emulator.mediacrypto import MediaKind, decrypt_file, encrypt_file
from wakit.emulator.phone import contents
from wakit.emulator.phone.device import Device
from wakit.errors import InvalidInput, MediaFailed
from wakit.proto import e2e_pb

_THUMBNAIL = (72, 72)


@dataclass(frozen=True, slots=True)
class _Shape:
    kind: MediaKind
    field: str
    message: Any
    mimetype: str


_SHAPES = {
    "image": _Shape(MediaKind.IMAGE, "imageMessage", e2e_pb.ImageMessage, "image/jpeg"),
    "video": _Shape(MediaKind.VIDEO, "videoMessage", e2e_pb.VideoMessage, "video/mp4"),
    "audio": _Shape(MediaKind.AUDIO, "audioMessage", e2e_pb.AudioMessage, "audio/mp4"),
    "voice": _Shape(MediaKind.AUDIO, "audioMessage", e2e_pb.AudioMessage, "audio/ogg; codecs=opus"),
    "document": _Shape(MediaKind.DOCUMENT, "documentMessage", e2e_pb.DocumentMessage, "application/pdf"),
    "sticker": _Shape(MediaKind.STICKER, "stickerMessage", e2e_pb.StickerMessage, "image/webp"),
}
_BY_FIELD = {shape.field: shape for shape in _SHAPES.values()}


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """A file to send."""

    #: ``image``, ``video``, ``audio``, ``voice``, ``document`` or ``sticker``.
    kind: str
    data: bytes
    caption: str = ""
    mimetype: str = ""
    file_name: str = ""
    #: Length of audio and video.
    seconds: int = 0


class Media:
    """This phone's uploads and downloads."""

    def __init__(self, device: Device) -> None:
        self._store = device.exchange.media

    def message(self, file: File) -> Any:
        """
        Upload a file and return the message that carries it.

        Raises:
            InvalidInput: There is no such kind of file.
        """
        shape = _SHAPES.get(file.kind)
        if shape is None:
            msg = f"{file.kind!r} is not a kind of file. Use one of: {', '.join(_SHAPES)}."
            raise InvalidInput(msg)
        sealed = encrypt_file(shape.kind, file.data)
        upload = self._store.put(sealed.data, sealed.file_enc_sha256, kind=shape.kind.path)
        part = shape.message(
            URL=upload.url,
            directPath=upload.direct_path,
            mediaKey=sealed.media_key,
            fileSHA256=sealed.file_sha256,
            fileEncSHA256=sealed.file_enc_sha256,
            fileLength=sealed.file_length,
            mediaKeyTimestamp=int(time.time()),
            mimetype=file.mimetype or shape.mimetype,
        )
        _describe(part, file)
        message = e2e_pb.Message()
        getattr(message, shape.field).CopyFrom(part)
        return message

    def open(self, message: Any) -> bytes:
        """
        Download and decrypt the file of a message.

        Raises:
            InvalidInput: The message carries no file.
            MediaFailed: The file is gone or damaged.
        """
        inside = contents.unwrapped(message)
        shape = _BY_FIELD.get(contents.content_field(inside))
        if shape is None:
            msg = "This message carries no file."
            raise InvalidInput(msg)
        part = getattr(inside, shape.field)
        try:
            data = self._store.get(part.directPath)
        except StanzaError as exc:
            msg = f"The file of this message is no longer on the media host ({exc.number})."
            raise MediaFailed(msg) from exc
        if hashlib.sha256(data).digest() != part.fileEncSHA256:
            msg = "The media host returned another file than was uploaded."
            raise MediaFailed(msg)
        return decrypt_file(shape.kind, data, part.mediaKey, file_sha256=part.fileSHA256)


def _describe(part: Any, file: File) -> None:
    if file.caption and file.kind in ("image", "video", "document"):
        part.caption = file.caption
    if file.kind == "voice":
        part.PTT = True
    if file.seconds and file.kind in ("audio", "voice", "video"):
        part.seconds = file.seconds
    if file.kind == "document":
        part.fileName = file.file_name or "documento"
        part.title = part.fileName
    if file.kind in ("image", "sticker"):
        _add_picture(part, file.data, thumbnail=file.kind == "image")


def _add_picture(part: Any, data: bytes, *, thumbnail: bool) -> None:
    try:
        with Image.open(io.BytesIO(data)) as picture:
            part.width, part.height = picture.size
            if not thumbnail:
                return
            small = picture.convert("RGB")
    except (UnidentifiedImageError, OSError):
        # WhatsApp relays whatever it is given: so does the emulator, for tests with broken pictures.
        return
    small.thumbnail(_THUMBNAIL)
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=60)
    part.JPEGThumbnail = buffer.getvalue()
