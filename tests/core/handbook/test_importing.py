"""What an import brings in, meets, replaces and leaves alone."""

from typing import Any

import pytest

from core.errors import BadInput
from core.handbook import files, importing, shelf
from core.handbook.importing import Imported
from core.store import Store
from core.store.records import Behavior


def _read(*rows: dict[str, Any]) -> files.HandbookFile:
    full = [{"instruction": f"Do {row['name']}.", "topic": "Sums", **row} for row in rows]
    named = [{**row, "name": f"behavior_{row['name']}"} for row in full]
    return files.HandbookFile(files.Head(), [files.Row(**row) for row in named], [])


def _import(store: Store, *rows: dict[str, Any], **how: Any) -> Imported:
    return importing.import_read(store, "notes", _read(*rows), by="ann", **how)


def _there(store: Store, *statuses: str) -> list[Behavior]:
    return shelf.behaviors(store, shelf.find(store, "notes"), statuses or ("accepted",))


UNWRITTEN = {"name": "bare", "marks": {"unwritten": "came without an instruction"}}


def test_keys_of_a_file_come_along_when_it_replaces(store: Store) -> None:
    _import(store, {"name": "a", "since": 1}, {"name": "b", "since": 1}, {"name": "c"})
    rows = ({"name": "a", "since": 2}, {"name": "b"}, {"name": "c", "instruction": "Do c well."})
    preview = importing.preview(store, "notes", _read(*rows))
    assert [met.row.name for met in preview.changed] == ["behavior_a", "behavior_c"]
    assert [met.row.name for met in preview.same] == ["behavior_b"]
    names = [f"behavior_{name}" for name in "abc"]
    done = _import(store, *rows, replace=names)
    assert done.replaced == ["behavior_a", "behavior_c"]
    assert [behavior.extra for behavior in _there(store)] == [{"since": 2}, {"since": 1}, {}]
    again = _import(store, *rows, replace=names)
    assert (again.replaced, again.same) == ([], names)


def test_what_waits_already_is_not_proposed_twice(store: Store) -> None:
    first = _import(store, {"name": "a"}, UNWRITTEN, status="proposed")
    assert first.proposed == ["behavior_a", "behavior_bare"]
    again = _import(store, {"name": "a"}, UNWRITTEN, status="proposed")
    assert (again.proposed, again.same) == ([], ["behavior_a", "behavior_bare"])
    reworded = _import(store, {"name": "a", "instruction": "Do it well."}, status="proposed")
    assert reworded.proposed == ["behavior_a"]
    accepted = _import(store, {"name": "a"})
    assert accepted.added == ["behavior_a"]
    assert len(_there(store, "proposed")) == 3


def test_a_row_without_a_text_of_its_own_replaces_none(store: Store) -> None:
    _import(store, {"name": "bare", "instruction": "When bare, dress."})
    done = _import(store, UNWRITTEN, replace=["behavior_bare"])
    assert (done.replaced, done.clashing) == ([], ["behavior_bare"])
    (behavior,) = _there(store)
    assert behavior.instruction == "When bare, dress."


def test_names_that_stay_are_told_in_the_files_order(store: Store) -> None:
    _import(store, *({"name": name} for name in "abc"))
    done = _import(
        store,
        {"name": "c", "instruction": "Count sheep."},
        {"name": "b", "instruction": "Do b!"},
        {"name": "a"},
    )
    assert done.clashing == ["behavior_c", "behavior_b", "behavior_a"]
    assert (done.same, done.changed) == (["behavior_a"], ["behavior_b"])


def test_a_look_at_a_bad_slug_is_refused_as_the_import_is(store: Store) -> None:
    for look in (importing.preview, lambda *args: importing.import_read(*args, by="ann")):
        with pytest.raises(BadInput, match="cannot name a handbook"):
            look(store, "../up", _read({"name": "a"}))
