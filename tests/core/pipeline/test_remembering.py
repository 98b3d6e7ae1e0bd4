"""A rejected behavior is not proposed again, whoever extracts it; another wording says so."""

from core.app import App
from core.handbook import curation, merging, shelf, undo
from core.pipeline.results import ProblemResult
from core.store.records import Behavior
from tests.core.pipeline.conftest import Runs
from tests.core.pipeline.test_strategist import extracting, listing
from tests.fake_openai import FakeOpenAI

PROBLEM = "How long is the rope?"
FIRST = (
    "behavior_group_terms",
    "When a sum has many terms, group those that cancel each other before adding the rest.",
)
SECOND = (
    "behavior_halve_intervals",
    "When a root is bracketed, halve the bracket repeatedly.",
)
REWORDED = (
    "behavior_cancel_early",
    "When a sum has a lot of terms, find the ones that cancel each other, then add what is left.",
)


def _extract(runs: Runs, fake: FakeOpenAI, *pairs: tuple[str, str]) -> ProblemResult:
    fake.answer = extracting(listing(*pairs))
    (result,) = runs.results(runs.do(PROBLEM))
    return result


def _proposed(result: ProblemResult) -> list[str]:
    return [proposal.behavior.name for proposal in result.proposals]


def _dropped(result: ProblemResult) -> list[tuple[str, str]]:
    return [(gone.text, gone.why) for gone in result.dropped]


def _reject(app: App, behavior: Behavior) -> None:
    curation.reject(app.store, behavior.id, version=1, by="ann", why="trivial")


def test_what_was_rejected_is_listed_as_dropped_with_who_and_why(
    runs: Runs, app: App, fake: FakeOpenAI
) -> None:
    first = _extract(runs, fake, FIRST, SECOND)
    rejected = first.proposals[0].behavior
    _reject(app, rejected)
    curation.decide_many(
        app.store, rejected.handbook_id, "tag", {rejected.id: 2}, by="bob", tags=["x"]
    )
    again = _extract(runs, fake, FIRST, SECOND)
    assert _proposed(again) == [SECOND[0]]
    assert _dropped(again) == [(": ".join(FIRST), "known: rejected by ann (trivial)")]
    with app.store.read() as session:
        sources = merging.all_sources(rejected.id, session)
    assert [source.stage for source in sources] == ["extract", "again"]
    assert curation.look_up(app.store, rejected.id).status == "rejected"
    under_another_name = _extract(runs, fake, ("behavior_sums_first", FIRST[1]))
    assert _proposed(under_another_name) == []


def test_another_wording_comes_back_with_a_mark(runs: Runs, app: App, fake: FakeOpenAI) -> None:
    _reject(app, _extract(runs, fake, FIRST).proposals[0].behavior)
    (proposal,) = _extract(runs, fake, REWORDED).proposals
    assert proposal.behavior.marks["rejected-before"] == (
        f"{FIRST[0]} was rejected by ann (trivial); it said: {FIRST[1]}"
    )
    (same_name,) = _extract(runs, fake, (FIRST[0], SECOND[1])).proposals
    assert "rejected-before" in same_name.behavior.marks


def test_after_the_rejection_is_undone_it_is_proposed_again(
    runs: Runs, app: App, fake: FakeOpenAI
) -> None:
    behavior = _extract(runs, fake, FIRST).proposals[0].behavior
    _reject(app, behavior)
    assert _proposed(_extract(runs, fake, FIRST)) == []
    undo.undo(app.store, behavior.handbook_id, by="ann")
    again = _extract(runs, fake, FIRST)
    assert _proposed(again) == [FIRST[0]]
    assert again.dropped == []


def test_what_was_merged_is_not_proposed_again(runs: Runs, app: App, fake: FakeOpenAI) -> None:
    first, second = (p.behavior for p in _extract(runs, fake, FIRST, SECOND).proposals)
    merging.merge(app.store, {first.id: 1, second.id: 1}, into=second.id, text={}, by="ann")
    again = _extract(runs, fake, FIRST)
    assert _proposed(again) == []
    assert _dropped(again) == [(": ".join(FIRST), "known: merged by ann")]


def test_another_handbook_remembers_nothing(runs: Runs, app: App, fake: FakeOpenAI) -> None:
    _reject(app, _extract(runs, fake, FIRST).proposals[0].behavior)
    (result,) = runs.results(runs.do(PROBLEM, slug="other"))
    assert _proposed(result) == [FIRST[0]]
    assert shelf.find(app.store, "other").id == result.proposals[0].behavior.handbook_id
