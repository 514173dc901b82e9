"""``python -m wakit.cli``: the terminal where the command is not on the path."""

from __future__ import annotations

from wakit.cli.app import main

main()
