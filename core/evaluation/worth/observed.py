"""What was seen of each behavior: how often it was given and cited, and how that went.

This is observation, and it is confounded: a hard problem retrieves other behaviors than an easy one
and has longer answers, and a model that cites is a model that is doing well or badly anyway. Beside
the plain trace of the same problem and sample the difficulty is taken out, why a behavior was cited
is not. What a behavior does is told by the experiment (`experiment.py`).

Counted are answers that ended, by themselves or cut off by the budget (then wrong, and at least so
long), from evaluations and comparisons on the handbook. A behavior that was merged into another
keeps its own counts.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import get_args

from core.evaluation.evidence import as_sample, evidence
from core.evaluation.worth.drawing import drawing, labels, plain_beside
from core.handbook.citations import SPELLINGS, citations
from core.store import Session, Store, handbooks, history, outcomes, uses
from core.store import behaviors as rows
from core.store.outcomes import Key, Outcome
from core.store.records import BehaviorStatus, Handbook, Run
from core.store.uses import Gift, Reading

STATUSES = get_args(BehaviorStatus)
_SCORE = "_"
_MARKS = "*`\\"  # what models put between a word of a name and its underscore
# (The answer, the plain answer to the same) of one cited behavior.
_Lengths = tuple[int, int]


@dataclass(frozen=True)
class Use:
    """Numbers of answers, unless said otherwise. What nobody graded or counted is not in them.

    `as_it_reads` are those given with the name and instruction of now, and `cited_as_it_reads` of
    these. `right` are those of the `graded` ones that were right, `cited_right` those of the
    `cited_graded`. `token_difference` is the mean of output tokens less those of the plain trace of
    the same problem, sample and run, and `token_ratio` the geometric mean of their ratios, over the
    `compared` answers that cite it; None where there are none.
    """

    given: int
    as_it_reads: int
    problems: int
    runs: int
    cited: int
    cited_as_it_reads: int
    graded: int
    right: int
    cited_graded: int
    cited_right: int
    compared: int
    token_difference: float | None
    token_ratio: float | None

    @property
    def share_right(self) -> float | None:
        return self.right / self.graded if self.graded else None

    @property
    def share_cited_right(self) -> float | None:
        return self.cited_right / self.cited_graded if self.cited_graded else None


NEVER = Use(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, None, None)


@dataclass
class _Tally:
    """The answers that were given one behavior."""

    given: int = 0
    as_it_reads: int = 0
    problems: set[int] = field(default_factory=set)
    runs: set[int] = field(default_factory=set)
    cited: int = 0
    cited_as_it_reads: int = 0
    rights: list[bool] = field(default_factory=list)
    cited_rights: list[bool] = field(default_factory=list)
    lengths: list[_Lengths] = field(default_factory=list)

    def use(self) -> Use:
        differences = [mine - other for mine, other in self.lengths]
        logs = [math.log(mine / other) for mine, other in self.lengths if mine and other]
        return Use(
            given=self.given,
            as_it_reads=self.as_it_reads,
            problems=len(self.problems),
            runs=len(self.runs),
            cited=self.cited,
            cited_as_it_reads=self.cited_as_it_reads,
            graded=len(self.rights),
            right=sum(self.rights),
            cited_graded=len(self.cited_rights),
            cited_right=sum(self.cited_rights),
            compared=len(self.lengths),
            token_difference=sum(differences) / len(differences) if differences else None,
            token_ratio=math.exp(math.fsum(logs) / len(logs)) if logs else None,
        )


def stamp(store: Store, handbook_id: int) -> tuple[int, ...]:
    """Another one as soon as `observed` may say something else: quick to ask for, to cache by."""
    with store.read() as session:
        book = handbooks.handbook(handbook_id, session=session)
        step = history.last_number(handbook_id, session=session)
        return (step, *uses.stamp(handbook_id, book.slug, session=session))


def observed(store: Store, handbook_id: int) -> dict[int, Use]:
    """Behavior id -> its use, for those that were ever given (`NEVER` is that of the others)."""
    with store.read() as session:
        book = handbooks.handbook(handbook_id, session=session)
        columns = ("id", "name", "instruction")
        found = rows.values(handbook_id, columns, STATUSES, session=session)
        texts = {number: (name, instruction) for number, name, instruction in found}
        tallies: dict[int, _Tally] = defaultdict(_Tally)
        for run in uses.runs_on(handbook_id, book.slug, session=session):
            _count(run, book, texts, tallies, session)
    return {number: tally.use() for number, tally in sorted(tallies.items())}


def _count(
    run: Run,
    book: Handbook,
    texts: Mapping[int, tuple[str, str]],
    tallies: dict[int, _Tally],
    session: Session,
) -> None:
    """Adds the answers of a run."""
    arms = drawing(run, book)
    if not arms:
        return
    known = evidence(outcomes.outcomes(run.id, session=session), labels(run)).counting
    keys = {one.id: key for key, one in known.items() if as_sample(one).answered}
    plain = {arm: plain_beside(run, arm) for arm in arms}
    for reading in uses.readings(run.id, arms, session=session):
        if reading.trace_id not in keys:
            continue
        key = keys[reading.trace_id]
        lengths = _lengths(key, plain[key[1]], known)
        right = as_sample(known[key]).right
        cited = _cited(reading)
        for gift in reading.given:
            if gift.id in texts:
                same = texts[gift.id] == (gift.name, gift.instruction)
                _add(tallies[gift.id], run.id, key[0], same, right, gift.name in cited, lengths)


def _add(
    tally: _Tally,
    run_id: int,
    problem_id: int,
    same: bool,
    right: bool | None,
    cited: bool,
    lengths: _Lengths | None,
) -> None:
    tally.given += 1
    tally.as_it_reads += same
    tally.runs.add(run_id)
    tally.problems.add(problem_id)
    tally.rights += [] if right is None else [right]
    if cited:
        tally.cited += 1
        tally.cited_as_it_reads += same
        tally.cited_rights += [] if right is None else [right]
        tally.lengths += [lengths] if lengths else []


def _lengths(key: Key, plain: str | None, known: Mapping[Key, Outcome]) -> _Lengths | None:
    """Output tokens of the answer and of the plain one beside it, where both were counted."""
    if plain is None or (other := known.get((key[0], plain, key[2]))) is None:
        return None
    mine, others = known[key].output_tokens, other.output_tokens
    if mine is None or others is None or not as_sample(other).answered:
        return None
    return mine, others


def _cited(reading: Reading) -> set[str]:
    names = {gift.name for gift in reading.given}
    joints = _before_scores(reading.given)
    return {
        citation.name
        for text in (reading.thinking, reading.text)
        if may_cite(text, joints)
        for citation in citations(text, names)
        if citation.given
    }


def _before_scores(given: Iterable[Gift]) -> tuple[str, ...]:
    """The words of the names that an underscore follows."""
    words: Collection[str] = {word for gift in given for word in gift.name.split("_")[:-1]}
    return (*words, *SPELLINGS)


def may_cite(text: str, words: tuple[str, ...]) -> bool:
    """Whether an underscore follows one of these words: else the text names no such behavior.

    It takes a twentieth of the time of reading the text for citations, and most texts have none.
    """
    if _SCORE not in text:
        return False
    pieces = text.lower().split(_SCORE)[:-1]
    return any(piece.rstrip(_MARKS).endswith(words) for piece in pieces)
