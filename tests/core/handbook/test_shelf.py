"""The handbooks of a workbench, and the four that come along."""

import json
from collections import Counter
from pathlib import Path

import pytest

from core.app import STARTERS, App
from core.errors import BadInput, Conflict, NotFound
from core.handbook import curation, files, importing, merging, shelf
from core.handbook.likeness import marks_against
from core.store import Store, history
from core.store import behaviors as rows
from tests.core.samples import add_run, add_trace

SLUGS = ["countdown", "math-basics", "math-foundations", "multi-hop-qa"]
BAD_SLUGS = ["../out", "..", "a/b", "/etc/x", "a\\b", "A", "", "a b", "a\n", "x" * 65]


def _file(tmp_path: Path, **pairs: str) -> Path:
    path = tmp_path / "some.json"
    path.write_text(json.dumps({f"behavior_{name}": text for name, text in pairs.items()}))
    return path


def _numbers(store: Store) -> dict[str, tuple[int, int, int]]:
    return {
        summary.handbook.slug: (summary.accepted, summary.proposed, summary.rejected)
        for summary in shelf.summaries(store)
    }


def test_importing_twice_leaves_what_is_there(store: Store, tmp_path: Path) -> None:
    first = importing.import_file(store, "x", _file(tmp_path, a="Do a.", b="Do b."), by="ann")
    assert (first.added, first.clashing) == (["behavior_a", "behavior_b"], [])
    book = shelf.find(store, "x")
    mine, _other = shelf.behaviors(store, book)
    curation.edit(store, mine.id, {"instruction": "Do a, my way."}, version=1, by="ann")
    before = shelf.behaviors(store, book)
    again = importing.import_file(
        store, "x", _file(tmp_path, a="Do a.", b="Do b.", c="C."), by="bob"
    )
    assert (again.added, again.clashing) == (["behavior_c"], ["behavior_a", "behavior_b"])
    assert shelf.behaviors(store, book)[:2] == before
    assert _numbers(store) == {"x": (3, 0, 0)}


def test_an_import_is_written_into_the_history(store: Store, tmp_path: Path) -> None:
    done = importing.import_file(store, "x", _file(tmp_path, a="Do a."), by="ann")
    with store.read() as session:
        (line,) = history.history(done.handbook.id, session=session)
    assert (line.kind, line.by, line.before) == ("import", "ann", {})
    assert line.after == {
        "name": "behavior_a",
        "instruction": "Do a.",
        "topic": "",
        "avoid_when": None,
        "tags": [],
        "status": "accepted",
    }


def test_a_rejected_name_can_be_imported(store: Store, tmp_path: Path) -> None:
    done = importing.import_file(store, "x", _file(tmp_path, a="Do a."), by="ann")
    (behavior,) = shelf.behaviors(store, done.handbook)
    curation.reject(store, behavior.id, version=1, by="ann")
    importing.import_file(store, "x", _file(tmp_path, a="Do a better."), by="ann")
    assert _numbers(store) == {"x": (1, 0, 1)}


def test_a_new_handbook_takes_its_head_from_the_file(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "mine"
    path.mkdir()
    (path / files.HEAD_FILE).write_text("title: Mine\nlicence: MIT\nauthors: [Ann]\nsince: '1'\n")
    (path / files.ROWS_FILE).write_text("")
    book = importing.import_file(store, "x", path, by="bob").handbook
    assert (book.title, book.licence, book.authors, book.extra) == (
        "Mine",
        "MIT",
        ["Ann"],
        {"since": "1"},
    )
    (path / files.HEAD_FILE).write_text("title: Else\n")
    importing.import_file(store, "x", path, by="bob")
    assert shelf.find(store, "x") == book


def test_export_writes_the_accepted_ones_only(store: Store, tmp_path: Path) -> None:
    done = importing.import_file(store, "x", _file(tmp_path, a="Do a.", b="Do b."), by="ann")
    first, _second = shelf.behaviors(store, done.handbook)
    curation.reject(store, first.id, version=1, by="ann")
    with store.write() as session:
        draft = curation.Draft("behavior_new", "Do it anew.")
        curation.propose(done.handbook.id, [draft], by="a-model", session=session)
    assert shelf.export(store, "x", tmp_path / "out.json") == 1
    assert json.loads((tmp_path / "out.json").read_text()) == {"behavior_b": "Do b."}


def test_a_handbook_is_made_once(store: Store) -> None:
    made = shelf.create(store, "my-book", by="ann")
    assert (made.title, made.authors) == ("My book", ["ann"])
    with pytest.raises(Conflict, match="There is a handbook 'my-book' already"):
        shelf.create(store, "my-book", "Another", by="bob")
    assert shelf.find_or_create(store, "my-book", by="bob") == made
    assert shelf.find_or_create(store, "other", by="bob").authors == ["bob"]


@pytest.mark.parametrize("slug", BAD_SLUGS)
def test_a_slug_that_is_none_is_refused(slug: str, store: Store, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(BadInput, match="cannot name a handbook: a slug has"):
        shelf.create(store, slug, by="ann")
    with pytest.raises(BadInput, match="cannot name a handbook"):
        shelf.find_or_create(store, slug, by="ann")
    with pytest.raises(BadInput, match="cannot name a handbook"):
        importing.import_file(store, slug, STARTERS / SLUGS[0], by="ann")
    assert shelf.summaries(store) == []
    assert sorted(tmp_path.rglob("*")) == before


def test_an_unknown_slug_is_answered_with_the_known_ones(store: Store) -> None:
    with pytest.raises(NotFound, match=r"no handbook 'x'\. There are: none yet\."):
        shelf.find(store, "x")
    shelf.create(store, "one", by="ann")
    shelf.create(store, "two", by="ann")
    with pytest.raises(NotFound, match=r"There are: one, two\."):
        shelf.export(store, "x", Path("nowhere"))


def test_a_title_without_letters_makes_no_slug() -> None:
    assert shelf.slug_for("Größe & Maß") == "groe-ma"
    with pytest.raises(BadInput, match="no letters or digits"):
        shelf.slug_for("?!")


def test_a_copy_has_what_is_accepted_and_proposed(store: Store, tmp_path: Path) -> None:
    done = importing.import_file(store, "x", _file(tmp_path, a="Do a.", b="Do b."), by="ann")
    first, _second = shelf.behaviors(store, done.handbook)
    curation.reject(store, first.id, version=1, by="ann")
    made = shelf.copy(store, "x", "mine", by="bob")
    assert (made.slug, made.title) == ("mine", "some (copy)")
    (copied,) = shelf.behaviors(store, made, ("accepted", "rejected", "proposed"))
    assert (copied.name, copied.by) == ("behavior_b", "bob")
    for to, error in (("mine", Conflict), ("A b", BadInput)):
        with pytest.raises(error):
            shelf.copy(store, "x", to, by="bob")


def test_a_copy_has_the_sources_of_what_was_merged(store: Store) -> None:
    book = shelf.create(store, "book", by="ann")
    with store.write() as session:
        trace = add_trace(session, add_run(session), stage="extract")
        drafts = [
            curation.Draft(f"behavior_{n}", f"Do {n}.", trace_id=trace.id, start=5) for n in "abc"
        ]
        a, b, c = curation.propose(book.id, drafts, by="a-model", session=session)
    merging.merge(store, {a.id: 1, b.id: 1}, into=b.id, text={}, by="ann")
    merging.merge(store, {b.id: 2, c.id: 1}, into=c.id, text={}, by="ann")
    made = shelf.copy(store, "book", "mine", by="bob")
    (copied,) = shelf.behaviors(store, made)
    with store.read() as session:
        sources = rows.sources([copied.id], session=session)[copied.id]
    assert [(s.trace_id, s.stage, s.start) for s in sources] == [(trace.id, "extract", 5)] * 3


# The handbooks that come along


def test_starters_are_loaded_into_an_empty_workbench_only(store: Store) -> None:
    assert importing.load_starters(store, STARTERS) == SLUGS
    numbers = _numbers(store)
    assert importing.load_starters(store, STARTERS) == []
    assert _numbers(store) == numbers


def test_a_workbench_with_a_handbook_gets_no_starters(store: Store) -> None:
    shelf.create(store, "mine", by="ann")
    assert importing.load_starters(store, STARTERS) == []
    assert _numbers(store) == {"mine": (0, 0, 0)}


def test_no_folder_no_starters(store: Store, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    assert importing.load_starters(store, tmp_path) == []
    assert importing.load_starters(store, tmp_path / "nothing") == []


def test_the_app_opens_with_its_starters(app: App) -> None:
    assert list(_numbers(app.store)) == SLUGS


@pytest.mark.parametrize("slug", SLUGS)
def test_a_starter_is_whole(slug: str) -> None:
    read = files.read(STARTERS / slug)
    assert read.bad == []
    head = read.head
    assert all((head.title, head.description, head.licence, head.authors, head.made))
    topics = Counter(row.topic for row in read.rows)
    assert "" not in topics
    assert min(topics.values()) >= 12


@pytest.mark.parametrize("slug", ["math-basics", "math-foundations"])
def test_mathematics_has_the_seven_subjects(slug: str) -> None:
    read = files.read(STARTERS / slug)
    assert {row.topic for row in read.rows} == {
        "Algebra",
        "Counting & Probability",
        "Geometry",
        "Intermediate Algebra",
        "Number Theory",
        "Prealgebra",
        "Precalculus",
    }


@pytest.mark.parametrize("slug", SLUGS)
def test_a_starter_is_in_its_final_form(slug: str, store: Store, tmp_path: Path) -> None:
    """Importing and exporting it changes no byte, so that a later change is a one-line diff."""
    importing.import_file(store, slug, STARTERS / slug, by="tester")
    shelf.export(store, slug, tmp_path / slug)
    for name in (files.HEAD_FILE, files.ROWS_FILE):
        assert (tmp_path / slug / name).read_bytes() == (STARTERS / slug / name).read_bytes()


def test_no_starter_holds_near_copies(store: Store) -> None:
    importing.load_starters(store, STARTERS)
    every = [
        behavior
        for summary in shelf.summaries(store)
        for behavior in shelf.behaviors(store, summary.handbook)
    ]
    assert len(every) == len({behavior.name for behavior in every})
    for index, behavior in enumerate(every):
        others = every[:index] + every[index + 1 :]
        assert marks_against(behavior.name, behavior.instruction, others) == {}
