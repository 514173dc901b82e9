"""The people of a campaign as they travel to the host: a table, a query, or a CSV file that a spreadsheet wrote."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wakit.errors import InvalidAudience

if TYPE_CHECKING:
    import pandas as pd


def audience_body(audience: Any) -> dict[str, Any]:
    """
    Return an audience as it travels.

    Args:
        audience: A DataFrame, the path of a CSV file, or a SELECT as text.

    Raises:
        InvalidAudience: It is none of them, or the file cannot be read.
    """
    if isinstance(audience, Path) or (isinstance(audience, str) and audience.lower().endswith(".csv")):
        audience = _from_file(Path(audience).expanduser())
    if isinstance(audience, str):
        return {"sql": audience}
    if not hasattr(audience, "columns"):
        msg = f"An audience is a DataFrame, a CSV file, or a SELECT as text, not a {type(audience).__name__}."
        raise InvalidAudience(msg)
    columns: Sequence[Any] = [str(name) for name in audience.columns]
    values = [[_plain(value) for value in audience.iloc[:, at]] for at in range(len(columns))]
    return {"columns": columns, "rows": [list(row) for row in zip(*values, strict=True)]}


def _from_file(path: Path) -> pd.DataFrame:
    """Return the rows of a file as texts: a phone is no number, and spreadsheets in Spanish write semicolons."""
    import pandas as pd  # only for those who have a file

    try:
        with path.open(encoding="utf-8-sig") as file:
            heading = file.readline()
            file.seek(0)
            return pd.read_csv(file, dtype=str, sep=";" if heading.count(";") > heading.count(",") else ",")
    except (OSError, ValueError) as exc:  # pandas' own errors are ValueErrors
        why = exc.strerror if isinstance(exc, OSError) else str(exc).partition("\n")[0][:200]
        msg = f"The audience {str(path)!r} cannot be read ({why}). Give the path of a CSV file in UTF-8 with a heading."
        raise InvalidAudience(msg, path=str(path)) from exc


def _plain(value: Any) -> Any:
    """Return a value as JSON carries it: a missing one as nothing, times as text."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if str(value) in {"<NA>", "NaT", "nan"}:
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "item"):
        return _plain(value.item())
    return value if isinstance(value, float) else str(value)
