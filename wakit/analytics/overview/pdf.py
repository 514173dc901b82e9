"""
An overview as PDF, by typst.

It is one wheel without system libraries or a browser, sets paragraphs of any script with hyphens,
takes the small plots as vectors, and writes a PDF that can be searched and read aloud. Of the others, weasyprint needs
Pango from the system, fpdf2 and reportlab know only Latin letters unless fonts are shipped, and
vl-convert turns single charts into PDF, not pages. What is written goes in as data, so nothing in it is markup.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib import resources
from typing import TYPE_CHECKING

import typst

from wakit.analytics.overview.page import page_of

if TYPE_CHECKING:
    from wakit.analytics.overview.overview import Overview


def pdf(overview: Overview) -> bytes:
    """Return the page of an overview as PDF, A4."""
    template = resources.files(__package__).joinpath("page.typ").read_bytes()
    page = json.dumps({**asdict(page_of(overview)), "lang": overview.lang}, ensure_ascii=False)
    made: bytes = typst.compile(template, sys_inputs={"page": page})
    return made
