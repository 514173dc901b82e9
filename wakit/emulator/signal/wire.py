"""
The four protobuf messages of libsignal, as WhatsApp carries them.

The neonize wheel has WhatsApp's schemas but not libsignal's, so they are built
here from descriptors. Every field is written even when it is 0: clients verify
the MAC over their own re-serialisation, in which a counter of 0 is present.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

#: Version 3 of the protocol, also the oldest one understood: high and low nibble.
VERSION = b"\x33"

_BYTES = descriptor_pb2.FieldDescriptorProto.TYPE_BYTES
_UINT32 = descriptor_pb2.FieldDescriptorProto.TYPE_UINT32
_SCHEMA = {
    "SignalMessage": (
        ("ratchetKey", 1, _BYTES),
        ("counter", 2, _UINT32),
        ("previousCounter", 3, _UINT32),
        ("ciphertext", 4, _BYTES),
    ),
    "PreKeySignalMessage": (
        ("preKeyId", 1, _UINT32),
        ("baseKey", 2, _BYTES),
        ("identityKey", 3, _BYTES),
        ("message", 4, _BYTES),
        ("registrationId", 5, _UINT32),
        ("signedPreKeyId", 6, _UINT32),
    ),
    "SenderKeyMessage": (("id", 1, _UINT32), ("iteration", 2, _UINT32), ("ciphertext", 3, _BYTES)),
    "SenderKeyDistributionMessage": (
        ("id", 1, _UINT32),
        ("iteration", 2, _UINT32),
        ("chainKey", 3, _BYTES),
        ("signingKey", 4, _BYTES),
    ),
}


def _message_classes() -> dict[str, Any]:
    file = descriptor_pb2.FileDescriptorProto(name="wakit/signal.proto", package="wakit.signal", syntax="proto2")
    for name, fields in _SCHEMA.items():
        message = file.message_type.add(name=name)
        for field, number, kind in fields:
            message.field.add(name=field, number=number, type=kind, label=descriptor_pb2.FieldDescriptorProto.LABEL_OPTIONAL)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    find = pool.FindMessageTypeByName
    return {name: message_factory.GetMessageClass(find(f"wakit.signal.{name}")) for name in _SCHEMA}


_CLASSES = _message_classes()
SignalMessage = _CLASSES["SignalMessage"]
PreKeySignalMessage = _CLASSES["PreKeySignalMessage"]
SenderKeyMessage = _CLASSES["SenderKeyMessage"]
SenderKeyDistributionMessage = _CLASSES["SenderKeyDistributionMessage"]
