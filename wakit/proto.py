"""
WhatsApp's protobuf schemas, without the Go library that ships them.

The schemas are inside the neonize wheel. ``import neonize`` would load 18 MB of
native code, start a logging thread and configure the root logger; the host,
the emulator and the tests only need the message classes. So this module puts a
bare ``neonize`` package with the right ``__path__`` into ``sys.modules`` and
imports the generated modules below it. In a worker, where the adapter imported
the real library first, the real package is used and nothing is replaced.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from types import ModuleType
from typing import Any


def _bare_neonize() -> None:
    if "neonize" in sys.modules:
        return
    spec = importlib.util.find_spec("neonize")
    if spec is None or spec.submodule_search_locations is None:
        msg = "neonize is not installed. Run: pip install 'neonize==0.5.2'"
        raise ModuleNotFoundError(msg, name="neonize")
    package = ModuleType("neonize")
    package.__path__ = list(spec.submodule_search_locations)
    package.__spec__ = spec
    sys.modules["neonize"] = package


def load(name: str) -> Any:
    """
    Import one generated schema module, e.g. ``load("waE2E.WAWebProtobufsE2E_pb2")``.

    Args:
        name: Module below ``neonize.proto``.
    """
    _bare_neonize()
    return importlib.import_module(f"neonize.proto.{name}")


neonize_pb = load("Neonize_pb2")
e2e_pb = load("waE2E.WAWebProtobufsE2E_pb2")
