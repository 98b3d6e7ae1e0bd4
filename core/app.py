"""The only wiring: opens the store, the models and the jobs, and hands a job its handler."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.errors import Conflict, VademecumError
from core.evaluation.grading import grade
from core.evaluation.problems import NewProblem
from core.handbook import shelf
from core.jobs import Jobs, Report
from core.llm.models import Models
from core.pipeline.plan import Plan, check, create_run
from core.pipeline.strategist import Strategist
from core.settings import Settings
from core.store import Store
from core.store import jobs as job_rows
from core.store import runs as run_rows
from core.store.records import Job, Stage

STARTERS = Path(__file__).parents[1] / "handbooks"
TITLE_LENGTH = 80


class App:
    """A workbench: settings, store, models, jobs. `close` ends what it started."""

    def __init__(self, settings: Settings, store: Store):
        self.settings = settings
        self.store = store
        self.models = Models(store, settings)
        self.jobs = Jobs(
            store,
            {"solve": Strategist(store, self.models.chat, _verdict), "pull": self._pull},
        )

    @classmethod
    def open(cls, settings: Settings) -> "App":
        try:
            settings.home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise VademecumError(
                f"The folder {settings.home} cannot be made: {error.strerror}. Set VADEMECUM_HOME "
                "to one that can be written to."
            ) from error
        store = Store.open(settings.database_url)
        shelf.load_starters(store, STARTERS)
        return cls(settings, store)

    def close(self) -> None:
        self.models.close()
        self.store.close()

    def add_solve(
        self, problems: list[NewProblem], slug: str, plan: Plan, *, topic: str, by: str
    ) -> Job:
        """A run over these problems and its job, which does not run yet."""
        check(plan)
        for name in set(plan.models.values()) | ({plan.judge} if plan.judge else set()):
            self.models.endpoint(name)  # an unknown name is refused before anything is written
        handbook = shelf.find_or_create(self.store, slug, by=by)
        with self.store.write() as session:
            ids = [
                run_rows.keep_problem(**_with_topic(problem, topic), session=session)
                for problem in problems
            ]
        run = create_run(
            self.store,
            handbook.id,
            list(dict.fromkeys(ids)),
            plan,
            title=_title(problems),
            by=by,
        )
        return self._job("solve", {}, by=by, run_id=run.id)

    def redo_stage(
        self, run_id: int, problem_id: int, sample: int, stage: Stage, model: str, *, by: str
    ) -> int:
        """Starts one more attempt at one stage; gives the job."""
        redo = {"problem_id": problem_id, "sample": sample, "stage": stage, "model": model}
        return self.jobs.submit("solve", params={"redo": redo}, by=by, run_id=run_id)

    def pull(self, name: str, *, by: str) -> int:
        """Starts a download as a job; gives the one that is going on, if there is one."""
        with self.store.read() as session:
            going_on = job_rows.jobs(statuses=("queued", "running"), kind="pull", session=session)
        for job in going_on:
            if job.params.get("model") == name:
                return job.id
        return self.jobs.submit("pull", params={"model": name}, by=by)

    def delete(self, job: Job) -> None:
        """Deletes an ended job; with a run's own job the run goes, with all its traces."""
        with self.store.write() as session:
            same = job_rows.jobs(run_id=job.run_id, session=session) if job.run_id else [job]
            if any(other.active for other in same):
                raise Conflict("It is going on. Stop it first, then delete it.")
            if job.run_id and same and same[-1].id == job.id:
                run_rows.delete_run(job.run_id, session=session)
            else:
                job_rows.delete_job(job.id, session=session)

    def _pull(self, job: Job, report: Report) -> str:
        name: str = job.params["model"]
        last = 0

        def progress(done: int, total: int | None, note: str) -> None:
            nonlocal last
            if abs(done - last) >= 2_000_000 or done == total or done == 0:
                last = done
                report(done, total or 0, note)

        self.models.pull(name, progress)
        return ""

    def _job(self, kind: str, params: dict[str, Any], *, by: str, run_id: int) -> Job:
        job_id = self.jobs.add(kind, params=params, by=by, run_id=run_id)
        with self.store.read() as session:
            return job_rows.job(job_id, session=session)


def _verdict(text: str, gold: str | None) -> dict[str, Any]:
    return asdict(grade(text, gold))


def _with_topic(problem: NewProblem, topic: str) -> dict[str, Any]:
    fields = asdict(problem)
    return {**fields, "topic": problem.topic or topic}


def _title(problems: list[NewProblem]) -> str:
    """The first words of the first problem, and how many more there are."""
    words = " ".join(problems[0].text.split())
    short = words if len(words) <= TITLE_LENGTH else words[:TITLE_LENGTH].rsplit(" ", 1)[0] + " …"
    return short if len(problems) == 1 else f"{short} (+{len(problems) - 1} more)"
