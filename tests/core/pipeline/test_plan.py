"""What a run asks for: kept whole, and refused before anything is written."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import prompts
from core.errors import BadInput
from core.llm.chat import Sampling
from core.pipeline.plan import Plan, create_run
from core.store import Store, runs
from core.store.records import STAGES, Run
from tests.core.samples import add_handbook, add_run

MODELS = dict.fromkeys(STAGES, "fake")
PLAN = Plan(MODELS, Sampling(temperature=0.7, top_p=None, max_tokens=512, seed=5), samples=3)


def _create(store: Store, plan: Plan) -> Run:
    with store.write() as session:
        book = add_handbook(session)
        problem = runs.keep_problem("What is 1?", None, "", {}, session=session)
    return create_run(store, book.id, [problem], plan, title="One", by="ann")


@pytest.mark.parametrize(
    "plan",
    [
        PLAN,
        replace(PLAN, stages=("solve",), judge="another"),
        Plan({"solve": "a", "reflect": "b", "extract": "c"}, Sampling()),
        Plan(MODELS, Sampling(temperature=0, top_p=1, max_tokens=131_072, seed=None), samples=64),
    ],
)
def test_a_plan_comes_back_from_its_run(store: Store, plan: Plan) -> None:
    run = _create(store, plan)
    with store.read() as session:
        assert Plan.of(runs.run(run.id, session=session)) == plan


def test_a_run_knows_what_made_it(store: Store) -> None:
    run = _create(store, PLAN)
    assert (run.kind, run.title, run.by) == ("solve", "One", "ann")
    assert run.prompts == {stage: prompts.load(stage).hash for stage in STAGES}
    assert run.code_version


@pytest.mark.parametrize(
    ("changes", "sampling", "sentence"),
    [
        ({"stages": ()}, {}, "The stages are solve, then reflect"),
        ({"stages": ("reflect",)}, {}, "none can be skipped"),
        ({"stages": ("solve", "extract")}, {}, "none can be skipped"),
        ({"stages": ("solve", "reflect", "extract", "solve")}, {}, "The stages"),
        ({"samples": 0}, {}, "between 1 and 64"),
        ({"samples": 65}, {}, "between 1 and 64"),
        ({}, {"max_tokens": 15}, "between 16 and 131,072 output tokens"),
        ({}, {"max_tokens": 131_073}, "between 16 and 131,072"),
        ({}, {"temperature": -0.1}, "temperature"),
        ({}, {"temperature": 2.1}, "temperature"),
        ({}, {"temperature": float("nan")}, "temperature"),
        ({}, {"top_p": 0}, "top-p"),
        ({}, {"top_p": 1.1}, "top-p"),
        ({}, {"top_p": float("nan")}, "top-p"),
    ],
)
def test_what_cannot_run_is_refused_and_nothing_is_written(
    store: Store, changes: dict[str, Any], sampling: dict[str, Any], sentence: str
) -> None:
    plan = replace(PLAN, sampling=replace(PLAN.sampling, **sampling), **changes)
    with pytest.raises(BadInput, match=sentence):
        _create(store, plan)
    with store.write() as session:
        assert add_run(session).id == 1  # the first there ever was


@given(seed=st.none() | st.integers(0, 2**31), samples=st.integers(2, 64))
def test_each_sample_has_a_seed_of_its_own(seed: int | None, samples: int) -> None:
    plan = replace(PLAN, sampling=replace(PLAN.sampling, seed=seed), samples=samples)
    each = [plan.sampling_of(number) for number in range(samples)]
    assert each[0] == plan.sampling
    assert len({sampling.seed for sampling in each}) == (1 if seed is None else samples)
    assert {replace(sampling, seed=None) for sampling in each} == {
        replace(plan.sampling, seed=None)
    }
