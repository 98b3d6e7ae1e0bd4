"""What each behavior does to output tokens and to being right, from a run of the experiment.

A regression of log tokens, and of right (1 or 0), on what was given: half for a behavior given,
minus half for one left out, zero for one that is not in the problem's set. With several samples a
problem each is compared with the others of its problem, so that hard problems are no excuse. With
one sample, problems are made alike by their plain trace where each has one, and by their topic;
what is given was drawn by chance, so this only sharpens the figures and does not decide them.

Errors are clustered by problem, by the jackknife that leaves out problems (CR3 in MacKinnon,
Nielsen and Webb 2023), with Student's t on the problems that have the behavior. p values are
corrected by scipy's false_discovery_control (Benjamini and Hochberg): the list is a screening, of
which one finding in twenty may be false.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.evaluation.statistics.bootstrap import Floats, Interval
from core.evaluation.statistics.worth.regression import Fit, regression, within_problems

ALPHA = 0.05
_FEWEST_PROBLEMS = 4
_ROUNDING = 1e-9
_MOST_NAMED = 5  # behaviors of which nothing is known; of more only their number is told


@dataclass(frozen=True)
class Row:
    """One sample of the experiment; `tokens` or `correct` is None where unknown.

    An answer cut off by the budget is wrong and has the budget's tokens; one that failed has
    neither. The `plain` ones are of the same problem without behaviors.
    """

    problem: str
    given: tuple[str, ...]
    left_out: tuple[str, ...]
    tokens: float | None
    correct: bool | None
    topic: str | None = None
    plain_tokens: float | None = None
    plain_right: float | None = None


@dataclass(frozen=True)
class Effect:
    """Of being given: on tokens a share (-0.2 is 20% fewer), on being right a share (points)."""

    size: float
    interval: Interval
    p: float
    corrected_p: float

    @property
    def shown(self) -> bool:
        """Whether it is told from none, corrected for all behaviors. Where answers leave nothing
        to chance, what is left of rounding would seem certain.
        """
        return self.corrected_p <= ALPHA and abs(self.size) > _ROUNDING


@dataclass(frozen=True)
class Worth:
    """One behavior; an effect is None where the rows cannot tell it, and `notes` of all say why."""

    behavior: str
    given: int
    left_out: int
    problems: int
    tokens: Effect | None
    right: Effect | None


@dataclass(frozen=True)
class Worths:
    """`token_spread` and `right_spread` are deviations among samples, to plan the next run by."""

    behaviors: tuple[Worth, ...]
    rows: int
    problems: int
    without_tokens: int
    without_grade: int
    token_spread: float | None
    right_spread: float | None
    notes: tuple[str, ...]


def effects(rows: Iterable[Row]) -> Worths:
    """The effects of all behaviors in the rows, in the order of their names."""
    known = list(rows)
    names = sorted({name for row in known for name in (*row.given, *row.left_out)})
    counted = [row for row in known if row.tokens]
    graded = [row for row in known if row.correct is not None]
    logs = np.array([math.log(row.tokens) for row in counted if row.tokens])
    rights = np.array([float(bool(row.correct)) for row in graded])
    plain_logs = [math.log(row.plain_tokens) if row.plain_tokens else None for row in counted]
    on_tokens = _fit(counted, names, logs, plain_logs)
    on_right = _fit(graded, names, rights, [row.plain_right for row in graded])
    found_tokens = _effects(on_tokens, names, math.expm1)
    found_right = _effects(on_right, names, float)
    return Worths(
        behaviors=tuple(
            Worth(
                behavior=name,
                given=sum(name in row.given for row in known),
                left_out=sum(name in row.left_out for row in known),
                problems=len(_with(known, name)),
                tokens=found_tokens.get(name),
                right=found_right.get(name),
            )
            for name in names
        ),
        rows=len(known),
        problems=len({row.problem for row in known}),
        without_tokens=len(known) - len(counted),
        without_grade=len(known) - len(graded),
        token_spread=on_tokens.spread,
        right_spread=on_right.spread,
        notes=tuple(_notes(on_tokens.notes, on_right.notes)),
    )


def _notes(on_tokens: Sequence[str], on_right: Sequence[str]) -> Iterator[str]:
    """What holds of both is said once."""
    both = [note for note in on_tokens if note in on_right]
    yield from (f"On tokens and on being right: {note}" for note in both)
    yield from (f"On tokens: {note}" for note in on_tokens if note not in both)
    yield from (f"On being right: {note}" for note in on_right if note not in both)


def _with(rows: Sequence[Row], name: str) -> set[str]:
    return {row.problem for row in rows if name in row.given or name in row.left_out}


@dataclass(frozen=True)
class _Told:
    """A fit of one outcome, and what must be said of it."""

    fit: Fit | None
    notes: tuple[str, ...]

    @property
    def spread(self) -> float | None:
        return self.fit.spread if self.fit else None


def _fit(
    rows: Sequence[Row], names: Sequence[str], outcome: Floats, plain: Sequence[float | None]
) -> _Told:
    labels, problems = np.unique([row.problem for row in rows], return_inverse=True)
    if len(labels) < _FEWEST_PROBLEMS:
        return _Told(None, (f"known of too few problems ({len(labels)})",))
    if not names:
        return _Told(None, ("no problem was given a behavior",))
    counts = np.bincount(problems)[problems]
    given = _given(rows, names)
    notes = []
    if (counts > 1).mean() >= 0.5:
        several = counts > 1
        if not several.all():
            notes.append(f"problems with a single answer are left out ({int((~several).sum())})")
        _, problems = np.unique(problems[several], return_inverse=True)
        both = np.column_stack([given[several], outcome[several]])
        inside = within_problems(both, problems)
        beside = np.zeros((len(inside), 0))
        taken = int(problems.max()) + 1
        fit = regression(inside[:, -1], inside[:, :-1], beside, problems, taken)
    else:
        notes.append(
            "problems have one row each, so they are compared with one another"
            + ("" if None in plain else ", beside their plain traces")
        )
        beside, taken = _beside(rows, plain), 0
        fit = regression(outcome, given, beside, problems, taken)
    # What one sample of a pair is given says what the other is: both together are one choice.
    choices = len(problems) // 2 if taken else len(problems)
    too_few = fit.spread is None or len(names) + beside.shape[1] > choices
    answers = f"{len(problems):,} answers to {len(np.unique(problems)):,} problems"
    why_not_apart = (
        f"{answers} are too few for so many behaviors"
        if too_few
        else "which of them an answer had follows from what else is known of it"
    )
    return _Told(fit, (*notes, *_untold(fit, names, why_not_apart)))


def _untold(fit: Fit, names: Sequence[str], why_not_apart: str) -> Iterator[str]:
    """Why effects are unknown: a sentence for each cause, and every behavior in one of them."""
    rare = fit.problems < _FEWEST_PROBLEMS
    apart = fit.told if fit.spread is not None else np.zeros_like(fit.told)
    if (one := ~rare & ~apart).any():
        yield f"{_counted(names, one)} cannot be told apart, as {why_not_apart}"
    if rare.any():
        problems = f"fewer than {_FEWEST_PROBLEMS} problems"
        yield f"{_counted(names, rare)} could be compared on {problems}, which are too few"
    if (even := ~rare & apart & (fit.errors <= 0)).any():
        yield f"{_counted(names, even)} cannot be measured, as answers do not vary by chance"


def _counted(names: Sequence[str], which: NDArray[np.bool_]) -> str:
    """Such as: 12 behaviors; of few with their names."""
    own = [names[place] for place in np.flatnonzero(which).tolist()]
    told = f"{len(own):,} behavior{'s' * (len(own) != 1)}"
    return f"{told} ({', '.join(own)})" if len(own) <= _MOST_NAMED else told


def _given(rows: Sequence[Row], names: Sequence[str]) -> Floats:
    places = {name: place for place, name in enumerate(names)}
    given = np.zeros((len(rows), len(names)))
    for number, row in enumerate(rows):
        given[number, [places[name] for name in row.given]] = 0.5
        given[number, [places[name] for name in row.left_out]] = -0.5
    return given


def _beside(rows: Sequence[Row], plain: Sequence[float | None]) -> Floats:
    """What makes problems alike: a constant, the topics, and the plain trace where all have one."""
    columns = [np.ones(len(rows))]
    topics = sorted({row.topic for row in rows if row.topic is not None})
    columns += [np.array([float(row.topic == topic) for row in rows]) for topic in topics]
    if None not in plain:
        columns.append(np.array(plain, dtype=float))
    return np.column_stack(columns)


def _effects(
    told: _Told, names: Sequence[str], scale: Callable[[float], float]
) -> dict[str, Effect]:
    """Name -> effect, of those that the fit tells; `scale` makes it a share."""
    fit = told.fit
    if fit is None or fit.spread is None:
        return {}
    from scipy.stats import false_discovery_control, t

    known = np.flatnonzero(fit.told & (fit.problems >= _FEWEST_PROBLEMS) & (fit.errors > 0))
    if not len(known):
        return {}
    sizes, errors, free = fit.coefficients[known], fit.errors[known], fit.problems[known] - 1
    values = 2 * t.sf(np.abs(sizes / errors), free)
    corrected = false_discovery_control(values)
    halves = t.ppf(1 - ALPHA / 2, free) * errors
    return {
        names[place]: Effect(
            size=scale(float(size)),
            interval=(scale(float(size - half)), scale(float(size + half))),
            p=float(p),
            corrected_p=float(corrected_p),
        )
        for place, size, half, p, corrected_p in zip(
            known.tolist(), sizes, halves, values, corrected, strict=True
        )
    }
