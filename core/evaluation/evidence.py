"""The traces of an evaluation as samples for statistics: one for each arm, problem and sample."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeVar, cast

from core.evaluation.statistics.sample import Finish, Sample, at_budget
from core.store.outcomes import FORCED, JUDGE, SOLVE, Key, Outcome, counting_under

Number = TypeVar("Number", int, float)


@dataclass(frozen=True)
class Evidence:
    """What is known of a run: the trace that counts for each (problem, arm, sample), and others.

    `forced` has the answers that were asked for at a budget, by budget and the reply they follow;
    `judged` are the replies that a judge has looked at.
    """

    counting: dict[Key, Outcome]
    forced: dict[int, dict[int, Outcome]]
    judged: frozenset[int]
    repeated: tuple[Outcome, ...]

    def samples(self, budget: int | None = None) -> list[Sample]:
        """As they were run, or under a smaller budget; forced answers in place of cut ones."""
        if budget is None:
            return [as_sample(one) for one in self.counting.values()]
        answers = self.forced.get(budget, {})
        return [
            _with_answer(at_budget(as_sample(one), budget), answers.get(one.id))
            for one in self.under(budget).values()
        ]

    def under(self, budget: int) -> dict[Key, Outcome]:
        """The traces that count under this budget."""
        found = counting_under([*self.counting.values(), *self.repeated], budget)
        return {key: found[key] for key in self.counting}

    def failed(self, budgets: Iterable[int]) -> list[tuple[Outcome, list[int]]]:
        """The replies that never came, each with the budgets at which it is missing."""
        found: dict[int, tuple[Outcome, list[int]]] = {}
        for budget in budgets:
            for one in self.under(budget).values():
                if not one.ended:
                    found.setdefault(one.id, (one, []))[1].append(budget)
        return list(found.values())

    def graded(self, budget: int) -> list[Outcome]:
        """The traces whose verdicts count under this budget: of a reply that it cuts off that of
        the answer which was then asked for, if any was.
        """
        answers = self.forced.get(budget, {})
        found = []
        for one in self.under(budget).values():
            cut = one.finish_reason == "length" or one.is_cut(budget)
            telling = answers.get(one.id) if cut else one
            if telling is not None and telling.ended:
                found.append(telling)
        return found

    def unforced(self, budget: int) -> list[Outcome]:
        """The replies cut off by the budget, or before it, that were not made to answer."""
        answers = self.forced.get(budget, {})
        made = {reply for reply, answer in answers.items() if answer.ended}
        return [
            one
            for one in self.under(budget).values()
            if (one.is_cut(budget) or one.is_cut_before(budget)) and one.id not in made
        ]

    def unjudged(self, budgets: Iterable[int]) -> list[Outcome]:
        """The replies found wrong, under any of the budgets, that no judge has looked at."""
        telling = {one.id: one for budget in budgets for one in self.under(budget).values()}
        return [one for one in telling.values() if one.found_wrong and one.id not in self.judged]

    def asked_again(self) -> list[Outcome]:
        """The replies that were cut off and then asked for once more with a larger budget."""
        return [
            one
            for one in self.repeated
            if one.finish_reason == "length" and one.max_tokens < self.counting[one.key].max_tokens
        ]


def evidence(outcomes: Iterable[Outcome], arms: Iterable[str]) -> Evidence:
    """Of the last attempt that ended, with the largest budget; else of the last that failed."""
    counting: dict[Key, Outcome] = {}
    forced: dict[int, dict[int, Outcome]] = {}
    judged, repeated = set(), []
    wanted = {label: place for place, label in enumerate(arms)}
    for one in outcomes:
        if one.arm not in wanted or one.finish_reason in (None, "cancelled"):
            continue
        key = one.key
        if one.stage == SOLVE:
            before = counting.get(key)
            if before is None or one.counts_before(before):
                counting[key], one = one, before or one
            if before is not None:
                repeated.append(one)
        elif one.follows is not None and one.stage.startswith(FORCED):
            forced.setdefault(int(one.stage.removeprefix(FORCED)), {})[one.follows] = one
        elif one.follows is not None and one.stage == JUDGE and one.ended:
            judged.add(one.follows)
    ordered = sorted(counting, key=lambda key: (wanted[key[1]], key[0], key[2]))
    kept = {key: counting[key] for key in ordered}
    return Evidence(kept, forced, frozenset(judged), tuple(repeated))


def as_sample(one: Outcome) -> Sample:
    return Sample(
        problem=str(one.problem_id),
        arm=one.arm,
        number=one.sample,
        correct=one.correct,
        output_tokens=one.output_tokens,
        reasoning_tokens=one.reasoning_tokens,
        input_tokens=one.input_tokens,
        cached_tokens=one.cached_tokens,
        seconds=one.seconds,
        price=one.price,
        finish=cast(Finish, one.finish_reason),  # only ended ones are read
        budget=one.max_tokens,
        score=one.score,
    )


def _with_answer(cut: Sample, answer: Outcome | None) -> Sample:
    """A reply cut off by the budget that was then made to answer: right if that answer is."""
    if cut.finish != "length" or answer is None or not answer.ended:
        return cut
    return replace(
        cut,
        correct=answer.correct,
        score=answer.score,
        finish="stop",
        output_tokens=_sum(cut.output_tokens, answer.output_tokens),
        input_tokens=_sum(cut.input_tokens, answer.input_tokens),
        cached_tokens=_sum(cut.cached_tokens, answer.cached_tokens),
        seconds=_sum(cut.seconds, answer.seconds),
        price=_sum(cut.price, answer.price),
    )


def _sum(first: Number | None, second: Number | None) -> Number | None:
    return None if first is None or second is None else first + second
