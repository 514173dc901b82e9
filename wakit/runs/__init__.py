"""Running notebooks without a person: once, within bounds, on record. Imports nothing: papermill always loads the engine."""

from __future__ import annotations
