"""
The emulated phone of an emulated network, held in front of the card by a button.

It gets the very picture that the card shows, through the control API whose
address lies beside the network descriptor. The emulator runs in another process;
only its client is used here, and it is imported where there is such a network.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from wakit.errors import LinkingFailed, WakitError

if TYPE_CHECKING:
    from wakit.emulator.control_client import ControlClient

T = TypeVar("T")


class EmulatedPhone:
    """The phone that a person would hold if the network were real."""

    def __init__(self, descriptor: Path) -> None:
        self._descriptor = descriptor

    async def is_near(self) -> bool:
        """Return whether there is a phone that can be asked."""
        try:
            return bool(await self._ask(_numbers))
        except WakitError:
            return False

    async def scan(self, picture: bytes, number: str | None) -> None:
        """Scan *picture* with the phone of *number*, or with the first one there is."""
        await self._ask(lambda control: control.scan(_chosen(control, number), picture))

    async def type_code(self, code: str, number: str | None) -> None:
        """Type a pairing code on the phone of *number*, or on the first one there is."""
        await self._ask(lambda control: control.type_code(_chosen(control, number), code))

    async def _ask(self, what: Callable[[ControlClient], T]) -> T:
        return await asyncio.to_thread(self._call, what)

    def _call(self, what: Callable[[ControlClient], T]) -> T:
        from wakit.emulator.control_client import ControlClient  # the emulator with it: not on the real network

        try:
            with ControlClient(self._descriptor) as control:
                return what(control)
        except TimeoutError as exc:
            msg = "The emulated phone waited in vain for this computer. Ask for a new code and try again."
            raise LinkingFailed(msg) from exc


def _numbers(control: ControlClient) -> list[str]:
    return [str(phone["number"]) for phone in control.phones()]


def _chosen(control: ControlClient, number: str | None) -> str:
    numbers = _numbers(control)
    if not numbers:
        msg = "There is no phone on this emulated network."
        raise LinkingFailed(msg)
    return number if number in numbers else numbers[0]
