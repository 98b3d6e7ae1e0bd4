"""One sample of an arm: which behaviors it gives, what is sent, and the trace that comes of it.

What a comparison of one problem and an evaluation on many have in common.
"""

import functools
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.handbook import shelf
from core.jobs import Report
from core.llm.chat import ChatModel, ChatRequest, Failure, Reply, Sampling
from core.llm.midway import BROKEN, Midway
from core.llm.recording import Conclusion, Place
from core.pipeline import condition as conditions
from core.pipeline.arms import CONTROLS, WITHOUT, Arm, ArmKind, reference_way
from core.pipeline.comparison import Comparison
from core.pipeline.condition import Condition, condition
from core.pipeline.dynamic import DynamicChat
from core.pipeline.finding import Finder
from core.pipeline.giving import Count, Given, Giver
from core.retrieval.sources import Sources
from core.retrieval.vectors import Progress
from core.store import Store, handbooks
from core.store import runs as rows
from core.store.records import Problem, Run

WARM_UP = ChatRequest([{"role": "user", "content": "Hello."}], Sampling(0.0, None, 1))
Grade = Callable[[str, Problem], dict[str, Any]]


class Judging(Protocol):
    """How a judge is asked whether an answer is right, and what its reply says; None: neither."""

    def request(self, problem: str, gold: str, answer: str) -> ChatRequest: ...
    def parse(self, reply: str) -> bool | None: ...


@dataclass(frozen=True)
class Means:
    """What it takes to ask.

    `chat` finds a model by name, `midway` says how it takes something in on the way, `sources` is
    what retrieval draws on, and `embed` computes the vectors that a handbook (its slug) and the
    problems lack. `grade` takes a text and its problem and gives the fields of a verdict; `judging`
    is for those who ask for a judge.
    """

    store: Store
    chat: Callable[[str], ChatModel]
    midway: Callable[[str], Midway | Failure]
    sources: Callable[[], Sources]
    embed: Callable[[str, Progress], None]
    grade: Grade
    judging: Judging


@dataclass
class Taker:
    """Takes samples for one run, by its plan."""

    means: Means
    run: Run
    plan: Comparison
    report: Report
    _chats: dict[str, ChatModel] = field(default_factory=dict)
    _ways: dict[str, Failure] = field(default_factory=dict)
    _counts: dict[str, Count] = field(default_factory=dict)
    _books: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def embed(self) -> None:
        """Before behaviors are chosen: what has no vector is not found."""
        needy = [arm for arm in self.plan.arms if arm.kind not in (*WITHOUT, "bci-fixed")]
        for number in sorted({self._book(arm) for arm in needy}):
            with self.means.store.read() as session:
                slug = handbooks.handbook(number, session=session).slug
            note = f"computing the vectors of {slug}"
            self.means.embed(slug, functools.partial(self._tell, note))

    def _tell(self, note: str, done: int, total: int) -> None:
        self.report(0, 0, f"{note}, {done:,} of {total:,}")

    def given(
        self,
        problem: Problem,
        before: Mapping[str, Sequence[Mapping[str, Any]]],
        wanted: Iterable[str],
    ) -> dict[str, list[Given]]:
        """Label -> what each of the `wanted` arms gives for a problem, in the order of rank.

        `before` has what arms gave that have begun: they go on with that.
        """
        wanted = set(wanted)
        found: dict[str, list[Given]] = {}
        gave: dict[tuple[ArmKind, str], list[Given]] = {}
        # The controls last: they go by what their reference gave, not by the handbook of today.
        for arm in sorted(self.plan.arms, key=lambda arm: arm.kind in CONTROLS):
            if arm.label in before and arm.kind != "bci-dynamic":
                found[arm.label] = [Given(**one) for one in before[arm.label]]
            elif arm.label in wanted:
                reference = reference_way(self.plan.arms, arm.handbook)
                known = gave.get((reference, arm.handbook))
                found[arm.label] = self._giver(arm, problem).given(arm.kind, reference, known)
            if arm.label in found:
                gave.setdefault((arm.kind, arm.handbook), found[arm.label])
        return found

    def warm_up(self, models: Iterable[str], told: Callable[[str], None]) -> None:
        """The first request of an embedded model reads its file, the first look for a behavior
        loads the embedder: no arm is to pay for that.
        """
        asked = set(models)
        for name in sorted(asked):
            model = self.means.chat(name)
            if model.endpoint.embedded:
                told(f"starting {name}")
                model.complete(WARM_UP, stop=self.report.stopped)
        for arm in self.plan.arms:
            if arm.kind == "bci-dynamic" and arm.model in asked:
                told("loading the embedder")
                self._finder(arm).warm_up()

    def model(self, arm: Arm) -> ChatModel:
        """Looked up once: an arm has the same model to the end, and thousands of samples."""
        with self._lock:
            if arm.model not in self._chats:
                self._chats[arm.model] = self.means.chat(arm.model)
            model = self._chats[arm.model]
        if arm.kind != "bci-dynamic":
            return model
        return DynamicChat(model, self._way(arm.model), self._finder(arm))

    def _way(self, model: str) -> Midway | Failure:
        """A server that breaks on being asked what it can do is not asked again in this run."""
        with self._lock:
            known = self._ways.get(model)
        if known is not None:
            return known
        found = self.means.midway(model)
        if isinstance(found, Failure) and found.kind in BROKEN:
            with self._lock:
                self._ways[model] = found
        return found

    def _finder(self, arm: Arm) -> Finder:
        return Finder(self.means.sources(), self._book(arm), self.plan.offered_from)

    def request(self, made: Condition, sample: int) -> ChatRequest:
        # A reply that goes round in circles costs its budget and is wrong, as in the paper: were it
        # broken off as failed and left out, the arm that does so would look better.
        return ChatRequest(made.messages, self.plan.sampling_of(sample), stop_loops=False)

    def condition(
        self, arm: Arm, problem: Problem, given: Sequence[Given], *, left_out: bool = False
    ) -> Condition:
        return condition(arm.kind, problem.text, given, left_out=left_out)

    def place(
        self,
        arm: Arm,
        problem: Problem,
        sample: int,
        attempt: int,
        made: Condition,
        given: Sequence[Given],
    ) -> Place:
        return Place(
            run_id=self.run.id,
            problem_id=problem.id,
            stage="solve",
            sample=sample,
            attempt=attempt,
            follows=None,
            prompt_hash=made.prompt_hash,
            arm=arm.label,
            given=[one.record() for one in given],
        )

    def conclusion(self, problem: Problem) -> Callable[[Reply], Conclusion]:
        def conclude(reply: Reply) -> Conclusion:
            verdict = self.means.grade(reply.text, problem)
            return lambda trace, session: rows.add_verdict(trace.id, **verdict, session=session)

        return conclude

    def parts(self, arm: Arm, made: Condition) -> list[dict[str, Any]]:
        """The parts of a prompt with their tokens, as a trace keeps them."""
        return conditions.as_records(made.parts, self._count(arm.model))

    def _count(self, model: str) -> Count:
        """Counts tokens, each text once: every one is a request to the model's server."""
        with self._lock:
            if model not in self._counts:
                self._counts[model] = functools.cache(self.means.chat(model).count_tokens)
            return self._counts[model]

    def _giver(self, arm: Arm, problem: Problem) -> Giver:
        return Giver(
            self.means.store,
            self.means.sources(),
            self._book(arm),
            self.plan.query(problem),
            self.plan.k_of_topic,
            self.plan.fixed,
            self._count(arm.model),
            f"{self.run.id} {problem.id}",
        )

    def _book(self, arm: Arm) -> int:
        """The handbook an arm draws on."""
        if not arm.handbook:
            return self.run.handbook_id or 0
        with self._lock:
            if arm.handbook not in self._books:
                self._books[arm.handbook] = shelf.find(self.means.store, arm.handbook).id
            return self._books[arm.handbook]
