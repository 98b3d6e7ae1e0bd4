"""Indexes follow the store, whoever writes to it, and outlive files that are wrong."""

import random
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil
import pytest
from hypothesis import given
from hypothesis import settings as limits
from sqlmodel import delete

from core.errors import BadInput, Conflict
from core.handbook import curation, merging, undo, versions
from core.handbook.curation import Draft
from core.retrieval import index_file
from core.retrieval.index import Index
from core.retrieval.indexes import MOST_HELD, Indexes
from core.retrieval.vectors import Vectors, embedded_text
from core.settings import Settings
from core.store import Store
from core.store.tables import VectorRow
from tests.core.handbook.curators import NAMES, SAYINGS, Action, Curator, actions, memory_store
from tests.core.retrieval.counting import CountingEmbedder
from tests.core.retrieval.test_index import assert_found, ranked

MANY = 120


@pytest.fixture
def embedder() -> CountingEmbedder:
    return CountingEmbedder()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "indexes"


@pytest.fixture
def ann(store: Store) -> Curator:
    return Curator(store)


@pytest.fixture
def other(settings: Settings) -> Iterator[Store]:
    """The same database, opened as another program would."""
    opened = Store.open(settings.database_url)
    yield opened
    opened.close()


def opened(store: Store, folder: Path, embedder: CountingEmbedder | None = None) -> Indexes:
    """As after a start: nothing is in memory yet."""
    return Indexes(store, Vectors(store, embedder or CountingEmbedder()), folder)


def write(ann: Curator, name: str, store: Store | None = None) -> int:
    draft = Draft(f"behavior_{name}", f"Do {name}.")
    return curation.write(store or ann.store, ann.id, draft, by=ann.by).id


def write_many(ann: Curator, number: int = MANY) -> list[int]:
    with ann.store.write() as session:
        drafts = [Draft(f"behavior_n{place}", f"Do it {place} times.") for place in range(number)]
        made = curation.propose(ann.id, drafts, by="ann", session=session)
    seen = {one.id: one.version for one in made}
    curation.decide_many(ann.store, ann.id, "accept", seen, by="ann")
    return list(seen)


def version(store: Store, behavior_id: int) -> int:
    return curation.look_up(store, behavior_id).version


def check_in_step(indexes: Indexes, ann: Curator, embedder: CountingEmbedder) -> None:
    """The accepted behaviors are there, with their own vectors, and nothing else."""
    texts = {
        one.id: embedded_text(one.name, one.instruction)
        for one in ann.all()
        if one.status == "accepted"
    }
    digests = {number: Vectors.digest(text) for number, text in texts.items()}
    assert indexes.contents(ann.id) == digests
    rows = np.array([embedder.row(text) for text in texts.values()], np.float32)
    rows = rows.reshape(-1, embedder.dimensions)
    query = embedder.row("a query")
    for k in (1, len(texts) + 3):
        found = indexes.search(ann.id, query, k)
        assert_found(found, ranked(list(texts), rows, query, k))
    there, kept = indexes.rows(ann.id, list(texts))
    assert there == list(texts)
    assert np.array_equal(kept, rows)


def check_like_new(indexes: Indexes, ann: Curator) -> None:
    """What it finds is what one made from nothing finds."""
    embedder = CountingEmbedder()
    check_in_step(indexes, ann, embedder)
    with tempfile.TemporaryDirectory() as nowhere:
        scratch = opened(ann.store, Path(nowhere))
        assert indexes.contents(ann.id) == scratch.contents(ann.id)
        query = embedder.row("another query")
        assert_found(indexes.search(ann.id, query, 9), scratch.search(ann.id, query, 9))


# Following the store


def act(ann: Curator, action: Action) -> None:
    if action.kind not in ("undo", "redo"):
        ann.act(action)
        return
    try:
        getattr(ann, action.kind)()
    except (Conflict, BadInput):
        pass


@limits(max_examples=20)
@given(actions("undo", "undo", "redo"))
def test_whatever_a_curator_does_the_index_is_in_step(day: list[Action]) -> None:
    with memory_store() as store, tempfile.TemporaryDirectory() as folder:
        ann = Curator(store)
        ann.start()
        indexes = opened(store, Path(folder))
        for action in day:
            act(ann, action)
            check_in_step(indexes, ann, CountingEmbedder())
        check_like_new(indexes, ann)
        check_like_new(opened(store, Path(folder)), ann)


@limits(max_examples=12)
@given(actions("undo", "undo", "redo"), actions("undo", "redo"))
def test_whatever_was_done_since_its_file_the_index_is_in_step(
    before: list[Action], after: list[Action]
) -> None:
    with memory_store() as store, tempfile.TemporaryDirectory() as folder:
        ann = Curator(store)
        ann.start()
        for day in (before, after):
            for action in day:
                act(ann, action)
            check_like_new(opened(store, Path(folder)), ann)


Deed = Callable[[Store, list[int]], object]
DEEDS: dict[str, Deed] = {
    "accept": lambda store, ids: curation.accept(
        store, ids[0], version=version(store, ids[0]), by="bob"
    ),
    "edit": lambda store, ids: curation.edit(
        store, ids[1], {"instruction": "Other."}, version=version(store, ids[1]), by="bob"
    ),
    "rename": lambda store, ids: curation.edit(
        store, ids[1], {"name": "behavior_other"}, version=version(store, ids[1]), by="bob"
    ),
    "reject": lambda store, ids: curation.reject(
        store, ids[2], version=version(store, ids[2]), by="bob", why="no"
    ),
    "merge": lambda store, ids: merging.merge(
        store,
        {number: version(store, number) for number in ids[1:3]},
        into=ids[1],
        text={"instruction": "Both."},
        by="bob",
    ),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_what_another_program_does_is_in_the_next_search(
    ann: Curator, other: Store, folder: Path, embedder: CountingEmbedder, deed: str
) -> None:
    with ann.store.write() as session:
        (new,) = curation.propose(ann.id, [Draft("behavior_p", "Do p.")], by="m", session=session)
    ids = [new.id, write(ann, "a"), write(ann, "b")]
    indexes = opened(ann.store, folder, embedder)
    check_in_step(indexes, ann, embedder)
    before = indexes.contents(ann.id)
    DEEDS[deed](other, ids)
    check_in_step(indexes, ann, embedder)
    assert indexes.contents(ann.id) != before
    undo.undo(other, ann.id, by="bob")
    check_in_step(indexes, ann, embedder)
    assert indexes.contents(ann.id) == before
    undo.redo(other, ann.id, by="bob")
    check_in_step(indexes, ann, embedder)
    versions.restore(other, "book", "2", by="bob")
    check_in_step(indexes, ann, embedder)
    assert indexes.contents(ann.id) == {ids[1]: before[ids[1]]}


def test_two_in_one_folder_see_the_same(
    ann: Curator, other: Store, folder: Path, embedder: CountingEmbedder
) -> None:
    both = [opened(ann.store, folder, embedder), opened(other, folder)]
    for name in NAMES:
        write(ann, name.removeprefix("behavior_"), other)
        for indexes in both:
            check_in_step(indexes, ann, embedder)


def test_another_embedder_has_another_file(ann: Curator, folder: Path) -> None:
    write(ann, "a")
    wide = CountingEmbedder("wide", 16)
    for embedder in (CountingEmbedder(), wide, CountingEmbedder(), wide):
        check_in_step(opened(ann.store, folder, embedder), ann, embedder)
    assert len(list(folder.iterdir())) == 2


def test_handbooks_are_apart(ann: Curator, folder: Path, embedder: CountingEmbedder) -> None:
    bob = Curator(ann.store, "bob", "other")
    indexes = opened(ann.store, folder, embedder)
    one, two = write(ann, "a"), write(bob, "a")
    assert set(indexes.contents(ann.id)) == {one}
    assert set(indexes.contents(bob.id)) == {two}
    query = embedder.row("a query")
    assert indexes.scores(ann.id, query, [one, two]).keys() == {one}


def test_more_handbooks_than_are_held(
    store: Store, folder: Path, embedder: CountingEmbedder
) -> None:
    indexes = opened(store, folder, embedder)
    books = [Curator(store, slug=f"book-{place}") for place in range(MOST_HELD + 2)]
    for round_ in range(2):
        for book in books:
            write(book, f"a{round_}")
            check_in_step(indexes, book, embedder)


def test_nothing_accepted_nothing_found(
    ann: Curator, folder: Path, embedder: CountingEmbedder
) -> None:
    indexes = opened(ann.store, folder, embedder)
    query = embedder.row("a query")
    with ann.store.write() as session:
        curation.propose(ann.id, [Draft("behavior_a", "Do a.")], by="m", session=session)
    for _again in range(2):
        assert indexes.search(ann.id, query, 5).ids.tolist() == []
        assert [len(found.ids) for found in indexes.search_many(ann.id, query[None], 5)] == [0]
        assert indexes.scores(ann.id, query, [1, 2]) == {}
        there, kept = indexes.rows(ann.id, [])
    assert (there, kept.shape) == ([], (0, embedder.dimensions))
    assert embedder.calls == []


def test_many_queries_find_what_each_finds(
    ann: Curator, folder: Path, embedder: CountingEmbedder
) -> None:
    ids = write_many(ann)
    indexes = opened(ann.store, folder, embedder)
    queries = embedder.embed(["one", "two", "three"])
    found = indexes.search_many(ann.id, queries, 7)
    for one, query in zip(found, queries, strict=True):
        assert_found(one, indexes.search(ann.id, query, 7))
    scores = indexes.scores(ann.id, queries[0], [ids[3], 9_999, ids[0]])
    assert list(scores) == [ids[3], ids[0]]
    best = dict(zip(found[0].ids.tolist(), found[0].scores.tolist(), strict=True))
    again = indexes.scores(ann.id, queries[0], list(best))
    assert again == pytest.approx(best, abs=1e-12)


def test_adding_one_embeds_one(ann: Curator, folder: Path, embedder: CountingEmbedder) -> None:
    write_many(ann)
    indexes = opened(ann.store, folder, embedder)
    indexes.contents(ann.id)
    assert sum(embedder.calls) == MANY
    _forget_vectors(ann.store)
    write(ann, "a")
    check_in_step(indexes, ann, embedder)
    assert sum(embedder.calls) == MANY + 1
    assert set(embedder.asked.values()) == {1}


def test_an_embedder_that_fails_leaves_the_index_as_it_was(
    ann: Curator, folder: Path, embedder: CountingEmbedder
) -> None:
    gone = write(ann, "a")
    indexes = opened(ann.store, folder, embedder)
    assert set(indexes.contents(ann.id)) == {gone}
    curation.reject(ann.store, gone, version=version(ann.store, gone), by="ann", why="no")
    write(ann, "b")
    embedder.breaks_at = len(embedder.calls) + 1
    with pytest.raises(BrokenPipeError):
        indexes.search(ann.id, embedder.row("a query"), 5)
    embedder.breaks_at = None
    check_in_step(indexes, ann, embedder)


def test_threads_search_while_another_curates(
    ann: Curator, settings: Settings, folder: Path, embedder: CountingEmbedder
) -> None:
    write_many(ann, 30)
    indexes = opened(ann.store, folder, embedder)
    ended, query = threading.Event(), embedder.row("a query")

    def look() -> None:
        while not ended.is_set():
            found = indexes.search(ann.id, query, 10)
            indexes.scores(ann.id, query, found.ids.tolist())
            assert (np.diff(found.scores) <= 0).all()

    with ThreadPoolExecutor(4) as pool:
        looking = [pool.submit(look) for _ in range(4)]
        try:
            _curate(ann, random.Random(4), days=60)
        finally:
            ended.set()
    assert [one.exception() for one in looking] == [None] * 4
    check_like_new(indexes, ann)


def _curate(ann: Curator, chance: random.Random, days: int) -> None:
    kinds = ["write", "reject_many", "accept_many", "edit", "merge", "split", "import", "undo"]
    for _ in range(days):
        kind, text = chance.choice(kinds), chance.choice(SAYINGS)
        name, which, mask = chance.choice(NAMES), chance.randrange(12), chance.randrange(1, 256)
        act(ann, Action(kind, which, mask, name, text, ""))


# The file


def _forget_vectors(store: Store) -> None:
    """Without the kept vectors, what is in no file has to be embedded, which is counted."""
    with store.write() as session:
        session.exec(delete(VectorRow))


@pytest.fixture
def kept(ann: Curator, folder: Path) -> Path:
    """The file of a handbook of many, after which there is no kept vector."""
    write_many(ann)
    opened(ann.store, folder).contents(ann.id)
    _forget_vectors(ann.store)
    (path,) = folder.iterdir()
    return path


def check_repaired(ann: Curator, folder: Path, embedder: CountingEmbedder) -> None:
    """It is right at once, and in its file too."""
    check_in_step(opened(ann.store, folder, embedder), ann, embedder)
    _forget_vectors(ann.store)
    after = CountingEmbedder()
    check_in_step(opened(ann.store, folder, after), ann, after)
    assert after.calls == []


def test_a_start_reads_the_file_and_embeds_nothing(
    ann: Curator, folder: Path, kept: Path, embedder: CountingEmbedder
) -> None:
    check_in_step(opened(ann.store, folder, embedder), ann, embedder)
    assert embedder.calls == []


def test_after_an_old_file_only_what_changed_is_embedded(
    ann: Curator, folder: Path, kept: Path, embedder: CountingEmbedder
) -> None:
    old = kept.read_bytes()
    chance = random.Random(1)
    accepted = [one for one in ann.all() if one.status == "accepted"]
    for one in chance.sample(accepted, 20):
        curation.reject(ann.store, one.id, version=one.version, by="ann", why="no")
    _curate(ann, chance, days=60)
    opened(ann.store, folder).contents(ann.id)
    kept.write_bytes(old)
    _forget_vectors(ann.store)
    check_repaired(ann, folder, embedder)
    assert sum(embedder.calls) < MANY / 2


@pytest.mark.parametrize("share", [0, 0.001, 0.3, 0.6, 0.9, 0.999])
def test_a_truncated_file_is_made_again(
    ann: Curator, folder: Path, kept: Path, embedder: CountingEmbedder, share: float
) -> None:
    data = kept.read_bytes()
    kept.write_bytes(data[: int(share * len(data))])
    check_repaired(ann, folder, embedder)
    assert sum(embedder.calls) == MANY


@pytest.mark.parametrize("share", [0.02, 0.3, 0.5, 0.7, 0.9])
def test_a_flipped_byte_is_found(
    ann: Curator, folder: Path, kept: Path, embedder: CountingEmbedder, share: float
) -> None:
    data = bytearray(kept.read_bytes())
    data[int(share * len(data))] ^= 0x10
    kept.write_bytes(data)
    check_repaired(ann, folder, embedder)


def _small_file(path: Path) -> bytes:
    embedder = CountingEmbedder()
    texts = ["a", "b", "c"]
    digests = {number: Vectors.digest(text) for number, text in enumerate(texts, 1)}
    index_file.write(path, Index(list(digests), embedder.embed(texts)), digests)
    return path.read_bytes()


def _told(read: tuple[Index, dict[int, str]] | None) -> object:
    if read is None:
        return None
    index, digests = read
    return digests, index.rows(list(digests)).tolist()


@pytest.mark.parametrize("bit", [0, 2, 5, 6])
def test_whichever_bit_is_flipped_a_file_is_read_rightly_or_not_at_all(
    tmp_path: Path, bit: int
) -> None:
    path = tmp_path / "small.npz"
    data = _small_file(path)
    right = _told(index_file.read(path, 8))
    wrong: dict[int, str] = {}
    for place in range(len(data)):
        flipped = bytearray(data)
        flipped[place] ^= 1 << bit
        path.write_bytes(flipped)
        try:
            if _told(index_file.read(path, 8)) not in (right, None):
                wrong[place] = "other contents"
        except (RuntimeError, TypeError, AttributeError) as error:
            wrong[place] = repr(error)
    assert right is not None
    assert wrong == {}


def test_wherever_it_is_cut_a_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "small.npz"
    data = _small_file(path)
    for size in range(len(data)):
        path.write_bytes(data[:size])
        assert index_file.read(path, 8) is None


@pytest.mark.parametrize("size", [100, 800])
def test_a_file_that_cannot_be_read_is_closed(tmp_path: Path, size: int) -> None:
    path = tmp_path / "small.npz"
    path.write_bytes(_small_file(path)[:size])
    assert index_file.read(path, 8) is None
    assert str(path) not in {file.path for file in psutil.Process().open_files()}


def _arrays(path: Path, **changes: np.ndarray) -> None:
    """Writes the file anew with some of its arrays exchanged."""
    with np.load(path) as found:
        arrays = {**found, **changes}
    with path.open("wb") as file:
        np.savez(file, **arrays)


@pytest.mark.parametrize(
    "wrong",
    [
        {"rows": np.zeros((MANY, 9), np.float32)},
        {"rows": np.zeros((MANY - 1, 8), np.float32)},
        {"rows": np.zeros((MANY, 8), np.float64)},
        {"rows": np.zeros(8 * MANY, np.float32)},
        {"ids": np.zeros((MANY, 2), np.int64)},
        {"ids": np.arange(MANY, dtype=np.int32)},
        {"ids": np.array(5)},
        {"digests": np.zeros((MANY, 15), np.uint8)},
        {"digests": np.zeros((MANY, 16), np.int8)},
        {"rows": np.array([{"an": "object"}], object)},
    ],
    ids=lambda wrong: " ".join(f"{n} {a.shape} {a.dtype}" for n, a in wrong.items()),
)
def test_other_shapes_and_kinds_are_made_again(
    ann: Curator, folder: Path, kept: Path, embedder: CountingEmbedder, wrong: dict[str, np.ndarray]
) -> None:
    _arrays(kept, **wrong)
    check_repaired(ann, folder, embedder)
    assert sum(embedder.calls) == MANY


def _another(kept: Path, content: str) -> None:
    if content == "text":
        kept.write_text("not an index")
    elif content == "an archive without arrays":
        with kept.open("wb") as file:
            np.savez(file, other=np.zeros(3))
    else:
        with kept.open("wb") as file:
            np.save(file, np.zeros(3))


@pytest.mark.parametrize("content", ["text", "an archive without arrays", "one array"])
def test_what_is_no_index_is_made_again(
    ann: Curator, folder: Path, kept: Path, embedder: CountingEmbedder, content: str
) -> None:
    _another(kept, content)
    check_repaired(ann, folder, embedder)


def test_another_handbooks_file_under_this_name(
    ann: Curator, folder: Path, kept: Path, embedder: CountingEmbedder
) -> None:
    bob = Curator(ann.store, "bob", "other")
    write(bob, "a")
    write(bob, "n0")
    opened(ann.store, folder).contents(bob.id)
    (others,) = set(folder.iterdir()) - {kept}
    others.replace(kept)
    check_repaired(ann, folder, embedder)


def test_a_file_whose_ids_are_of_other_texts(
    ann: Curator, folder: Path, kept: Path, embedder: CountingEmbedder
) -> None:
    """As of another database: the same ids, all with other texts."""
    with np.load(kept) as found:
        turned = found["ids"][::-1]
    _arrays(kept, ids=turned)
    check_repaired(ann, folder, embedder)
    assert sum(embedder.calls) >= MANY - 1


@contextmanager
def _put_back(settings: Settings, to: Path) -> Iterator[None]:
    """Whatever is done inside, the database is afterwards as it was before."""
    path = settings.database_url.removeprefix("sqlite:///")
    _copy(path, str(to))
    yield
    _copy(str(to), path)


def _copy(one: str, other: str) -> None:
    source, target = sqlite3.connect(one), sqlite3.connect(other)
    with target:
        source.backup(target)
    source.close()
    target.close()


def test_a_database_put_back_to_an_earlier_copy(
    ann: Curator, settings: Settings, folder: Path, kept: Path, embedder: CountingEmbedder
) -> None:
    number = ann.number()
    with _put_back(settings, folder.parent / "copy.db"):
        _curate(ann, random.Random(2), days=40)
        opened(ann.store, folder).contents(ann.id)
    assert ann.number() == number
    check_repaired(ann, folder, embedder)


def test_a_database_put_back_while_the_index_is_open(
    ann: Curator, settings: Settings, folder: Path, kept: Path, embedder: CountingEmbedder
) -> None:
    indexes = opened(ann.store, folder, embedder)
    with _put_back(settings, folder.parent / "copy.db"):
        write(ann, "a")
        write(ann, "b")
        check_in_step(indexes, ann, embedder)
    check_in_step(indexes, ann, embedder)
    write(ann, "c")
    check_in_step(indexes, ann, embedder)


def test_a_folder_that_cannot_be_written(
    ann: Curator, tmp_path: Path, embedder: CountingEmbedder, caplog: pytest.LogCaptureFixture
) -> None:
    """Where the folder should be is a file: also root cannot write into that."""
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    write_many(ann, 10)
    indexes = opened(ann.store, blocked, embedder)
    check_in_step(indexes, ann, embedder)
    write(ann, "a")
    check_in_step(indexes, ann, embedder)
    check_like_new(opened(ann.store, blocked), ann)
    assert "was not kept" in caplog.text


def test_a_folder_in_place_of_the_file(
    ann: Curator, folder: Path, kept: Path, embedder: CountingEmbedder
) -> None:
    kept.unlink()
    kept.mkdir()
    check_in_step(opened(ann.store, folder, embedder), ann, embedder)
    assert list(folder.iterdir()) == [kept]  # nothing half-written is left beside it


def test_what_killed_programs_left_is_removed(
    ann: Curator, folder: Path, kept: Path, embedder: CountingEmbedder
) -> None:
    dead = kept.with_name(f"{kept.name}.{2**22 + 7}.tmp")
    alive = kept.with_name(f"{kept.name}.1.tmp")
    other = kept.with_name(f"{kept.name}.notes.tmp")
    for path in (dead, alive, other):
        path.write_bytes(b"half")
    check_in_step(opened(ann.store, folder, embedder), ann, embedder)
    assert set(folder.iterdir()) == {kept, alive, other}
