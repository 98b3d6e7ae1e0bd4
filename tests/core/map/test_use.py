"""How often traces name behaviors: whole names, in runs of the handbook, extractions aside."""

import pytest

from core.map.use import times_named
from core.store import Store
from core.store.records import Stage
from tests.core.samples import add_behavior, add_handbook, add_run, add_trace


class Traces:
    """A handbook with a run; says how often its behaviors are named."""

    def __init__(self, store: Store, slug: str = "book"):
        self.store = store
        with store.write() as session:
            self.book = add_handbook(session, slug)
            self.run = add_run(session, self.book)
        self._sample = 0

    def behavior(self, name: str, status: str = "accepted") -> int:
        with self.store.write() as session:
            return add_behavior(session, self.book, name=name, status=status).id

    def say(self, text: str, stage: Stage = "solve", **fields: object) -> None:
        self._sample += 1
        with self.store.write() as session:
            add_trace(session, self.run, text=text, stage=stage, sample=self._sample, **fields)

    def times(self) -> dict[int, int]:
        return times_named(self.store, self.book.id)


@pytest.fixture
def traces(store: Store) -> Traces:
    return Traces(store)


def test_a_trace_that_names_one_often_counts_once(traces: Traces) -> None:
    halve, count, unused = (traces.behavior(f"behavior_{name}") for name in ("a_1", "b", "c"))
    traces.say("By behavior_a_1, and behavior_a_1 again, and (behavior_b).")
    traces.say("`behavior_a_1`: so 4.", stage="reflect")
    traces.say("No name here.")
    assert traces.times() == {halve: 2, count: 1}
    assert unused not in traces.times()


def test_extractions_are_left_out(traces: Traces) -> None:
    number = traces.behavior("behavior_halve")
    traces.say('{"behavior_halve": "When a whole is given, halve it."}', stage="extract")
    assert traces.times() == {}
    traces.say("behavior_halve", stage="reflect", arm="bci")
    assert traces.times() == {number: 1}


def test_a_name_within_a_longer_one_is_not_named(traces: Traces) -> None:
    short = traces.behavior("behavior_halve")
    long = traces.behavior("behavior_halve_first")
    traces.say("Use behavior_halve_first here.")
    assert traces.times() == {long: 1}
    traces.say("Use behavior_halve, then behavior_halves and behavior_halve_first_of_all.")
    assert traces.times() == {long: 1, short: 1}


@pytest.mark.parametrize(
    "text",
    [
        "behavior_halve.",
        "**behavior_halve**",
        "[behavior_halve]",
        "behavior_halve's",
        "behavior_halve\n",
    ],
)
def test_marks_around_a_name_do_not_hide_it(traces: Traces, text: str) -> None:
    number = traces.behavior("behavior_halve")
    traces.say(f"So {text}")
    assert traces.times() == {number: 1}


def test_a_name_inside_a_word_is_not_named(traces: Traces) -> None:
    traces.behavior("behavior_halve")
    traces.say("misbehavior_halve and my_behavior_halve")
    assert traces.times() == {}


def test_runs_of_other_handbooks_do_not_count(store: Store, traces: Traces) -> None:
    other = Traces(store, "other")
    mine, theirs = traces.behavior("behavior_halve"), other.behavior("behavior_halve")
    traces.say("behavior_halve")
    assert (traces.times(), other.times()) == ({mine: 1}, {})
    other.say("behavior_halve")
    other.say("behavior_halve")
    assert (traces.times(), other.times()) == ({mine: 1}, {theirs: 2})


def test_a_name_that_several_have_counts_for_the_accepted_one(traces: Traces) -> None:
    twins = [traces.behavior("behavior_halve", status) for status in ("proposed", "rejected")]
    traces.behavior("behavior_halve", "merged")
    traces.say("behavior_halve")
    assert traces.times() == dict.fromkeys(twins, 1)
    accepted = traces.behavior("behavior_halve")
    assert traces.times() == {accepted: 1}


def test_names_of_nobody_count_for_nobody(traces: Traces) -> None:
    traces.say("behavior_of_nobody, behavior_, behavior")
    assert traces.times() == {}
