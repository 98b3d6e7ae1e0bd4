"""Real problems, the real embedder, the starter handbook: are topics and behaviors found?

The problems with a label are not those that are asked, which are of MATH-500.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.evaluation import sets
from core.evaluation.problems import NewProblem, read_file
from core.handbook import importing, shelf
from core.retrieval.embedder import SentenceEmbedder
from core.retrieval.indexes import Indexes
from core.retrieval.query import Query, Retrieved
from core.retrieval.retriever import retrieve
from core.retrieval.sources import Sources
from core.retrieval.vectors import Vectors
from core.store import Store
from tests.real_data import real_file

pytestmark = [pytest.mark.live, pytest.mark.timeout(600)]
HANDBOOKS = Path(__file__).parents[3] / "handbooks"
K = 10
UNRELATED = 0.15


@dataclass(frozen=True)
class Asked:
    """Problems, each with its subject as the topic, and what each got."""

    problems: list[NewProblem]
    alone: list[Retrieved]  # before there were labelled problems
    labelled: list[Retrieved]
    related: list[Retrieved]  # of what is at least UNRELATED


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path_factory.mktemp('real') / 'real.db'}")
    importing.load_starters(opened, HANDBOOKS)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def asked(
    store: Store, minilm: SentenceEmbedder, tmp_path_factory: pytest.TempPathFactory
) -> Asked:
    """Embeds some 1,700 texts, once for all tests."""
    problems = read_file(real_file("math500_dev.jsonl"))
    examples = read_file(real_file("math_train_sample.jsonl"))
    vectors = Vectors(store, minilm)
    indexes = Indexes(store, vectors, tmp_path_factory.mktemp("indexes"))
    source, book = Sources(store, vectors, indexes), shelf.find(store, "math-foundations").id
    vectors.fill([problem.text for problem in problems])

    def ask(at_least: float = 0.0) -> list[Retrieved]:
        queries = [Query(problem.text, k=K, at_least=at_least) for problem in problems]
        return [retrieve(source, book, query) for query in queries]

    alone = ask()
    sets.import_set(store, "MATH examples", examples, by="tester")
    vectors.fill([example.text for example in examples])
    return Asked(problems, alone, ask(), ask(UNRELATED))


def test_what_is_asked_is_not_among_the_examples(asked: Asked) -> None:
    """Or the vote would only have to remember."""
    examples = read_file(real_file("math_train_sample.jsonl"))
    known = {"".join(problem.text.split()) for problem in examples}
    assert not known & {"".join(problem.text.split()) for problem in asked.problems}


def test_topics_are_found(asked: Asked, capsys: pytest.CaptureFixture[str]) -> None:
    alone, labelled = (_right(asked.problems, found) for found in (asked.alone, asked.labelled))
    with capsys.disabled():
        print(f"\ntopics right: {labelled:.1%}; by the handbook alone: {alone:.1%}")
        print(_confusion(asked.problems, asked.labelled))
    assert labelled >= 0.65
    assert alone > 2 / 7
    assert labelled > alone


def test_a_sure_vote_is_right_more_often(asked: Asked, capsys: pytest.CaptureFixture[str]) -> None:
    pairs = zip(asked.problems, asked.labelled, strict=True)
    ranked = sorted(pairs, key=lambda pair: pair[1].confidence or 0)
    half = len(ranked) // 2
    unsure, sure = (_right(*zip(*some, strict=True)) for some in (ranked[:half], ranked[half:]))
    with capsys.disabled():
        print(f"\ntopics right: the surer half {sure:.1%}, the other {unsure:.1%}")
    assert sure > unsure + 0.1


def test_a_behavior_of_the_subject_is_there(
    asked: Asked, capsys: pytest.CaptureFixture[str]
) -> None:
    everything, related = (_served(asked.problems, f) for f in (asked.labelled, asked.related))
    sizes = [len(found.hits) for found in asked.related]
    with capsys.disabled():
        print(f"\na behavior of the subject among {K}: {everything:.1%}")
        print(f"with a similarity of {UNRELATED} or more: {related:.1%}", end="; ")
        print(f"{sum(sizes) / len(sizes):.1f} behaviors each, none for {sizes.count(0)}")
    assert all(len(found.hits) == K for found in asked.labelled)
    assert everything >= 0.9
    assert related <= everything


def _right(problems: Sequence[NewProblem], found: Sequence[Retrieved]) -> float:
    pairs = zip(problems, found, strict=True)
    return sum(problem.topic == got.topic for problem, got in pairs) / len(problems)


def _served(problems: Sequence[NewProblem], found: Sequence[Retrieved]) -> float:
    """The share of problems that got a behavior of their subject."""
    pairs = zip(problems, found, strict=True)
    there = [problem.topic in {hit.behavior.topic for hit in got.hits} for problem, got in pairs]
    return sum(there) / len(there)


def _confusion(problems: Sequence[NewProblem], found: Sequence[Retrieved]) -> str:
    """A row for each true subject, a column for each that was found, in the same order."""
    pairs = zip(problems, found, strict=True)
    counts = Counter((problem.topic, got.topic) for problem, got in pairs)
    topics = sorted({topic for pair in counts for topic in pair})
    return "\n".join(
        f"{true:>24}" + "".join(f"{counts[true, got]:>5}" for got in topics) for true in topics
    )
