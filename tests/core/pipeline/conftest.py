"""Strategist runs against the fake server: make one, do it, look at what is kept."""

from typing import Any

import pytest

from core.app import App
from core.evaluation.problems import NewProblem
from core.llm import endpoints
from core.llm.chat import Sampling
from core.pipeline.plan import Plan
from core.pipeline.results import ProblemResult, problem_result
from core.store import jobs as job_rows
from core.store import runs as run_rows
from core.store.records import STAGES, Job, Run
from tests.fake_openai import FakeOpenAI, endpoint_of

SAMPLING = Sampling(0.0, 1.0, 400, 7)


class Runs:
    """Does runs through an app whose endpoint `fake` is the fake server."""

    def __init__(self, app: App):
        self.app = app

    def add(self, *problems: str | NewProblem, slug: str = "notes", **changes: Any) -> Job:
        """A run and its job, not started. `changes` go to the plan."""
        model = changes.pop("model", "fake")
        fields = {"models": dict.fromkeys(STAGES, model), "sampling": SAMPLING, **changes}
        new = [NewProblem(p) if isinstance(p, str) else p for p in problems]
        return self.app.add_solve(new, slug, Plan(**fields), topic="counting", by="tester")

    def do(self, *problems: str | NewProblem, **changes: Any) -> Job:
        return self.app.jobs.run_here(self.add(*problems, **changes).id)

    def job(self, job_id: int) -> Job:
        with self.app.store.read() as session:
            return job_rows.job(job_id, session=session)

    def run(self, job: Job) -> Run:
        with self.app.store.read() as session:
            return run_rows.run(job.run_id or 0, session=session)

    def results(self, job: Job) -> list[ProblemResult]:
        """One for each problem, in the run's order."""
        run = self.run(job)
        return [problem_result(self.app.store, run, number) for number in run.problem_ids]


@pytest.fixture
def runs(app: App, fake: FakeOpenAI) -> Runs:
    endpoints.add(app.store, endpoint_of(fake))
    return Runs(app)
