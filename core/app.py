"""The only wiring: opens the store, the models and the jobs, and hands a job its handler."""

import threading
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from core.errors import Conflict, VademecumError
from core.evaluation.grading import Task, grade, judging
from core.evaluation.problems import NewProblem
from core.handbook import importing, shelf
from core.jobs import Jobs, Report
from core.llm.catalogue import embedder_entry
from core.llm.models import Models
from core.map.layouts import Surveyor
from core.map.naming import Namer
from core.pipeline import comparison
from core.pipeline.comparer import Comparer
from core.pipeline.comparison import Comparison
from core.pipeline.drafting import Drafter
from core.pipeline.embedding import Embedding
from core.pipeline.evaluator import Evaluator
from core.pipeline.plan import Plan, check, create_run
from core.pipeline.strategist import Strategist
from core.pipeline.taking import Means
from core.retrieval.embedder import Embedder, SentenceEmbedder
from core.retrieval.indexes import Indexes
from core.retrieval.query import K_EMBEDDED, K
from core.retrieval.sources import Sources
from core.retrieval.vectors import Progress, Vectors
from core.settings import Settings
from core.store import Store
from core.store import jobs as job_rows
from core.store import runs as run_rows
from core.store.records import Job, Problem, Stage

STARTERS = Path(__file__).parents[1] / "handbooks"
TITLE_LENGTH = 80


class App:
    """A workbench: settings, store, models, vectors, jobs. `close` ends what it started.

    `embedder` is used in place of those that are downloaded.
    """

    def __init__(self, settings: Settings, store: Store, embedder: Embedder | None = None):
        self.settings = settings
        self.store = store
        self.models = Models(store, settings)
        self._given = embedder
        self._embedders: dict[str, Embedder] = {embedder.name: embedder} if embedder else {}
        self._vectors: dict[str, Vectors] = {}
        self._sources: dict[str | None, Sources] = {}
        self._lock = threading.RLock()
        self._embedding = Embedding(store, lambda: self.vectors)
        means = Means(
            store,
            self.models.chat,
            self.models.midway,
            lambda: self.sources,
            self._fill_vectors,
            _verdict,
            judging,
        )
        self.jobs = Jobs(
            store,
            {
                "solve": Strategist(store, self.models.chat, _verdict),
                "pull": self._pull,
                "embed": self._embedding,
                "draft": Drafter(store, self.models.chat),
                "compare": Comparer(means),
                "evaluate": Evaluator(means),
                "layout": Surveyor(store, lambda: self.vectors),
                "name": Namer(store, self.models.chat),
            },
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
        importing.load_starters(store, STARTERS)
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
        return self.add_job("solve", {}, by=by, run_id=run.id)

    def add_compare(self, problem: NewProblem, slug: str, plan: Comparison, *, by: str) -> Job:
        """A comparison and its job, which does not run yet."""
        comparison.check(plan)
        handbook = shelf.find(self.store, slug)
        models = [arm.model for arm in plan.arms]
        width = min(self.models.width(models), len(models))
        with self.store.write() as session:
            problem_id = run_rows.keep_problem(**asdict(problem), session=session)
        run = comparison.create_run(
            self.store,
            handbook,
            [problem_id],
            replace(
                comparison.seeded(plan), width=width, together=self.models.take_at_once(models)
            ),
            title=_title([problem]),
            by=by,
        )
        return self.add_job("compare", {}, by=by, run_id=run.id)

    def redo_stage(
        self, run_id: int, problem_id: int, sample: int, stage: Stage, model: str, *, by: str
    ) -> int:
        """Starts one more attempt at one stage; gives the job."""
        redo = {"problem_id": problem_id, "sample": sample, "stage": stage, "model": model}
        return self.jobs.submit("solve", params={"redo": redo}, by=by, run_id=run_id)

    def draft_merge(self, behavior_ids: list[int], model: str, *, by: str) -> int:
        """Starts a job in which a model words what these behaviors become when merged."""
        self.models.endpoint(model)
        params = {"behaviors": behavior_ids, "model": model}
        return self.jobs.submit("draft", params=params, by=by)

    def pull(self, name: str, *, by: str) -> int:
        """Starts a download as a job; gives the one that is going on, if there is one."""
        last = self._last_job("pull", model=name)
        if last and last.active:
            return last.id
        return self.jobs.submit("pull", params={"model": name}, by=by)

    def add_pull(self, name: str, *, by: str) -> int:
        """The job of a download, which does not run yet: one that broke off, or a new one."""
        last = self._last_job("pull", model=name)
        if last and last.status in ("failed", "stopped", "interrupted"):
            self.jobs.requeue(last.id)
            return last.id
        return self.jobs.add("pull", params={"model": name}, by=by)

    def embedder_name(self) -> str | None:
        """The embedder in use: the best one that is downloaded."""
        return self._given.name if self._given else self.models.ready_embedder()

    def embedder(self, name: str) -> Embedder:
        """An embedder of the catalogue; it is loaded when it is first used."""
        with self._lock:
            if name not in self._embedders:
                self._embedders[name] = SentenceEmbedder(
                    name,
                    self.models.embedder_folder(name),
                    embedder_entry(name).dimensions,
                    threads=self.settings.threads,
                )
            return self._embedders[name]

    @property
    def vectors(self) -> Vectors | None:
        """The vectors of the embedder in use; None where there is none. Loads nothing."""
        name = self.embedder_name()
        if name is None:
            return None
        with self._lock:
            if name not in self._vectors:
                self._vectors[name] = Vectors(self.store, self.embedder(name))
            return self._vectors[name]

    @property
    def sources(self) -> Sources:
        """What retrieval draws on, with the embedder in use."""
        vectors = self.vectors
        name = vectors.embedder.name if vectors else None
        with self._lock:
            if name not in self._sources:
                folder = self.settings.home / "indexes"
                indexes = Indexes(self.store, vectors, folder) if vectors else None
                self._sources[name] = Sources(self.store, vectors, indexes)
            return self._sources[name]

    def usual_k(self, model: str | None) -> int:
        """How many behaviors a model is given where nobody says; None is any model."""
        return K_EMBEDDED if model and self.models.endpoint(model).embedded else K

    @property
    def unrelated(self) -> float:
        """The similarity below which texts have as a rule nothing to do with each other."""
        name = self.embedder_name()
        return embedder_entry(name).unrelated if name and not self._given else 0.0

    def embed(self, slug: str, *, by: str) -> int | None:
        """Starts computing the vectors a handbook lacks; gives the job, also one that is going on.

        None where nothing is missing or no embedder is there. A handbook has one such job, which
        is started again each time, also after a person stopped it.
        """
        return self._start_embedding({"handbook": slug}, by)

    def embedded_texts(self, slug: str) -> list[str]:
        """What retrieval from a handbook compares with: its behaviors, and the problems."""
        texts = self._embedding.texts
        return [*texts({"handbook": slug}), *texts({"problems": "all"})]

    def embed_problems(self, *, by: str) -> int | None:
        """The same for the problems that have a topic or are in a set."""
        return self._start_embedding({"problems": "all"}, by)

    def _fill_vectors(self, slug: str, report: Progress) -> None:
        """Without an embedder there are none; what needs one says so where it does."""
        texts = self.embedded_texts(slug)
        if self.vectors and self.vectors.missing(texts):
            self.vectors.fill(texts, report)

    def _start_embedding(self, params: dict[str, str], by: str) -> int | None:
        vectors = self.vectors
        if vectors is None or not vectors.missing(self._embedding.texts(params)):
            return None
        self.jobs.sweep()
        with self._lock:
            last = self._last_job("embed", **params)
            if last is None:
                return self.jobs.submit("embed", params=params, by=by)
            if not last.active:
                self._resume(last)
        return last.id

    def lay_out(self, handbook_id: int, dimensions: int, *, seed: int = 0, by: str) -> int | None:
        """Starts laying a handbook out anew; gives the job, also one that is going on."""
        if self.vectors is None:
            return None
        self.jobs.sweep()
        place = {"handbook_id": handbook_id, "dimensions": dimensions}
        with self._lock:
            last = self._last_job("layout", **place)
            if last and last.active:
                return last.id
            return self.jobs.submit("layout", params={**place, "seed": seed}, by=by)

    def name_clusters(self, handbook_id: int, layout_id: int, model: str, *, by: str) -> int:
        """Starts a job in which a model names the clusters that have no name yet."""
        self.models.endpoint(model)
        params = {"handbook_id": handbook_id, "layout_id": layout_id, "model": model}
        return self.jobs.submit("name", params=params, by=by)

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

    def _last_job(self, kind: str, **params: str | int) -> Job | None:
        with self.store.read() as session:
            found = job_rows.jobs(kind=kind, session=session)
        return next((job for job in found if job.params.items() >= params.items()), None)

    def _resume(self, job: Job) -> None:
        try:
            self.jobs.resume(job.id)
        except Conflict:
            pass  # another program was quicker

    def add_job(self, kind: str, params: dict[str, Any], *, by: str, run_id: int) -> Job:
        """A job of a run, which does not run yet."""
        job_id = self.jobs.add(kind, params=params, by=by, run_id=run_id)
        with self.store.read() as session:
            return job_rows.job(job_id, session=session)


def _verdict(text: str, problem: Problem) -> dict[str, Any]:
    return {**vars(grade(text, problem.gold, Task.of(problem.extra)))}


def _with_topic(problem: NewProblem, topic: str) -> dict[str, Any]:
    fields = asdict(problem)
    return {**fields, "topic": problem.topic or topic}


def _title(problems: list[NewProblem]) -> str:
    """The first words of the first problem, and how many more there are."""
    words = " ".join(problems[0].text.split())
    short = words if len(words) <= TITLE_LENGTH else words[:TITLE_LENGTH].rsplit(" ", 1)[0] + " …"
    return short if len(problems) == 1 else f"{short} (+{len(problems) - 1} more)"
