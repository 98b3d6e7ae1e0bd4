"""What the traces of a run came to, in figures and without their texts: thousands at a time."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy
from sqlmodel import Session, col

from core.store.pieces import pieces
from core.store.tables import TraceRow, VerdictRow

# Stages of an evaluation: a reply, an answer that was asked for at a budget (which follows the
# word), and a second look at an answer.
SOLVE, FORCED, JUDGE = "solve", "forced-", "judge"
ENDED = ("stop", "length")
# (problem, arm, sample)
Key = tuple[int, str, int]


@dataclass(frozen=True)
class Outcome:
    """A trace and its verdict in figures. Fields are named as in `core.store.records.Trace`.

    `max_tokens` is the budget it was asked with, `prompt` the name of its prompt, `follows` the id
    of the reply that a forced answer or a second look belongs to. `correct` and `grader` are None
    without a verdict.
    """

    id: int
    problem_id: int
    arm: str
    stage: str
    sample: int
    attempt: int
    follows: int | None
    model: str
    finish_reason: str | None
    error_kind: str | None
    error: str | None
    input_tokens: int | None
    cached_tokens: int | None
    reasoning_tokens: int | None
    output_tokens: int | None
    price: float | None
    seconds: float | None
    first_token_seconds: float | None
    counted_by: str | None
    prompt_hash: str
    extracted: str | None
    correct: bool | None
    grader: str | None
    score: float | None
    max_tokens: int
    prompt: str

    @property
    def key(self) -> Key:
        return self.problem_id, self.arm, self.sample

    @property
    def ended(self) -> bool:
        """By itself or at its budget."""
        return self.finish_reason in ENDED

    @property
    def found_wrong(self) -> bool:
        """Of its own accord it ended, and wrongly."""
        return self.finish_reason == "stop" and self.correct is False

    def tells_of(self, budget: int) -> bool:
        """Whether it is known how this reply ends under the budget."""
        return self.ended and (self.finish_reason == "stop" or self.max_tokens >= budget)

    def is_cut(self, budget: int) -> bool:
        """Whether a reply that ended is cut off by the budget; without a count nobody knows."""
        if not self.ended or self.output_tokens is None:
            return False
        at_its_own = self.finish_reason == "length" and self.output_tokens >= budget
        return at_its_own or self.output_tokens > budget

    def is_cut_before(self, budget: int) -> bool:
        """Whether something else cut it off before the budget: the model's context is full."""
        if self.finish_reason != "length" or self.output_tokens is None:
            return False
        return self.output_tokens < budget <= self.max_tokens

    def counts_before(self, other: "Outcome") -> bool:
        """Of two attempts, which tells: one that ended, then the larger budget, then the later."""
        return _weight(self) > _weight(other)


_OF_TRACE = (
    *("id", "problem_id", "arm", "stage", "sample", "attempt", "follows", "model"),
    *("finish_reason", "error_kind", "error", "input_tokens", "cached_tokens", "reasoning_tokens"),
    *("output_tokens", "price", "seconds", "first_token_seconds", "counted_by", "prompt_hash"),
)
_OF_VERDICT = ("extracted", "correct", "grader", "score")


def outcomes(run_id: int, *, session: Session) -> list[Outcome]:
    """Of all traces of a run, in all their attempts, oldest first."""
    query = _query().where(col(TraceRow.run_id) == run_id).order_by(col(TraceRow.id))
    return _read(query, session)


def solutions_of(
    run_id: int, problem_ids: Sequence[int], arms: Collection[str], *, session: Session
) -> list[Outcome]:
    """All attempts of these arms at these problems that ended or failed."""
    query = _query().where(
        col(TraceRow.run_id) == run_id,
        col(TraceRow.arm).in_(arms),
        col(TraceRow.stage) == SOLVE,
        col(TraceRow.finish_reason).is_not(None),
    )
    return [
        one
        for some in pieces(problem_ids)
        for one in _read(query.where(col(TraceRow.problem_id).in_(some)), session)
    ]


def latest_of_endpoint(endpoint: str, limit: int, *, session: Session) -> list[Outcome]:
    """Replies of an endpoint that ended, the newest first."""
    ended = col(TraceRow.finish_reason).in_(ENDED)
    query = _query().where(col(TraceRow.endpoint) == endpoint, ended)
    return _read(query.order_by(col(TraceRow.id).desc()).limit(limit), session)


def counting_under(replies: Iterable[Outcome], budget: int) -> dict[Key, Outcome]:
    """The replies that count under a budget: of several attempts at one the attempt that was asked
    for with the least budget that is enough. A reply that this budget had cut off stays cut, also
    where it was asked for again with a larger: a second draw for cut ones alone would flatter. One
    that a smaller budget had cut off, and that failed when it was asked for again, is a failure.
    """
    chosen: dict[Key, Outcome] = {}
    for one in replies:
        held = chosen.get(one.key)
        if held is None or _weight_under(one, budget) > _weight_under(held, budget):
            chosen[one.key] = one
    return chosen


def _weight_under(one: Outcome, budget: int) -> tuple[int, int, int]:
    """What tells of the budget, then what failed to tell of it, then what was cut off before it."""
    if one.tells_of(budget):
        return 3, -one.max_tokens, one.id
    if not one.ended:
        return 2 if one.max_tokens >= budget else 0, 0, one.id
    return 1, one.max_tokens, one.id


def _weight(one: Outcome) -> tuple[bool, int, int]:
    return one.ended, one.max_tokens if one.ended else 0, one.id


def _query() -> Any:
    return sqlalchemy.select(
        *(getattr(TraceRow, name) for name in _OF_TRACE),
        *(getattr(VerdictRow, name) for name in _OF_VERDICT),
        col(TraceRow.params),
    ).outerjoin(VerdictRow, col(VerdictRow.trace_id) == col(TraceRow.id))


def _read(query: Any, session: Session) -> list[Outcome]:
    found = []
    for row in session.connection().execute(query).all():
        params = row[-1]
        fields: list[Any] = [*row[:-1], params.get("max_tokens", 0), params.get("prompt", "")]
        found.append(Outcome(*fields))
    return found
