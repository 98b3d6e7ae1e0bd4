"""`bench topics`: how well the topic of your own problems is found, and behaviors of that topic.

The handbook's accepted behaviors are copied to a temporary store, and the labelled problems are put
there only; nothing comes into the store of the workbench but vectors of the texts, which are kept
as always.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from core.cli.bench_rows import Row, machine, show_rows
from core.cli.output import as_json_option, counted, fill_vectors, say, workbench
from core.errors import BadInput
from core.evaluation import sets
from core.evaluation.problems import NewProblem, read_file
from core.handbook import shelf
from core.handbook.steps import TEXT_FIELDS, add_in_step
from core.retrieval.indexes import Indexes
from core.retrieval.query import Query
from core.retrieval.retriever import retrieve
from core.retrieval.sources import Sources
from core.retrieval.vectors import Vectors, embedded_text
from core.store import Store
from core.store.records import Behavior

BY = "bench"
SHARE = "share"
FILE = click.Path(path_type=Path)


@dataclass(frozen=True)
class _Copy:
    """A handbook in a temporary store."""

    store: Store
    sources: Sources
    handbook_id: int


@click.command()
@click.option("--problems", "file", type=FILE, required=True, help="With their topics.")
@click.option("--labelled", "voters", type=FILE, help="Others with topics, which are to vote.")
@click.option("--handbook", "slug", required=True, help="The handbook's slug.")
@click.option("--k", type=click.IntRange(min=1), default=10, show_default=True)
@as_json_option
def topics(file: Path, voters: Path | None, slug: str, k: int, as_json: bool) -> None:
    """Find the topic of problems that have one, and behaviors of that topic among K.

    Nothing is kept but vectors.
    """
    problems = _with_topic(file)
    voting = _without(problems, _with_topic(voters)) if voters else []
    say(machine())
    with workbench() as app:
        accepted = shelf.behaviors(app.store, shelf.find(app.store, slug))
        if not accepted:
            raise BadInput(
                f"The handbook {slug} has no accepted behavior: there is nothing to find."
            )
        vectors, _indexes = app.sources.needed()
        texts = [embedded_text(behavior.name, behavior.instruction) for behavior in accepted]
        fill_vectors(vectors, [*texts, *(problem.text for problem in (*problems, *voting))])
        with _copied(accepted, vectors) as copy:
            rows, below = _measured(copy, problems, voting, k, app.unrelated)
    show_rows(rows, as_json, below)


def _with_topic(file: Path) -> list[NewProblem]:
    """The file's problems that have a topic, each text once, the first kept."""
    read = read_file(file)
    found = {problem.text: problem for problem in reversed(read) if problem.topic}
    if not found:
        raise BadInput(f"{file.name} has no problem with a topic: there is nothing to compare.")
    if len(found) < len(read):
        say(f"{file.name}: {counted(len(read) - len(found), 'row')} without a topic or repeated.")
    return list(reversed(found.values()))


def _without(problems: Sequence[NewProblem], voting: Sequence[NewProblem]) -> list[NewProblem]:
    """A problem does not vote on itself."""
    asked = {problem.text for problem in problems}
    others = [problem for problem in voting if problem.text not in asked]
    if not others:
        raise BadInput("All labelled problems are among the problems asked: none is left to vote.")
    if len(others) < len(voting):
        number = counted(len(voting) - len(others), "labelled problem")
        say(f"{number} left out: they are among the problems asked.")
    return others


@contextmanager
def _copied(accepted: Sequence[Behavior], vectors: Vectors) -> Iterator[_Copy]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="vademecum-bench-")))
        store = stack.enter_context(closing(Store.open(f"sqlite:///{folder / 'bench.db'}")))
        book = shelf.create(store, "bench", by=BY)
        names = (*TEXT_FIELDS, "status")
        news = [{name: getattr(behavior, name) for name in names} for behavior in accepted]
        with store.write() as session:
            add_in_step(book.id, "copy", news, by=BY, session=session)
        sources = Sources(store, vectors, Indexes(store, vectors, folder / "indexes"))
        yield _Copy(store, sources, book.id)


def _measured(
    copy: _Copy, problems: Sequence[NewProblem], voting: Sequence[NewProblem], k: int, near: float
) -> tuple[list[Row], list[str]]:
    """The rows, and the lines of the confusion table; `near` is the smallest similarity."""
    total = len(problems)
    own = [problem.topic for problem in problems]
    found, with_any = _retrieved(copy, problems, k, at_least=0.0)
    _found, with_near = _retrieved(copy, problems, k, at_least=near)
    by_behaviors = _share("topic by behaviors alone", _number_right(own, found), total)
    by_both: list[Row] = []
    if voting:
        sets.import_set(copy.store, "labelled", voting, by=BY)
        found, _with = _retrieved(copy, problems, k, at_least=0.0)
        by_both = _share(f"topic with {len(voting):,} labelled", _number_right(own, found), total)
    there = {topic.casefold() for topic in copy.sources.topics(copy.handbook_id)}
    of_book = sum(topic.casefold() in there for topic in own)
    rows = [
        *by_behaviors,
        *by_both,
        Row("topic by guessing the commonest", total, _commonest(own) / total, SHARE),
        Row("topic is one of the handbook", total, of_book / total, SHARE),
        *_share(f"own topic among {k}", with_any, total),
        *_share(f"own topic among {k}, at least {near:g}", with_near, total),
    ]
    return rows, _confusion(own, found)


def _retrieved(
    copy: _Copy, problems: Sequence[NewProblem], k: int, at_least: float
) -> tuple[list[str], int]:
    """The topic found for each, and how many got a behavior of the topic they have."""
    found, with_own = [], 0
    for problem in problems:
        query = Query(problem.text, k=k, at_least=at_least)
        retrieved = retrieve(copy.sources, copy.handbook_id, query)
        topics = {hit.behavior.topic.casefold() for hit in retrieved.hits}
        found.append(retrieved.topic)
        with_own += problem.topic.casefold() in topics
    return found, with_own


def _number_right(own: Sequence[str], found: Sequence[str]) -> int:
    return sum(a.casefold() == b.casefold() for a, b in zip(own, found, strict=True))


def _commonest(own: Sequence[str]) -> int:
    return Counter(map(str.casefold, own)).most_common(1)[0][1]


def _share(name: str, number: int, total: int) -> list[Row]:
    """With Wilson's interval of 95%."""
    from scipy.stats import binomtest  # takes a second, which other commands are not to wait for

    interval = binomtest(number, total).proportion_ci(method="wilson")
    parts = {"": number / total, ", from": interval.low, ", to": interval.high}
    return [Row(f"{name}{end}", total, float(value), SHARE) for end, value in parts.items()]


def _confusion(own: Sequence[str], found: Sequence[str]) -> list[str]:
    """A line for each topic of the problems, a column for each that was found."""
    spelled = {topic.casefold(): topic for topic in (*found, *own)}
    names = sorted(spelled)
    counts = Counter((a.casefold(), b.casefold()) for a, b in zip(own, found, strict=True))
    width = max(map(len, names))
    columns = [name for name in names if any(counts[one, name] for one in names)]
    lines = [f"{'':{width}}      {''.join(f'{names.index(c) + 1:>5}' for c in columns)}"]
    for number, name in enumerate(names, 1):
        cells = "".join(f"{counts[name, column]:>5}" for column in columns)
        lines.append(f"{number:>3}  {spelled[name] or 'none':{width}} {cells}")
    return ["", "Topic (lines) and what was found (columns, by the numbers of the lines):", *lines]
