"""A home folder such as a project has after months, made from a seed through core's functions.

Its handbook was imported in part, in part it came out of runs, whose traces are kept; three people
have decided on it. All its texts have a vector; the embedder they seem to come from is not there.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.app import App
from core.handbook import curation, importing, merging, shelf, undo
from core.handbook.curation import Draft
from core.handbook.files import HandbookFile, Head, Row
from core.handbook.synthetic import synthetic
from core.llm import endpoints
from core.llm.catalogue import default_embedder
from core.llm.chat import Sampling
from core.map.projection import pca
from core.pipeline.plan import Plan, create_run
from core.retrieval.vectors import Vectors, embedded_text
from core.settings import Settings
from core.store import Session, Store, layouts
from core.store import behaviors as rows
from core.store import jobs as job_rows
from core.store import runs as run_rows
from core.store import vectors as vector_rows
from core.store.records import STAGES, Endpoint, Run, now

SLUG = "large"
CURATORS = ("ada", "ben", "cleo")
MODEL = "teacher"
# Shares of the handbook's size.
PROPOSED, IMPORTED, REJECTED, MERGED, EDITED, UNDONE = 0.2, 0.45, 0.05, 0.02, 0.01, 0.004
AN_IMPORT, A_RUN, A_PROBLEM = 500, 20, 5
# Every fifth decision is taken by itself, the others with many at once.
SINGLE, MANY = 5, 25
TAGS = ("contest", "core", "proof", "school", "to check")
MARKS = ("leak", "near-copy", "specific", "trivial")
CHARACTERS_A_CHUNK = 5


@dataclass(frozen=True)
class Filled:
    """What a visitor can look at: an accepted behavior with a source, and a finished run."""

    behavior_id: int
    run_id: int


def fill(home: Path, size: int, seed: int) -> Filled:
    """Makes the folder: `size` behaviors accepted or proposed, and some rejected and merged."""
    settings = Settings.from_env({"VADEMECUM_HOME": str(home), "VADEMECUM_USER": CURATORS[0]})
    app = App.open(settings)
    try:
        return _Filling(app, size, seed).fill()
    finally:
        app.close()


class _Filling:
    """One handbook on its way to its size."""

    def __init__(self, app: App, size: int, seed: int):
        self.store: Store = app.store
        self.models_folder = app.settings.models_folder
        self.size = size
        self.random = np.random.default_rng(seed)
        self.made = synthetic(size + int(size * (REJECTED + MERGED)), seed)

    def fill(self) -> Filled:
        self._add_models()
        imported = int(self.size * IMPORTED)
        self._import(self.made.drafts[:imported])
        proposed, run_id = self._run(self.made.drafts[imported:])
        filled = Filled(self._decide(proposed), run_id)
        self._lay_out()
        return filled

    def _lay_out(self) -> None:
        """A map whose places are those of the main axes, with a cluster for every forty texts."""
        texts = [embedded_text(draft.name, draft.instruction) for draft in self.made.drafts]
        digests = list(dict.fromkeys(map(Vectors.digest, texts)))
        flat = pca(self.made.matrix[: len(digests)], 2)
        labels = range(len(digests) // 40 + 1)
        with self.store.write() as session:
            layouts.put_layout(
                shelf.find(self.store, SLUG).id,
                default_embedder().name,
                2,
                {
                    digest: (x, y, 0.0, at // 40)
                    for at, (digest, (x, y)) in enumerate(zip(digests, flat.tolist(), strict=True))
                },
                [(label, f"cluster {label}", ["one", "two"]) for label in labels],
                method="PCA",
                seed=0,
                by=CURATORS[0],
                session=session,
            )

    def _add_models(self) -> None:
        """An endpoint that nobody asks, and the vectors of an embedder that nobody loads."""
        blank = dict.fromkeys(("id", "key_env", "context_length", "price_in", "price_cached"))
        endpoints.add(
            self.store,
            Endpoint(
                **blank,
                name=MODEL,
                base_url="http://127.0.0.1:9/v1",
                model=MODEL,
                price_out=None,
                thinking="none",
                concurrency=8,
                found={},
            ),
        )
        entry = default_embedder()
        weights = self.models_folder / entry.name / entry.file
        weights.parent.mkdir(parents=True)
        weights.touch()
        kept = {
            Vectors.digest(embedded_text(draft.name, draft.instruction)): row.tobytes()
            for draft, row in zip(self.made.drafts, self.made.matrix, strict=True)
        }
        with self.store.write() as session:
            vector_rows.put_vectors(entry.name, kept, session=session)

    def _import(self, drafts: Sequence[Draft]) -> None:
        head = Head(title="A large handbook", licence="CC0-1.0", authors=list(CURATORS))
        for start in range(0, len(drafts), AN_IMPORT):
            read = [
                Row(
                    name=draft.name,
                    instruction=draft.instruction,
                    topic=draft.topic,
                    tags=self._tags(),
                )
                for draft in drafts[start : start + AN_IMPORT]
            ]
            why = f"part-{start // AN_IMPORT + 1}.jsonl"
            importing.import_read(
                self.store, SLUG, HandbookFile(head, read, []), by=CURATORS[0], why=why
            )
        self.handbook_id = shelf.find_or_create(self.store, SLUG, by=CURATORS[0]).id

    def _run(self, drafts: Sequence[Draft]) -> tuple[list[int], int]:
        """Runs that propose these; gives the ids, and the number of the last run."""
        pieces = [drafts[at : at + A_PROBLEM] for at in range(0, len(drafts), A_PROBLEM)]
        ids, run_id = [], 0
        for start in range(0, len(pieces), A_RUN):
            run = self._add_run(pieces[start : start + A_RUN])
            run_id = run.id
            for problem_id, piece in zip(run.problem_ids, pieces[start:], strict=False):
                with self.store.write() as session:
                    ids += self._propose(run, problem_id, piece, session)
        return ids, run_id

    def _add_run(self, pieces: Sequence[Sequence[Draft]]) -> Run:
        by = self._somebody()
        with self.store.write() as session:
            problem_ids = [
                run_rows.keep_problem(
                    f"Find all positive integers $n$ for which {piece[0].instruction.lower()}",
                    str(int(self.random.integers(1000))),
                    piece[0].topic,
                    {},
                    session=session,
                )
                for piece in pieces
            ]
        plan = Plan(models=dict.fromkeys(STAGES, MODEL), sampling=Sampling())
        title = f"{len(problem_ids)} problems"
        run = create_run(self.store, self.handbook_id, problem_ids, plan, title=title, by=by)
        done = len(problem_ids) * len(STAGES)
        ended = {"status": "done", "done": done, "total": done, "finished": now()}
        with self.store.write() as session:
            job_rows.add_job(
                kind="solve",
                run_id=run.id,
                params={},
                by=by,
                started=now(),
                session=session,
                **ended,
            )
        return run

    def _propose(
        self, run: Run, problem_id: int, drafts: Sequence[Draft], session: Session
    ) -> list[int]:
        """The three traces of one problem, its verdict, and what came out of it."""
        text = "\n".join(
            f"{draft.instruction} So $x_{{{n}}} = {n}$." for n, draft in enumerate(drafts)
        )
        solved = self._add_trace(run, problem_id, "solve", text * 4, None, session)
        correct = bool(self.random.random() < 0.7)
        run_rows.set_verdict(
            solved, extracted="7", correct=correct, grader="exact", session=session
        )
        review = "\n\n".join(f"A new behavior: {d.name}. {d.instruction} {text}" for d in drafts)
        reflected = self._add_trace(run, problem_id, "reflect", review, solved, session)
        listed = json.dumps(
            [{"name": d.name, "instruction": d.instruction} for d in drafts], indent=1
        )
        extracted = self._add_trace(run, problem_id, "extract", listed, reflected, session)
        found = [
            Draft(
                draft.name,
                draft.instruction,
                draft.topic,
                tags=tuple(self._tags()),
                marks=self._marks(),
                trace_id=extracted,
                start=listed.find(draft.name),
                end=listed.find(draft.instruction) + len(draft.instruction),
                source_model=MODEL,
                source_correct=correct,
            )
            for draft in drafts
        ]
        proposed = curation.propose(
            self.handbook_id, found, by=MODEL, why=f"run {run.id}", session=session
        )
        return [behavior.id for behavior in proposed]

    def _add_trace(
        self,
        run: Run,
        problem_id: int,
        stage: str,
        text: str,
        follows: int | None,
        session: Session,
    ) -> int:
        number = len(text) // CHARACTERS_A_CHUNK
        return run_rows.add_trace(
            run_id=run.id,
            problem_id=problem_id,
            arm="strategist",
            stage=stage,
            follows=follows,
            endpoint=MODEL,
            model=MODEL,
            prompt_hash="0" * 12,
            messages=[{"role": "user", "content": text[:2000]}],
            text=text,
            finish_reason="stop",
            input_tokens=600,
            output_tokens=number,
            first_token_seconds=0.4,
            seconds=number / 40,
            chunks=[[400 + 25 * n, "text", CHARACTERS_A_CHUNK] for n in range(number)],
            session=session,
        ).id

    def _decide(self, proposed: Sequence[int]) -> int:
        """All that happens to proposals; gives one that was accepted."""
        ids: list[int] = self.random.permutation(proposed).tolist()
        waiting, rejected, merged = (
            int(self.size * share) for share in (PROPOSED, REJECTED, MERGED)
        )
        ids = sorted(ids[waiting:])
        self._decide_on(ids[:rejected], "reject")
        accepted = ids[rejected + merged :]
        self._decide_on(accepted, "accept")
        for gone, stays in zip(ids[rejected : rejected + merged], accepted, strict=False):
            seen = {number: self._version(number) for number in (gone, stays)}
            merging.merge(self.store, seen, into=stays, text={}, by=self._somebody())
        for behavior_id in accepted[: int(self.size * EDITED)]:
            changes = {"avoid_when": "The numbers are small.", "tags": self._tags()}
            version = self._version(behavior_id)
            curation.edit(self.store, behavior_id, changes, version=version, by=self._somebody())
        for _ in range(int(self.size * UNDONE)):
            by = CURATORS[1]
            undo.undo(self.store, self.handbook_id, by=by)
            undo.redo(self.store, self.handbook_id, by=by)
        return accepted[0]

    def _decide_on(self, ids: Sequence[int], decision: curation.Decision) -> None:
        decide = {"accept": curation.accept, "reject": curation.reject}[decision]
        singles = ids[: len(ids) // SINGLE]
        for behavior_id in singles:
            version = self._version(behavior_id)
            decide(self.store, behavior_id, version=version, by=self._somebody())
        rest = ids[len(singles) :]
        for start in range(0, len(rest), MANY):
            seen = {number: self._version(number) for number in rest[start : start + MANY]}
            curation.decide_many(self.store, self.handbook_id, decision, seen, by=self._somebody())

    def _version(self, behavior_id: int) -> int:
        with self.store.read() as session:
            return rows.behavior(behavior_id, session=session).version

    def _somebody(self) -> str:
        return CURATORS[int(self.random.integers(len(CURATORS)))]

    def _tags(self) -> list[str]:
        return [tag for tag in TAGS if self.random.random() < 0.15]

    def _marks(self) -> tuple[tuple[str, str], ...]:
        return tuple(
            (mark, "It reads like another.") for mark in MARKS if self.random.random() < 0.1
        )
