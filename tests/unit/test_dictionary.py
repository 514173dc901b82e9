"""The data dictionary is complete, and the README has the one of this version."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from wakit.store import migrations
from wakit.store.dictionary import Relation, dictionary, written
from wakit.store.engine import rows

README = Path(__file__).parents[2] / "README.md"
DICTIONARY = dictionary()


@pytest.mark.parametrize("relation", [*DICTIONARY.views, *DICTIONARY.tables], ids=lambda relation: relation.name)
def test_everything_has_a_meaning(relation: Relation) -> None:
    """Each view and table, and each of their columns, is explained where it is made, in the SQL."""
    assert relation.about
    assert [] == [column.name for column in relation.columns if not column.meaning]


def test_messages_have_the_words_of_the_view_they_show() -> None:
    """A view that shows another one means the same."""
    (messages,) = [view for view in DICTIONARY.views if view.name == "messages"]
    meanings = {column.name: (column.type, column.meaning) for column in messages.columns}
    assert meanings["ts"] == ("TIMESTAMPTZ", "when it was written, by the sender's clock")
    assert meanings["type"][0] == "core.message_type"
    assert meanings["quoted_id"][1].startswith("`message_id` of the message that it answers")


def test_queries_of_the_readme_work() -> None:
    """What the README shows can be run."""
    _, _, queries = README.read_text("utf-8").partition("## What can be queried")
    statements = [one for one in queries.partition("```sql\n")[2].partition("```")[0].split(";") if one.strip()]
    with duckdb.connect() as connection:
        migrations.migrate(connection)
        assert [[]] * 4 == [rows(connection, statement) for statement in statements]


def test_file_without_a_place_is_refused() -> None:
    """Nothing is written where nobody asked for it."""
    with pytest.raises(ValueError, match="no place"):
        written("# wakit\n")
