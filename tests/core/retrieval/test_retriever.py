"""Retrieval: what a problem gets, in which order, and what is said about why.

Texts lie on a circle, at angles the tests choose: the problem at 0, so that a behavior at 60
degrees has the similarity 0.5.
"""

import math
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import BadInput, ModelUnavailable
from core.evaluation import sets
from core.evaluation.problems import NewProblem
from core.handbook import curation, shelf
from core.handbook.curation import Draft
from core.retrieval.embedder import Matrix
from core.retrieval.indexes import Indexes
from core.retrieval.query import Query, Retrieved
from core.retrieval.retriever import retrieve, similarities
from core.retrieval.sources import Sources
from core.retrieval.vectors import Vectors, embedded_text
from core.store import Store
from tests.core.retrieval.counting import CountingEmbedder

PROBLEM = "How many digits?"


class Circle(CountingEmbedder):
    """Puts texts at angles, those without one straight behind the problem."""

    def __init__(self) -> None:
        super().__init__("circle", 2)
        self.degrees: dict[str, float] = {PROBLEM: 0}

    def row(self, text: str) -> Matrix:
        angle = math.radians(self.degrees.get(text, 180))
        return np.array([math.cos(angle), math.sin(angle)], np.float32)


class Shop:
    """A handbook, its embedder, and questions to it."""

    def __init__(self, store: Store, folder: Path):
        self.store = store
        self.embedder = Circle()
        self.vectors = Vectors(store, self.embedder)
        self.source = Sources(store, self.vectors, Indexes(store, self.vectors, folder))
        self.book = shelf.create(store, "book", by="ann").id

    def write(
        self, name: str, degrees: float, topic: str = "", text: str = "", book: int = 0
    ) -> int:
        draft = Draft(f"behavior_{name}", text or f"Say {name}.", topic)
        self.embedder.degrees[embedded_text(draft.name, draft.instruction)] = degrees
        return curation.write(self.store, book or self.book, draft, by="ann").id

    def reject(self, number: int) -> None:
        seen = curation.look_up(self.store, number)
        curation.reject(self.store, number, version=seen.version, by="ann", why="no")

    def label(self, text: str, topic: str, degrees: float) -> None:
        """A problem with a topic, in a set of its own."""
        self.embedder.degrees[text] = degrees
        name = f"set {len(self.embedder.degrees)}"
        sets.import_set(self.store, name, [NewProblem(text, topic=topic)], by="ann")
        self.vectors.fill([text])

    def ask(self, problem: str = PROBLEM, **fields: Any) -> Retrieved:
        found = retrieve(self.source, self.book, Query(problem, **fields))
        assert [hit.rank for hit in found.hits] == list(range(1, len(found.hits) + 1))
        assert len({hit.behavior.id for hit in found.hits}) == len(found.hits)
        assert all(hit.behavior.status == "accepted" for hit in found.hits)
        return found

    def names(self, problem: str = PROBLEM, **fields: Any) -> list[str]:
        return names(self.ask(problem, **fields))

    def without_embedder(self) -> "Shop":
        self.source = Sources(self.store, None, None)
        return self


def names(found: Retrieved) -> list[str]:
    return [hit.behavior.name.removeprefix("behavior_") for hit in found.hits]


@pytest.fixture
def shop(store: Store, tmp_path: Path) -> Shop:
    return Shop(store, tmp_path / "indexes")


@pytest.fixture
def six(shop: Shop) -> dict[str, int]:
    """Six behaviors, each further from the problem than the last; name -> id."""
    topics = {"a": "Counting", "b": "Geometry", "c": "Counting", "d": "Geometry", "e": "", "f": ""}
    return {
        name: shop.write(name, degrees, topics[name])
        for name, degrees in zip("abcdef", (10, 30, 50, 70, 85, 100), strict=True)
    }


def cosine(degrees: float) -> Any:
    return pytest.approx(math.cos(math.radians(degrees)), abs=1e-6)


# By topic


def test_a_given_topic_brings_all_of_it_the_nearest_first(shop: Shop, six: dict[str, int]) -> None:
    found = shop.ask(by="topic", topic="Counting", k=None)
    assert (found.by, found.topic, found.confidence) == ("topic", "Counting", None)
    assert names(found) == ["a", "c"]
    assert [hit.score for hit in found.hits] == [cosine(10), cosine(50)]
    assert found.votes.shares == {}


@pytest.mark.parametrize("topic", ["counting", " COUNTING ", "Counting"])
def test_letter_case_of_a_topic_does_not_matter(
    shop: Shop, six: dict[str, int], topic: str
) -> None:
    found = shop.ask(by="topic", topic=topic)
    assert (found.topic, names(found)) == ("Counting", ["a", "c"])


def test_of_two_spellings_the_one_that_was_given_is_meant(shop: Shop) -> None:
    shop.write("upper", 10, "Algebra")
    shop.write("lower", 20, "algebra")
    assert shop.names(by="topic", topic="Algebra") == ["upper"]
    assert shop.names(by="topic", topic="algebra") == ["lower"]


def test_topics_are_not_only_english(shop: Shop) -> None:
    shop.write("a", 10, "Größen und Maße")
    shop.write("b", 20, "几何")
    assert shop.names(by="topic", topic="GRÖSSEN UND MASSE") == ["a"]
    assert shop.names(by="topic", topic="几何") == ["b"]


def test_a_topic_nobody_has_brings_nothing(shop: Shop, six: dict[str, int]) -> None:
    found = shop.ask(by="topic", topic="Cooking")
    assert (found.topic, found.hits) == ("Cooking", ())


def test_by_topic_k_caps(shop: Shop, six: dict[str, int]) -> None:
    assert shop.names(by="topic", topic="Counting", k=1) == ["a"]
    many = {f"m{n}": shop.write(f"m{n}", n, "Many") for n in range(45)}
    assert len(shop.names(by="topic", topic="Many", k=None)) == len(many)
    assert len(shop.names(by="topic", topic="Many", k=40)) == 40


def test_a_topic_is_found_by_what_is_near(shop: Shop, six: dict[str, int]) -> None:
    found = shop.ask(by="topic")
    assert (found.topic, names(found)) == ("Counting", ["a", "c"])
    assert list(found.votes.shares) == ["Counting", "Geometry"]
    assert found.confidence == found.votes.shares["Counting"] > 0.5
    assert sum(found.votes.shares.values()) == pytest.approx(1)


def test_labelled_problems_vote_too(shop: Shop, six: dict[str, int]) -> None:
    shop.label("How many sides?", "geometry", 2)
    shop.label("How many corners?", "Geometry", 5)
    assert shop.ask(by="topic").topic == "Geometry"


def test_labels_that_the_handbook_does_not_have_do_not_vote(
    shop: Shop, six: dict[str, int]
) -> None:
    before = shop.ask().votes
    shop.label("How many eggs?", "Cooking", 1)
    shop.label("How many?", "", 1)
    assert shop.ask().votes == before


def test_labels_without_a_vector_do_not_vote_yet(shop: Shop, six: dict[str, int]) -> None:
    text = "How many sides?"
    sets.import_set(shop.store, "dev", [NewProblem(text, topic="Geometry")], by="ann")
    shop.embedder.degrees[text] = 0
    before = shop.ask().votes.shares["Geometry"]
    shop.vectors.fill([text])
    assert shop.ask().votes.shares["Geometry"] > before
    assert shop.embedder.asked[text] == 1


def test_a_topic_whose_last_behavior_went_is_not_found(shop: Shop, six: dict[str, int]) -> None:
    shop.label("How many digits are there?", "Counting", 0)
    for name in "ac":
        shop.reject(six[name])
    assert shop.ask(by="topic").topic == "Geometry"


def test_without_any_topic_none_is_found(shop: Shop) -> None:
    shop.write("a", 10)
    found = shop.ask(by="topic")
    assert (found.topic, found.confidence) == ("", None)
    assert shop.names() == ["a"]


def test_without_an_embedder_a_given_topic_will_do(shop: Shop, six: dict[str, int]) -> None:
    found = shop.without_embedder().ask(by="topic", topic="counting", at_least=0.5, diversity=0.5)
    assert names(found) == ["a", "c"]  # by name
    assert [(hit.score, hit.similarity, hit.keyword) for hit in found.hits] == [(None,) * 3] * 2
    assert found.hits[0].why == "topic Counting"
    pinned = shop.ask(by="topic", topic="counting", pinned=(six["d"],), dropped=(six["a"],))
    assert names(pinned) == ["d", "c"]


@pytest.mark.parametrize("by", ["topic", "embedding", "hybrid"])
def test_without_an_embedder_a_sentence_says_what_to_do(
    shop: Shop, six: dict[str, int], by: str
) -> None:
    with pytest.raises(ModelUnavailable, match=r"models pull all-minilm-l6-v2.*by topic"):
        shop.without_embedder().ask(by=by)
    if by != "topic":
        with pytest.raises(ModelUnavailable):
            shop.ask(by=by, topic="Counting")


# By embedding


def test_the_nearest_come_first(shop: Shop, six: dict[str, int]) -> None:
    found = shop.ask(k=3)
    assert (found.by, names(found)) == ("embedding", ["a", "b", "c"])
    assert [hit.score for hit in found.hits] == [cosine(10), cosine(30), cosine(50)]
    assert [hit.similarity for hit in found.hits] == [hit.score for hit in found.hits]
    assert shop.names() == list("abcdef")
    assert shop.names(k=6) == list("abcdef")
    assert shop.names(k=1) == ["a"]


def test_equally_near_ones_come_by_id(shop: Shop) -> None:
    for name in "dbca":
        shop.write(name, 20)
    assert shop.names(k=3) == ["d", "b", "c"]


def test_no_more_than_40_where_k_is_not_said(shop: Shop) -> None:
    for number in range(45):
        shop.write(f"n{number}", number)
    assert shop.names() == [f"n{number}" for number in range(40)]


@pytest.mark.parametrize(
    ("at_least", "expected"),
    [(0.99, ""), (0.6, "abc"), (0.3, "abcd"), (0.01, "abcde"), (0, "abcdef")],
)
def test_what_is_less_similar_is_left_out(
    shop: Shop, six: dict[str, int], at_least: float, expected: str
) -> None:
    assert shop.names(at_least=at_least) == list(expected)


@pytest.mark.parametrize("by", ["topic", "hybrid"])
def test_the_least_similarity_counts_otherwise_too(
    shop: Shop, six: dict[str, int], by: str
) -> None:
    expected = ["a"] if by == "topic" else ["a", "b"]
    assert shop.names("How many digits?", by=by, at_least=0.7) == expected


def test_what_is_dropped_is_replaced_by_the_next(shop: Shop, six: dict[str, int]) -> None:
    assert shop.names(k=3, dropped=(six["a"], six["c"])) == ["b", "d", "e"]
    assert shop.names(k=3, dropped=(999,)) == ["a", "b", "c"]
    assert shop.names(dropped=tuple(six.values())) == []


def test_what_is_pinned_is_there_and_counts(shop: Shop, six: dict[str, int]) -> None:
    found = shop.ask(k=3, pinned=(six["f"],))
    assert names(found) == ["f", "a", "b"]
    assert found.hits[0].why.startswith("pinned")
    assert found.hits[0].similarity == cosine(100)
    assert shop.names(k=3, pinned=(six["b"],)) == ["b", "a", "c"]
    assert shop.names(k=1, pinned=(six["f"],)) == ["f"]
    assert shop.names(at_least=0.9, pinned=(six["d"], six["f"])) == ["d", "f", "a"]
    assert shop.names(by="topic", topic="Counting", pinned=(six["d"],)) == ["d", "a", "c"]


def test_a_pin_given_twice_counts_once(shop: Shop, six: dict[str, int]) -> None:
    assert shop.names(k=3, pinned=(six["f"], six["f"])) == ["f", "a", "b"]


def test_pins_above_k_are_all_there_or_refused(shop: Shop, six: dict[str, int]) -> None:
    """`Query` promises: they are always among the `k`."""
    pinned = (six["d"], six["e"], six["f"])
    try:
        found = shop.names(k=2, pinned=pinned)
    except BadInput:
        return
    assert set("def") <= set(found)


def test_only_an_accepted_one_of_this_handbook_can_be_pinned(
    shop: Shop, six: dict[str, int]
) -> None:
    shop.reject(six["a"])
    other = shop.write("x", 5, book=shelf.create(shop.store, "other", by="ann").id)
    with shop.store.write() as session:
        drafts = [Draft("behavior_p", "Do p.")]
        (proposed,) = curation.propose(shop.book, drafts, by="m", session=session)
    for number in (six["a"], other, proposed.id, 999):
        with pytest.raises(BadInput, match=f"Behavior {number} cannot be pinned"):
            shop.ask(pinned=(six["b"], number))


def test_only_what_is_accepted_is_found(shop: Shop, six: dict[str, int]) -> None:
    shop.write("x", 1, book=shelf.create(shop.store, "other", by="ann").id)
    assert shop.names(k=2) == ["a", "b"]
    shop.reject(six["a"])
    assert shop.names(k=2) == ["b", "c"]
    assert shop.names(by="topic", topic="Counting") == ["c"]
    assert "a" not in shop.names(by="hybrid")
    shop.write("new", 0)
    assert shop.names(k=2) == ["new", "b"]


def test_what_a_larger_k_would_bring(shop: Shop, six: dict[str, int]) -> None:
    found = similarities(shop.source, shop.book, PROBLEM, 3)
    assert found == [cosine(10), cosine(30), cosine(50)]
    assert len(similarities(shop.source, shop.book, PROBLEM, 99)) == 6


# Hybrid


def test_a_shared_word_finds_what_meaning_misses(shop: Shop) -> None:
    for number in range(60):
        shop.write(f"n{number}", number / 2, text="Nothing in common.")
    shop.write("far", 90, text="A telescoping sum cancels.")
    problem = "Telescope!"
    shop.embedder.degrees[problem] = 0
    assert "far" not in shop.names(problem, k=10)
    found = shop.ask(problem, by="hybrid", k=10)
    assert names(found)[:2] == ["n0", "far"]  # both are first somewhere; ties go by id
    far = found.hits[1]
    assert (far.shared, far.similarity) == (("telescoping",), cosine(90))
    assert far.keyword
    assert far.keyword > 0
    assert far.score == pytest.approx(1 / 61)
    assert far.why == "similarity 0.00; number 1 by words; shared words: telescoping"
    assert found.hits[0].keyword is None


def test_hybrid_follows_the_words_of_edits(shop: Shop) -> None:
    one = shop.write("a", 90, text="Say one.")
    shop.write("b", 10, text="Say two.")
    problem = "Zebra"
    assert all(hit.keyword is None for hit in shop.ask(problem, by="hybrid").hits)
    seen = curation.look_up(shop.store, one)
    change = {"instruction": "Ask zebras."}
    curation.edit(shop.store, one, change, version=seen.version, by="ann")
    found = {hit.behavior.id: hit for hit in shop.ask(problem, by="hybrid").hits}
    assert found[one].shared == ("zebras",)
    assert found[one].keyword


# Variety


def test_variety_passes_over_copies(shop: Shop) -> None:
    for name, degrees in {"a": 10, "a_copy": 10.5, "a_third": 11, "b": -40, "c": 120}.items():
        shop.write(name, degrees)
    assert shop.names(k=3) == ["a", "a_copy", "a_third"]
    assert shop.names(k=3, diversity=0.5)[:2] == ["a", "b"]
    found = shop.ask(k=3, diversity=1.0)
    assert names(found)[:2] == ["a", "c"]
    assert found.hits[1].similarity == cosine(120)
    assert sorted(shop.names(k=9, diversity=0.5)) == sorted(shop.names())
    assert not {"a_copy", "a_third"} & set(shop.names(k=3, by="hybrid", diversity=0.5)[:2])


def test_variety_within_a_topic(shop: Shop) -> None:
    for name, degrees in {"a": 10, "a_copy": 10.5, "b": -40}.items():
        shop.write(name, degrees, "Counting")
    assert shop.names(by="topic", diversity=0.5, k=None) == ["a", "b", "a_copy"]


def test_variety_does_not_bring_what_is_not_similar(shop: Shop, six: dict[str, int]) -> None:
    found = shop.names(diversity=1.0, at_least=0.3, k=3)
    assert found[0] == "a"
    assert set(found) <= set("abcd")


def test_variety_where_nothing_is_similar(shop: Shop) -> None:
    """All similarities are negative: there still is an order, and near copies are passed over."""
    for name, degrees in {"a": 100, "a_copy": 100.1, "b": -101}.items():
        shop.write(name, degrees)
    assert shop.names(k=3, diversity=0.0) == ["a", "a_copy", "b"]
    assert shop.names(k=3, diversity=0.9) == ["a", "b", "a_copy"]


# Handbooks and texts of every kind

EVERY_WAY = [
    {"by": "embedding"},
    {"by": "hybrid"},
    {"by": "topic"},
    {"by": "topic", "topic": "Counting"},
    {"by": "hybrid", "diversity": 0.7},
    {"by": "embedding", "diversity": 1.0, "at_least": 0.2},
]


@pytest.mark.parametrize("way", EVERY_WAY)
def test_an_empty_handbook_gives_nothing(shop: Shop, way: dict[str, Any]) -> None:
    shop.label("How many?", "Counting", 1)
    assert shop.ask(**way).hits == ()


@pytest.mark.parametrize("way", EVERY_WAY)
def test_one_behavior_is_found(shop: Shop, way: dict[str, Any]) -> None:
    shop.write("a", 10, "Counting")
    assert shop.names(**way) == ["a"]


@pytest.mark.parametrize("way", EVERY_WAY)
def test_behaviors_that_are_all_alike(shop: Shop, way: dict[str, Any]) -> None:
    for name in "cabd":
        shop.write(name, 10, "Counting", "Count all digits.")
    assert shop.names(**way, k=3) == ["c", "a", "b"]


@pytest.mark.parametrize("way", EVERY_WAY)
@pytest.mark.parametrize(
    "problem", ["🧮🎉", "有多少个数字?", "x" * 500, "$\\frac{a}{b}$", "the of a"]
)
def test_problems_of_every_kind(shop: Shop, way: dict[str, Any], problem: str) -> None:
    shop.embedder.degrees[problem] = 5
    shop.write("short", 10, "Counting", "数字 🧮")
    shop.write("long", 20, "Counting", "y" * 500)
    found = shop.ask(problem, **way)
    shared = {hit.behavior.name: hit.shared for hit in found.hits}
    assert shared == {
        "behavior_short": ("数", "字") if "数" in problem else (),
        "behavior_long": (),
    }


drawn = st.fixed_dictionaries(
    {
        "by": st.sampled_from(["embedding", "hybrid", "topic"]),
        "k": st.integers(1, 8) | st.none(),
        "topic": st.sampled_from(["", "counting", "Geometry", "nowhere"]),
        "at_least": st.sampled_from([0.0, 0.2, 0.6, 1.0]),
        "diversity": st.sampled_from([0.0, 0.3, 1.0]),
        "pins": st.sets(st.sampled_from("abc"), max_size=1),
        "drops": st.sets(st.sampled_from("def"), max_size=2),
    }
)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=drawn)
def test_whatever_is_asked_the_promises_hold(
    shop: Shop, fields: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    six = request.getfixturevalue("six")
    fields = dict(fields)
    pins, drops = fields.pop("pins"), fields.pop("drops")
    pinned, dropped = (tuple(six[name] for name in some) for some in (pins, drops))
    found = shop.ask(**fields, pinned=pinned, dropped=dropped)
    got = names(found)
    assert pins <= set(got)
    assert not drops & set(got)
    assert len(got) <= (fields["k"] or 99)
    for hit, name in zip(found.hits, got, strict=True):
        assert hit.similarity is not None
        assert name in pins or hit.similarity >= fields["at_least"] or not fields["at_least"]
        assert name in pins or fields["by"] != "topic" or hit.behavior.topic == found.topic


# Why


def test_why_tells_topic_similarity_and_words(shop: Shop) -> None:
    shop.write("digits", 60, "Counting", "Count each digit once; how many?")
    shop.write("far", 80, "Geometry", "Draw it.")
    near, far = shop.ask().hits
    assert near.shared == ("digits", "many")
    assert near.why == "topic Counting; similarity 0.50; shared words: digits, many"
    assert far.why == "similarity 0.17"


def test_the_word_behavior_is_never_a_shared_one(shop: Shop) -> None:
    shop.write("a", 10)
    (hit,) = shop.ask("What is the behavior of f?").hits
    assert hit.shared == ()


# What cannot be asked


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"problem": ""}, "no problem"),
        ({"problem": " \n"}, "no problem"),
        ({"k": 0}, "K is 0"),
        ({"k": -3}, "K is -3"),
        ({"diversity": 2}, "from 0 to 1"),
        ({"diversity": -0.1}, "from 0 to 1"),
        ({"at_least": 1.5}, "from 0 to 1"),
        ({"at_least": math.nan}, "from 0 to 1"),
        ({"by": "guess"}, "not by 'guess'"),
    ],
)
def test_what_cannot_be_asked_is_said(shop: Shop, fields: dict[str, Any], words: str) -> None:
    shop.write("a", 10)
    with pytest.raises(BadInput, match=words):
        shop.ask(**{"problem": PROBLEM, **fields})
    assert PROBLEM not in shop.embedder.asked


# Several at once


def _keep_asking(shop: Shop, way: dict[str, Any], ended: threading.Event) -> None:
    while not ended.is_set():
        retrieve(shop.source, shop.book, Query(PROBLEM, **way))


def _turn(shop: Shop, number: int) -> None:
    """Rejects what is accepted, accepts what is rejected."""
    seen = curation.look_up(shop.store, number)
    if seen.status == "accepted":
        shop.reject(number)
    else:
        curation.accept(shop.store, number, version=seen.version, by="ann")


@pytest.mark.parametrize("way", EVERY_WAY)
def test_a_curator_at_work_disturbs_nobody(
    shop: Shop, six: dict[str, int], way: dict[str, Any]
) -> None:
    """Between two looks of one retrieval a behavior may go."""
    chance, ended = random.Random(5), threading.Event()
    with ThreadPoolExecutor(3) as pool:
        asking = [pool.submit(_keep_asking, shop, way, ended) for _ in range(3)]
        for _ in range(60):
            _turn(shop, six[chance.choice("abcdef")])
        ended.set()
    assert [one.exception() for one in asking] == [None] * 3
