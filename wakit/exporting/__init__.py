"""
Rows as a file for other programs: CSV, XLSX or Parquet.

What customers write ends up in a spreadsheet of somebody who trusts it, so in CSV and XLSX a
text that a spreadsheet would compute gets a quote in front. Parquet has the values as they are.

Rows go through in batches, whatever their number, and the file appears at once and
complete, for its owner only.
"""

from __future__ import annotations

from wakit.exporting.writing import FORMATS, Exported, format_of, write, write_frame

__all__ = ["FORMATS", "Exported", "format_of", "write", "write_frame"]
