"""
The Signal protocol as WhatsApp devices speak it: X3DH, double ratchet, sender keys.

Emulated phones are real Signal endpoints, so that a test sees a message only
if the library under test really encrypted it for that phone, and so that the
library only shows a message that it could really decrypt.
"""

from __future__ import annotations

from wakit.emulator.signal.curve import KeyPair, verify
from wakit.emulator.signal.endpoint import Ciphertext, Endpoint
from wakit.emulator.signal.faults import DecryptFailed, Reason
from wakit.emulator.signal.session import PreKeyBundle

__all__ = ["Ciphertext", "DecryptFailed", "Endpoint", "KeyPair", "PreKeyBundle", "Reason", "verify"]
