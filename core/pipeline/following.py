"""What follows a reply of an evaluation: an answer made at a budget, a second look at an answer.

Each is a trace of its own that follows the reply's, with its own tokens and price.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core import prompts
from core.jobs import Report
from core.llm.chat import ChatRequest, Message, Reply
from core.llm.recording import Conclusion, Place, ask_at_once
from core.pipeline.evaluation import Evaluation
from core.pipeline.taking import Means
from core.store import runs as rows
from core.store.outcomes import FORCED, JUDGE, SOLVE, Outcome, counting_under
from core.store.records import Problem, Trace

FORCED_TOKENS = 64


@dataclass(frozen=True)
class Following:
    """`reply` is the trace it follows; `budget` is None for a second look."""

    reply: Outcome
    budget: int | None
    attempt: int

    @property
    def stage(self) -> str:
        return JUDGE if self.budget is None else f"{FORCED}{self.budget}"


def missing(plan: Evaluation, kept: Sequence[Outcome]) -> list[Following]:
    """What has yet to follow the replies that count under one of the budgets."""
    tries = Counter((one.key, one.stage) for one in kept)
    return [
        replace(one, attempt=1 + tries[one.reply.key, one.stage]) for one in _wanted(plan, kept)
    ]


def _wanted(plan: Evaluation, kept: Sequence[Outcome]) -> Iterator[Following]:
    labels = {arm.label for arm in plan.arms}
    replies = [one for one in kept if one.stage == SOLVE and one.arm in labels]
    there = {(one.follows, one.stage) for one in kept if one.ended}
    wrong: dict[int, Outcome] = {}
    for budget in plan.budgets:
        for reply in counting_under(replies, budget).values():
            following = Following(reply, budget, 1)
            if plan.forced and reply.is_cut(budget) and (reply.id, following.stage) not in there:
                yield following
            if plan.judge and reply.found_wrong and (reply.id, JUDGE) not in there:
                wrong[reply.id] = reply
    yield from (Following(reply, None, 1) for reply in wrong.values())


@dataclass(frozen=True)
class Follower:
    """Asks for what follows."""

    means: Means
    plan: Evaluation
    run_id: int
    report: Report

    def ask(self, item: Following, problem: Problem) -> Trace | None:
        """The trace; None where nothing was sent: it was stopped, or nobody can tell where a budget
        cuts.
        """
        with self.means.store.read() as session:
            reply = rows.trace(item.reply.id, session=session)
        if item.budget is None:
            return self._judge(item, problem, reply)
        begun = beginning(reply, item.budget)
        if begun is None:
            return None
        request = self._forced(reply, begun)
        return self._ask(item, reply.endpoint, request, self._graded(problem), "forced")

    def _forced(self, reply: Trace, begun: str) -> ChatRequest:
        (told,) = prompts.load("forced").messages()
        said: list[Message] = [*reply.messages, {"role": "assistant", "content": begun}, told]
        sampling = replace(self.plan.sampling_of(reply.sample), max_tokens=FORCED_TOKENS)
        return ChatRequest(said, sampling)

    def _graded(self, problem: Problem) -> Any:
        def conclude(reply: Reply) -> Conclusion:
            verdict = self.means.grade(reply.text, problem)
            return lambda trace, session: rows.add_verdict(trace.id, **verdict, session=session)

        return conclude

    def _judge(self, item: Following, problem: Problem, reply: Trace) -> Trace | None:
        answer = item.reply.extracted or reply.text
        request = self.means.judging.request(problem.text, problem.gold or "", answer)

        def conclude(judged: Reply) -> Conclusion:
            said = self.means.judging.parse(judged.text)
            fields = {"correct": said, "grader": f"judge {self.plan.judge}"}

            def keep(_trace: Trace, session: Any) -> None:
                if said is not None:  # the reply's own verdict, by this judge from now on
                    rows.set_verdict(reply.id, **fields, session=session)

            return keep

        return self._ask(item, self.plan.judge, request, conclude, "judge_answer")

    def _ask(
        self, item: Following, model: str, request: ChatRequest, conclude: Any, prompt: str
    ) -> Trace | None:
        reply = item.reply
        place = Place(
            run_id=self.run_id,
            problem_id=reply.problem_id,
            stage=item.stage,
            sample=reply.sample,
            attempt=item.attempt,
            follows=reply.id,
            prompt_hash=prompts.load(prompt).hash,
            arm=reply.arm,
        )
        return ask_at_once(
            self.means.store,
            self.means.chat(model),
            request,
            place,
            stop=self.report.stopped,
            conclude=conclude,
            params={"prompt": prompt},
        )


def beginning(reply: Trace, budget: int) -> str | None:
    """The first `budget` tokens of a reply, thinking and text; None where nobody counted on the
    way.
    """
    if budget >= reply.params["max_tokens"]:  # cut there by the endpoint itself
        return f"{reply.thinking}\n\n{reply.text}".strip()
    taken = {"thinking": 0, "text": 0}
    for _elapsed, side, length, tokens in reply.chunks:
        if tokens is None:
            return None
        if tokens > budget:
            break
        taken[side] += length
    thinking, text = reply.thinking[: taken["thinking"]], reply.text[: taken["text"]]
    return f"{thinking}\n\n{text}".strip()
