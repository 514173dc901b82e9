"""
A run's output notebook as a page for people: no code, no prompts, and nothing that is fetched.

nbconvert's page asks three other sites for scripts, for mathematics and widgets, none of which a report has.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from wakit.errors import InvalidInput
from wakit.paths import write_private

if TYPE_CHECKING:
    from wakit.client import Client

_TEMPLATE = """\
{%- extends 'lab/index.html.j2' -%}
{%- block html_head_js -%}{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}
{%- block html_head_js_mermaidjs -%}{%- endblock -%}
"""


def page(notebook: str) -> str:
    """Return a notebook, given as JSON, as one HTML page."""
    import nbformat
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(
        raw_template=_TEMPLATE, embed_images=True, exclude_input=True, exclude_input_prompt=True, exclude_output_prompt=True
    )
    body: str = exporter.from_notebook_node(nbformat.reads(notebook, as_version=4))[0]
    return body


def write_page(client: Client, run: str, file: Path | str) -> Path:
    """
    Write the output notebook of a run as one HTML file that only you can read, and return where.

    Raises:
        UnknownRun: There is none of this id.
        InvalidInput: It has no output notebook.
        WorkspaceNotWritable, StorageFull: It cannot be written there.
    """
    output = client.run_record(run).output
    if output is None:
        raise InvalidInput(f"The run {run} has no output notebook: it goes on, or its process died.", id=run)
    path = Path(file).expanduser().absolute()
    write_private(path, page((client.workspace.root / output).read_text("utf-8")).encode())
    return path
