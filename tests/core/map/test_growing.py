"""A map that grows: what comes later is placed among the others, and nothing that was there moves.

The layout of a thousand is made once, by the job; each test has a copy of the database.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from core.app import App
from core.handbook import curation
from core.handbook.curation import Draft
from core.map.reading import Map
from core.retrieval.vectors import Vectors
from core.store import behaviors as rows
from core.store.records import Handbook
from tests.core.map.clustered import (
    ClusteredEmbedder,
    drawn,
    embed,
    fill,
    kept_places,
    lay_out,
    layout_of,
    texts_of,
    vectors_of,
    workbench,
)

PROJECT = Path(__file__).parents[3]
OLD, NEW = 1_000, 50
GROUPS = "abcdefgh"
# Another program that reads the map of some texts as soon as the start file is there, and prints
# the places of the last ones.
PROGRAM = """
import json, sys, time
from pathlib import Path
from tests.core.map.clustered import ClusteredEmbedder, drawn, vectors_of, workbench

home, book, start, asked, last = sys.argv[1:]
texts = json.loads(asked)
with workbench(Path(home), ClusteredEmbedder()) as app:
    vectors_of(app).known(texts)
    print("ready", flush=True)
    while not Path(start).exists():
        time.sleep(0.001)
    print(json.dumps(drawn(app, int(book), texts).places[-int(last):].tolist()))
"""


@dataclass(frozen=True)
class Laid:
    """The home folder of a workbench with a map of a thousand, and the bare places on it."""

    home: Path
    book: Handbook
    texts: list[str]
    before: Map


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Laid:
    home = tmp_path_factory.mktemp("thousand")
    with workbench(home, ClusteredEmbedder()) as app:
        book = fill(app, "big", [f"behavior_group_{GROUPS[n % 8]}_{n}" for n in range(OLD)])
        assert lay_out(app, book.id).method == "UMAP"
        texts = texts_of(app, book.id)
        return Laid(home, book, texts, drawn(app, book.id, texts))


@pytest.fixture
def home(tmp_path: Path, laid: Laid) -> Path:
    return Path(shutil.copytree(laid.home, tmp_path / "copy"))


@pytest.fixture
def app(home: Path) -> Iterator[App]:
    with workbench(home, ClusteredEmbedder()) as opened:
        yield opened


def _accept_more(app: App, book: Handbook, count: int = NEW) -> list[str]:
    """Proposals that are accepted and embedded; gives the texts of all of the handbook."""
    drafts = [
        Draft(f"behavior_group_{GROUPS[n % 8]}_later_{n}", f"Do {n} later.") for n in range(count)
    ]
    with app.store.write() as session:
        proposed = curation.propose(book.id, drafts, by="a-model", session=session)
    seen = {behavior.id: behavior.version for behavior in proposed}
    done = curation.decide_many(app.store, book.id, "accept", seen, by="ann")
    assert len(done.changed) == count
    embed(app, book.slug)
    return texts_of(app, book.id)


def test_fifty_more_move_none_of_a_thousand(app: App, laid: Laid) -> None:
    texts = _accept_more(app, laid.book)
    assert texts[:OLD] == laid.texts
    assert len(texts) == OLD + NEW
    after = drawn(app, laid.book.id, texts)
    assert after.layout == laid.before.layout
    assert after.there.all()
    assert laid.before.there.all()
    assert after.places[:OLD].tobytes() == laid.before.places.tobytes()
    assert after.labels[:OLD].tolist() == laid.before.labels.tolist()


def test_those_that_came_later_stand_in_their_group(app: App, laid: Laid) -> None:
    after = drawn(app, laid.book.id, _accept_more(app, laid.book))
    groups = np.arange(OLD) % 8
    for number, place in enumerate(after.places[OLD:]):
        away = np.linalg.norm(after.places[:OLD] - place, axis=1)
        nearest = groups[np.argsort(away)[:5]]
        assert (nearest == number % 8).sum() >= 4
    clustered = laid.before.labels >= 0
    for number, label in enumerate(after.labels[OLD:].tolist()):
        own = set(laid.before.labels[clustered & (groups == number % 8)].tolist())
        assert label in own | {-1}


def test_places_of_later_ones_are_kept(app: App, home: Path, laid: Laid) -> None:
    texts = _accept_more(app, laid.book)
    first = drawn(app, laid.book.id, texts).places.tobytes()
    assert drawn(app, laid.book.id, texts).places.tobytes() == first
    shuffled = [texts[at] for at in np.random.default_rng(0).permutation(len(texts))]
    again = drawn(app, laid.book.id, shuffled)
    places = dict(zip(shuffled, again.places.tolist(), strict=True))
    assert np.array([places[text] for text in texts]).tobytes() == first
    with workbench(home, ClusteredEmbedder()) as beside:  # another Store on the same file
        assert drawn(beside, laid.book.id, texts).places.tobytes() == first


def test_places_outlive_the_program(home: Path, laid: Laid) -> None:
    with workbench(home, ClusteredEmbedder()) as app:
        texts = _accept_more(app, laid.book)
        first = drawn(app, laid.book.id, texts)
    with workbench(home, ClusteredEmbedder()) as app:
        again = drawn(app, laid.book.id, texts)
        assert again.places.tobytes() == first.places.tobytes()
        assert again.labels.tolist() == first.labels.tolist()
        kept = kept_places(app, layout_of(app, laid.book.id).id)
        assert len(kept) == OLD + NEW
    assert first.places[:OLD].tobytes() == laid.before.places.tobytes()


def test_an_edited_behavior_gets_a_new_place_and_the_others_stay(app: App, laid: Laid) -> None:
    with app.store.read() as session:
        one = rows.behaviors_by_name(laid.book.id, "behavior_group_a_0", session=session)[0]
    fields = {"name": "behavior_group_e_edited", "instruction": "Do what group e does."}
    curation.edit(app.store, one.id, fields, version=one.version, by="ann")
    embed(app, laid.book.slug)
    texts = texts_of(app, laid.book.id)
    at = next(number for number, text in enumerate(texts) if "edited" in text)
    after = drawn(app, laid.book.id, texts)
    others = np.arange(OLD) != at
    assert after.there.all()
    assert after.places[others].tobytes() == laid.before.places[others].tobytes()
    away = np.linalg.norm(after.places[others] - after.places[at], axis=1)
    nearest = np.flatnonzero(others)[away.argsort()[:5]]
    assert (nearest % 8 == GROUPS.index("e")).all()
    # Its words back, it stands where it stood.
    back = {"name": one.name, "instruction": one.instruction}
    curation.edit(app.store, one.id, back, version=one.version + 1, by="ann")
    assert drawn(app, laid.book.id, laid.texts).places.tobytes() == laid.before.places.tobytes()


def test_one_without_a_vector_comes_later_and_moves_nothing(app: App, laid: Laid) -> None:
    curation.write(app.store, laid.book.id, Draft("behavior_group_b_new", "Do new."), by="ann")
    texts = texts_of(app, laid.book.id)
    waiting = drawn(app, laid.book.id, texts)
    assert waiting.there.tolist() == [True] * OLD + [False]
    assert waiting.labels[OLD] == -1
    assert waiting.places[:OLD].tobytes() == laid.before.places.tobytes()
    embed(app, laid.book.slug)
    there = drawn(app, laid.book.id, texts)
    assert there.there.all()
    assert there.places[OLD].any()
    assert there.places[:OLD].tobytes() == laid.before.places.tobytes()


def test_two_programs_that_place_the_same_at_once_end_with_one_place(
    home: Path, tmp_path: Path, laid: Laid
) -> None:
    with workbench(home, ClusteredEmbedder()) as app:
        new = _accept_more(app, laid.book, 20)[OLD:]
    start = tmp_path / "start"
    # They see other old ones, and so would place the new ones elsewhere.
    programs = [
        subprocess.Popen(
            [
                *(sys.executable, "-c", PROGRAM, str(home), str(laid.book.id), str(start)),
                *(json.dumps(some + new), str(len(new))),
            ],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for some in (laid.texts[:500:2], laid.texts[501::2])
    ]
    for program in programs:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
    start.touch()
    told = [program.communicate(timeout=60)[0] for program in programs]
    assert [program.returncode for program in programs] == [0, 0]
    assert told[0] == told[1]
    with workbench(home, ClusteredEmbedder()) as app:
        read = drawn(app, laid.book.id, laid.texts + new)
        assert read.places[OLD:].tolist() == json.loads(told[0])
        assert read.places[:OLD].tobytes() == laid.before.places.tobytes()


def test_one_that_is_asked_for_alone_stands_where_it_would_among_all(app: App, laid: Laid) -> None:
    """A screen may show proposals only: what stands on the layout counts all the same."""
    texts = _accept_more(app, laid.book, 8)
    alone = drawn(app, laid.book.id, texts[OLD:])
    assert alone.there.all()
    groups = np.arange(OLD) % 8
    for number, place in enumerate(alone.places):
        away = np.linalg.norm(laid.before.places - place, axis=1)
        assert groups[away.argmin()] == number


def test_vectors_are_named_by_their_text(app: App, laid: Laid) -> None:
    """Places and vectors go by the same digest, so a text that moves to another behavior stays."""
    kept = kept_places(app, layout_of(app, laid.book.id).id)
    assert set(kept) == {Vectors.digest(text) for text in laid.texts}
    assert vectors_of(app).missing(laid.texts) == []
