"""`bench retrieval`: the index, its file, a start and an addition, on made-up vectors.

Searches are compared with numpy in the same run, in turns, so that what else the machine does
weighs on both. Everything happens in a temporary folder, whose files are in the system's cache as
they would be after a restart of the program alone. No embedder takes part: vectors are at hand.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import mean, median
from tempfile import TemporaryDirectory
from time import sleep

import click
import numpy as np

from core.cli.bench_map import SIZE as MAPPED
from core.cli.bench_map import map_rows
from core.cli.bench_rows import Result, Row, machine, show_rows, timed
from core.cli.output import as_json_option, say
from core.errors import VademecumError
from core.handbook import curation, shelf
from core.handbook.curation import Draft
from core.handbook.steps import add_in_step
from core.handbook.synthetic import synthetic
from core.retrieval import index_file
from core.retrieval.embedder import Matrix
from core.retrieval.index import Found, Ids, Index
from core.retrieval.indexes import Indexes
from core.retrieval.made_up import DIMENSIONS, Absent, MadeUp, made_up
from core.retrieval.query import K
from core.retrieval.vectors import STORED, Vectors, embedded_text
from core.store import Store
from core.store import vectors as vector_rows
from core.store.records import Behavior

SIZES = (10_000, 100_000, 1_000_000)
IN_A_STORE = 100_000  # behaviors at most
QUERIES, A_TURN = 96, 12
ADDED = 20  # one by one, the last of each size
WARMING = 3
# After numpy's threads have worked they stay awake for a while, in the way of those of FAISS.
REST = 0.1
AT_A_TIME = 10_000
BY = "bench"


@click.command()
@click.option("--size", "sizes", type=click.IntRange(min=100), multiple=True, default=SIZES)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--map/--no-map", "mapped", default=True, help="Measure the map as well.")
@as_json_option
def retrieval(sizes: Sequence[int], seed: int, mapped: bool, as_json: bool) -> None:
    """The 40 most alike among so many vectors; an index's file, a start, an added behavior; a map.

    The map is of 10,000 behaviors, or of the largest size where all are smaller.
    """
    say(machine())
    rows = [row for size in sizes for row in _measured(size, seed)]
    if mapped:
        rows += map_rows(min(MAPPED, max(sizes)), seed)
    show_rows(rows, as_json)


def _measured(size: int, seed: int) -> Iterator[Row]:
    say(f"Retrieval among {size:,} …")
    made = made_up(size, QUERIES, seed)
    with TemporaryDirectory(prefix="vademecum-bench-") as folder:
        yield from _of_index(made, Path(folder))
        if size <= IN_A_STORE:
            yield from _of_store(made, Path(folder), seed)


def _of_index(made: MadeUp, folder: Path) -> Iterator[Row]:
    """The index alone; it reaches its size by the additions, which are not to outgrow it."""
    size, first = len(made.rows), len(made.rows) - ADDED
    index, seconds = timed(lambda: Index(np.arange(first), made.rows[:first]))
    yield Row("retrieval: index made", size, seconds, "s")
    added = [
        timed(partial(index.put, [at], made.rows[at : at + 1]))[1] for at in range(first, size)
    ]
    yield from _times("retrieval: one added to the index", size, added)
    yield from _of_search(made, index)
    digests = {number: f"{number:032x}" for number in range(size)}
    path = folder / "index.npz"
    _none, seconds = timed(partial(index_file.write, path, index, digests))
    yield Row("retrieval: index file written", size, seconds, "s")
    del index  # a million vectors are not to be there once more
    read, seconds = timed(lambda: index_file.read(path, DIMENSIONS))
    if read is None or len(read[0]) != size:
        raise VademecumError(f"The file of an index of {size:,} could not be read again.")
    yield Row("retrieval: index file read", size, seconds, "s")


def _of_search(made: MadeUp, index: Index) -> Iterator[Row]:
    size = len(made.rows)
    found, seconds = _searched(made, index)
    yield Row("retrieval: search", size, 1000 * seconds.search, "ms")
    yield Row("retrieval: numpy product", size, 1000 * seconds.product, "ms")
    yield Row("retrieval: search by product", size, seconds.search / seconds.product, "times")
    true = _by_brute_force(made)
    pairs = list(zip(found, true, strict=True))
    if index.exact:
        same = mean(float(np.array_equal(one.ids, ids)) for one, ids in pairs)
        yield Row("retrieval: same as brute force", size, same, "share")
        return
    recall = mean(len(np.intersect1d(one.ids, ids)) / len(ids) for one, ids in pairs)
    yield Row(f"retrieval: recall@{K}", size, recall, "share")
    yield Row("retrieval: numpy product and best 40", size, 1000 * seconds.exact, "ms")
    yield Row("retrieval: faster than exact", size, seconds.exact / seconds.search, "times")


@dataclass(frozen=True)
class _Seconds:
    """Medians for one query; `exact` is the product and the best K of it."""

    search: float
    product: float
    exact: float


def _searched(made: MadeUp, index: Index) -> tuple[list[Found], _Seconds]:
    """What was found for each query, and how long it took, numpy and the index in turns."""
    found: list[Found] = []
    searches: list[float] = []
    exact: list[tuple[float, float]] = []
    for start in range(0, len(made.queries), A_TURN):
        queries = made.queries[start : start + A_TURN]
        exact += _after_warming(lambda query: _product(made.rows, query), queries)
        turn = _after_warming(lambda query: timed(lambda: index.search(query, K)), queries)
        found += [one for one, _seconds in turn]
        searches += [seconds for _one, seconds in turn]
    products, wholes = zip(*exact, strict=True)
    return found, _Seconds(median(searches), median(products), median(wholes))


def _after_warming(work: Callable[[Matrix], Result], queries: Matrix) -> list[Result]:
    sleep(REST)
    for query in queries[-WARMING:]:
        work(query)
    return [work(query) for query in queries]


def _product(rows: Matrix, query: Matrix) -> tuple[float, float]:
    """Seconds of the product alone, and with its best K."""
    scores, product = timed(lambda: rows @ query)
    _best, rest = timed(lambda: np.argpartition(scores, -K)[-K:])
    return product, product + rest


def _by_brute_force(made: MadeUp) -> list[Ids]:
    """The best K for each query, the most alike first, by products in float64."""
    queries = made.queries.astype(np.float64)
    ids, scores = [], []
    for start in range(0, len(made.rows), AT_A_TIME):
        products = queries @ made.rows[start : start + AT_A_TIME].astype(np.float64).T
        best = np.argsort(-products, axis=1)[:, :K]
        ids.append(start + best)
        scores.append(np.take_along_axis(products, best, axis=1))
    of_each = zip(np.concatenate(ids, axis=1), np.concatenate(scores, axis=1), strict=True)
    return [found[np.lexsort((found, -score))[:K]] for found, score in of_each]


def _of_store(made: MadeUp, folder: Path, seed: int) -> Iterator[Row]:
    """As the program does it: a database, and an index that is kept in step with it."""
    size = len(made.rows)
    url = f"sqlite:///{folder / 'bench.db'}"
    drafts = synthetic(size, seed).drafts
    with closing(Store.open(url)) as store:
        book, proposed = _fill(store, drafts, made.rows)
    for name in ("retrieval: first start, no index file", "retrieval: start"):
        Vectors.digest.cache_clear()  # as in a new process
        _none, seconds = timed(lambda: _start(url, folder, book, made.queries[0]))
        yield Row(name, size, seconds, "s")
    with closing(Store.open(url)) as store:
        accept = [partial(curation.accept, store, number, version=1, by=BY) for number in proposed]
        new = drafts[size - ADDED + len(proposed) :]
        write = [partial(curation.write, store, book, draft, by=BY) for draft in new]
        indexes = _indexes(store, folder)
        indexes.search(book, made.queries[0], K)
        steps = zip([*accept, *write], made.rows[size - ADDED :], strict=True)
        seconds_each = [timed(partial(_until_found, *step, indexes))[1] for step in steps]
    yield from _times("retrieval: one accepted and found", size, seconds_each[: len(accept)])
    yield from _times("retrieval: one written and found", size, seconds_each[len(accept) :])


def _fill(store: Store, drafts: Sequence[Draft], rows: Matrix) -> tuple[int, list[int]]:
    """A handbook, and vectors for all drafts; of the last ADDED half are proposed, half nothing.

    Gives its id and those of the proposals.
    """
    book = shelf.create(store, "bench", by=BY).id
    accepted = drafts[: len(drafts) - ADDED]
    for start in range(0, len(drafts), AT_A_TIME):
        some = drafts[start : start + AT_A_TIME]
        texts = [embedded_text(draft.name, draft.instruction) for draft in some]
        stored = [row.tobytes() for row in rows[start : start + AT_A_TIME].astype(STORED)]
        kept = dict(zip(map(Vectors.digest, texts), stored, strict=True))
        news = [
            {"name": d.name, "instruction": d.instruction, "topic": d.topic, "status": "accepted"}
            for d in accepted[start : start + AT_A_TIME]
        ]
        with store.write() as session:
            vector_rows.put_vectors(Absent.name, kept, session=session)
            add_in_step(book, "import", news, by=BY, session=session)
    waiting = drafts[len(accepted) :][: ADDED // 2]
    with store.write() as session:
        proposed = curation.propose(book, waiting, by=BY, session=session)
    return book, [behavior.id for behavior in proposed]


def _indexes(store: Store, folder: Path) -> Indexes:
    return Indexes(store, Vectors(store, Absent()), folder / "indexes")


def _start(url: str, folder: Path, book: int, query: Matrix) -> None:
    """Until the first search has answered."""
    with closing(Store.open(url)) as store:
        _indexes(store, folder).search(book, query, K)


def _until_found(step: Callable[[], Behavior], row: Matrix, indexes: Indexes) -> None:
    behavior = step()
    found = indexes.search(behavior.handbook_id, row, K)
    if behavior.id not in found.ids:
        raise VademecumError(f"Behavior {behavior.id} was accepted and is not found.")


def _times(name: str, size: int, seconds: Sequence[float]) -> Iterator[Row]:
    yield Row(f"{name}, median", size, 1000 * median(seconds), "ms")
    yield Row(f"{name}, slowest", size, 1000 * max(seconds), "ms")
