"""Which behaviors an arm gives: those retrieved, those picked, or as many and as long at random."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as trying
from hypothesis import strategies as st

from core.errors import BadInput
from core.handbook import curation, shelf
from core.handbook.curation import Draft
from core.pipeline.arms import ArmKind
from core.pipeline.condition import lines
from core.pipeline.giving import Given, Giver, part
from core.retrieval.indexes import Indexes
from core.retrieval.query import Query
from core.retrieval.retriever import retrieve
from core.retrieval.sources import Sources
from core.retrieval.vectors import Vectors
from core.store import Store
from tests.core.pipeline.test_comparer import BOOK, PROBLEM, Words

MANY = 60


@pytest.fixture(scope="module")
def shelf_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Nothing here changes it."""
    store = Store.open(f"sqlite:///{tmp_path_factory.mktemp('giving') / 'book.db'}")
    yield store
    store.close()


@pytest.fixture(scope="module")
def giver(shelf_store: Store, tmp_path_factory: pytest.TempPathFactory) -> Giver:
    """Of a handbook with some behaviors like the problem, and many of all lengths that are not."""
    chance = random.Random(5)
    book = shelf.create(shelf_store, "book", by="ann").id
    for name, (topic, instruction) in BOOK.items():
        curation.write(shelf_store, book, Draft(name, instruction, topic), by="ann")
    for number in range(MANY):
        said = " ".join(["Take", *["care"] * chance.randint(2, 40), f"{number}."])
        curation.write(shelf_store, book, Draft(f"behavior_care_{number}", said), by="ann")
    vectors = Vectors(shelf_store, Words())
    folder: Path = tmp_path_factory.mktemp("indexes")
    sources = Sources(shelf_store, vectors, Indexes(shelf_store, vectors, folder))
    query = Query(PROBLEM, k=4, at_least=0.1)
    return Giver(shelf_store, sources, book, query, None, (), words, 1)


def words(text: str) -> int | None:
    return len(text.split())


def nobody(text: str) -> int | None:
    return None


def ids(found: list[Given]) -> list[int]:
    return [one.id for one in found]


@pytest.mark.parametrize(("kind", "by"), [("bci-embedding", "embedding"), ("bci-hybrid", "hybrid")])
def test_what_is_retrieved_is_given(kind: ArmKind, by: Any, giver: Giver) -> None:
    found = giver.given(kind, "bci-embedding")
    hits = retrieve(giver.sources, giver.handbook_id, replace(giver.query, by=by)).hits
    assert len(hits) > 1
    assert [(one.id, one.rank, one.score, one.why) for one in found] == [
        (hit.behavior.id, hit.rank, hit.score, hit.why) for hit in hits
    ]
    for one, hit in zip(found, hits, strict=True):
        told = (one.name, one.instruction, one.topic, one.at, one.note)
        assert told == (
            *(hit.behavior.name, hit.behavior.instruction, hit.behavior.topic),
            *(None, ""),
        )


@pytest.mark.parametrize("k", [None, 2])
def test_by_topic_all_of_it_is_given_unless_k_says_less(k: int | None, giver: Giver) -> None:
    """As in the paper: no smallest similarity, which holds for the other ways."""
    far = replace(giver, query=replace(giver.query, topic="geometry", at_least=0.9), k_of_topic=k)
    assert {one.name for one in far.given("bci-topic", "bci-topic")} == {
        "behavior_halve",
        "behavior_area_twice",
    }
    counting = replace(giver, query=replace(giver.query, topic="Counting"), k_of_topic=k)
    assert len(counting.given("bci-topic", "bci-topic")) == (k or 3)


def test_those_picked_by_hand_come_in_their_order(giver: Giver) -> None:
    some = ids(giver.given("bci-embedding", "bci-embedding"))[:3]
    found = replace(giver, fixed=tuple(reversed(some))).given("bci-fixed", "bci-fixed")
    assert ids(found) == some[::-1]
    assert [(one.rank, one.score, one.why) for one in found] == [
        (rank, None, "picked by hand") for rank in (1, 2, 3)
    ]


def test_what_cannot_be_picked_is_refused(giver: Giver) -> None:
    with pytest.raises(BadInput, match="pick at least one"):
        giver.given("bci-fixed", "bci-fixed")
    with pytest.raises(BadInput, match="Behavior 99999 cannot be given"):
        replace(giver, fixed=(1, 99999)).given("bci-fixed", "bci-fixed")


def test_one_of_another_handbook_cannot_be_picked(store: Store, giver: Giver) -> None:
    own, other = (shelf.create(store, name, by="ann").id for name in ("own", "other"))
    theirs = curation.write(store, other, Draft("behavior_x", "Do it.", ""), by="ann")
    mine = curation.write(store, own, Draft("behavior_y", "Do it.", ""), by="ann")
    made = replace(giver, store=store, handbook_id=own)
    with pytest.raises(BadInput, match=f"Behavior {theirs.id} cannot"):
        replace(made, fixed=(theirs.id,)).given("bci-fixed", "bci-fixed")
    curation.reject(store, mine.id, version=mine.version, by="ann", why="no")
    with pytest.raises(BadInput, match=f"Behavior {mine.id} cannot"):
        replace(made, fixed=(mine.id,)).given("bci-fixed", "bci-fixed")


@pytest.mark.parametrize("kind", ["plain", "concise", "bci-dynamic"])
def test_others_give_nothing_at_first(kind: ArmKind, giver: Giver) -> None:
    assert giver.given(kind, "bci-embedding") == []


@pytest.mark.parametrize("reference", ["bci-embedding", "bci-hybrid"])
def test_names_only_has_the_same(reference: ArmKind, giver: Giver) -> None:
    assert giver.given("names-only", reference) == giver.given(reference, reference)


@pytest.mark.parametrize("count", [words, nobody])
@given(st.integers(0, 10**9))
@trying(max_examples=20)
def test_random_ones_are_as_many_others_and_about_as_long(
    giver: Giver, count: Any, seed: int
) -> None:
    """With 60 others of 4 to 43 words, 400 draws of four come within a few words."""
    made = replace(giver, seed=seed, count=count)
    reference = made.given("bci-embedding", "bci-embedding")
    drawn = made.given("random", "bci-embedding")
    assert len(set(ids(drawn))) == len(drawn) == len(reference) > 1
    assert not set(ids(drawn)) & set(ids(reference))
    length = words if count is words else len
    lengths = [sum(length(lines([one])) for one in some) for some in (drawn, reference)]
    assert abs(lengths[0] - lengths[1]) <= 0.15 * lengths[1]
    assert drawn == made.given("random", "bci-embedding")
    assert {one.why for one in drawn} == {"drawn at random"}


def test_another_seed_draws_others(giver: Giver) -> None:
    drawn = {
        tuple(ids(replace(giver, seed=seed).given("random", "bci-embedding"))) for seed in range(8)
    }
    assert len(drawn) > 4


def test_where_there_are_too_few_others_all_are_taken(giver: Giver) -> None:
    all_of_it = replace(giver, query=replace(giver.query, k=66, at_least=0.0))
    reference = all_of_it.given("bci-embedding", "bci-embedding")
    drawn = all_of_it.given("random", "bci-embedding")
    assert len(reference) == 66
    assert len(drawn) == len(BOOK) + MANY - 66
    assert not set(ids(drawn)) & set(ids(reference))


def test_instead_of_nothing_nothing_is_drawn(giver: Giver) -> None:
    nothing = replace(giver, query=replace(giver.query, topic="Cooking"))
    assert nothing.given("random", "bci-topic") == []


def test_a_trace_can_give_it_back(giver: Giver) -> None:
    (first, *_) = giver.given("bci-embedding", "bci-embedding")
    assert Given(**first.record()) == first


# Random parts


SET = [Given(number, f"behavior_{number}", "Do it.", "", number, None, "") for number in range(9)]


@given(st.integers(1, 9), st.integers(0, 10**9))
@trying(max_examples=30)
def test_of_two_samples_that_follow_each_other_each_is_in_one(samples: int, seed: int) -> None:
    parts = [part(SET, sample, str(seed)) for sample in range(samples)]
    assert parts == [part(SET, sample, str(seed)) for sample in range(samples)]
    for first, second in zip(parts[::2], parts[1::2], strict=False):
        assert sorted(ids([*first, *second])) == ids(SET)
    assert all(ids(one) == sorted(ids(one)) for one in parts)
    times = Counter(number for one in parts for number in ids(one))
    assert all(abs(2 * times[number] - samples) <= samples % 2 for number in ids(SET))


@pytest.mark.parametrize("sample", [0, 1, 2])
def test_what_others_get_has_no_say_in_a_part(sample: int) -> None:
    """Half of the parts have a behavior, and half of these any other: also how many differs."""
    parts = [ids(part(SET, sample, f"7 {problem}")) for problem in range(1000)]
    given_ = np.array([[number in one for number in ids(SET)] for one in parts], dtype=float)
    assert np.abs(given_.mean(0) - 0.5).max() < 0.06
    assert np.abs(np.corrcoef(given_.T) - np.eye(len(SET))).max() < 0.12
    assert len(set(map(len, parts))) > 5


def test_another_pair_and_another_problem_have_parts_of_their_own() -> None:
    parts = [ids(part(SET, sample, seed)) for seed in ("7 1", "7 2") for sample in (0, 2, 4)]
    assert len(set(map(tuple, parts))) == len(parts)
