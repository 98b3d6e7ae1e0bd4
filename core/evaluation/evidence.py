"""The traces of an evaluation as samples for statistics: one for each arm, problem and sample."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import cast

from core.evaluation.statistics.sample import Finish, Sample, at_budget
from core.store.outcomes import FORCED, JUDGE, SOLVE, Key, Outcome


@dataclass(frozen=True)
class Evidence:
    """What is known of a run: the trace that counts for each (problem, arm, sample), and others.

    `forced` has the answers that were asked for at a budget, by budget and key.
    """

    counting: dict[Key, Outcome]
    forced: dict[int, dict[Key, Outcome]]
    judged: tuple[Outcome, ...]
    repeated: tuple[Outcome, ...]

    def samples(self, budget: int | None = None) -> list[Sample]:
        """As they were run, or under a smaller budget; forced answers in place of cut ones."""
        found = [as_sample(one) for one in self.counting.values()]
        if budget is None:
            return found
        answers = self.forced.get(budget, {})
        return [
            _with_answer(at_budget(sample, budget), answers.get(key))
            for key, sample in zip(self.counting, found, strict=True)
        ]


def evidence(outcomes: Iterable[Outcome], arms: Iterable[str]) -> Evidence:
    """Of the last attempt that ended, with the largest budget; else of the last that failed."""
    counting: dict[Key, Outcome] = {}
    forced: dict[int, dict[Key, Outcome]] = {}
    judged, repeated = [], []
    wanted = {label: place for place, label in enumerate(arms)}
    for one in outcomes:
        if one.arm not in wanted or one.finish_reason is None:
            continue
        key = one.key
        if one.stage == SOLVE:
            before = counting.get(key)
            if before is None or one.counts_before(before):
                counting[key], one = one, before or one
            if before is not None:
                repeated.append(one)
        elif one.stage.startswith(FORCED):
            forced.setdefault(int(one.stage.removeprefix(FORCED)), {})[key] = one
        elif one.stage == JUDGE:
            judged.append(one)
    ordered = sorted(counting, key=lambda key: (wanted[key[1]], key[0], key[2]))
    return Evidence({key: counting[key] for key in ordered}, forced, tuple(judged), tuple(repeated))


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
    )


def totals(outcomes: Iterable[Outcome]) -> Mapping[str, float | None]:
    """Sums over traces; None as soon as one of them has no count."""
    names = ("input_tokens", "cached_tokens", "output_tokens", "price")
    sums: dict[str, float | None] = dict.fromkeys(names, 0)
    for one in outcomes:
        for name in names:
            value, so_far = getattr(one, name), sums[name]
            sums[name] = None if value is None or so_far is None else so_far + value
    return sums


def _with_answer(cut: Sample, answer: Outcome | None) -> Sample:
    """A reply cut off by the budget that was then made to answer: right if that answer is."""
    if cut.finish != "length" or answer is None or not answer.ended:
        return cut
    tokens, more = cut.output_tokens, answer.output_tokens
    return replace(
        cut,
        correct=answer.correct,
        finish="stop",
        output_tokens=None if tokens is None or more is None else tokens + more,
    )
