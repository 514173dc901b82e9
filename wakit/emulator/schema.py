"""
Protobuf messages that no installed package brings, built from a table.

libsignal's messages are not in the neonize wheel, and its module of app-state
actions cannot be imported (0.5.2 was generated without one of its imports).
Each needs a handful of fields; what else a client sends is kept as unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_Field = descriptor_pb2.FieldDescriptorProto
_SCALARS = {
    "bytes": _Field.TYPE_BYTES,
    "string": _Field.TYPE_STRING,
    "bool": _Field.TYPE_BOOL,
    "uint32": _Field.TYPE_UINT32,
    "int32": _Field.TYPE_INT32,
    "int64": _Field.TYPE_INT64,
}


def message_classes(package: str, schema: Mapping[str, Sequence[tuple[str, int, str]]]) -> dict[str, Any]:
    """
    Return the classes of proto2 messages whose fields are all optional.

    Args:
        package: Name of the protobuf package.
        schema: By message name: field name, number, and scalar type or message name.
    """
    file = descriptor_pb2.FileDescriptorProto(name=f"{package}.proto", package=package, syntax="proto2")
    for name, fields in schema.items():
        message = file.message_type.add(name=name)
        for field, number, kind in fields:
            added = message.field.add(name=field, number=number, label=_Field.LABEL_OPTIONAL)
            if kind in _SCALARS:
                added.type = _SCALARS[kind]
            else:
                added.type, added.type_name = _Field.TYPE_MESSAGE, f".{package}.{kind}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{package}.{name}")) for name in schema}
