"""What the behaviors of an evaluation did, where each answer was given a random part of them.

The statistics are those of `core.evaluation.statistics.worth`; here stands how a run's records
become its rows, and what has to be said of the figures. One arm is read at a time: another arm has
other sets, and often another model.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from core.errors import BadInput
from core.evaluation.evidence import Evidence, as_sample, evidence
from core.evaluation.statistics.sample import Sample, means_by_problem
from core.evaluation.statistics.worth.effects import Effect, Row, Worth, Worths, effects
from core.evaluation.worth.drawing import RETRIEVED, drawing, labels, model_of, plain_beside
from core.evaluation.worth.telling import counted, standing
from core.store import Session, Store, handbooks, outcomes, uses
from core.store import runs as run_rows
from core.store.records import Problem, Run
from core.store.uses import Gift

BARE = "solve"  # the prompt without behaviors, which an empty part once had


@dataclass(frozen=True)
class Finding:
    """A behavior as the run gave it, and what it was found to do. `id` is its number."""

    id: int
    name: str
    instruction: str
    worth: Worth


@dataclass(frozen=True)
class Experiment:
    """`behaviors` by id. `asked` is how many answers the run is to have, `worths` has the rest:
    its `without_tokens` and `without_grade` are answers that lack a count or a grade.
    """

    run_id: int
    arm: str
    model: str
    asked: int
    worths: Worths
    behaviors: Mapping[int, Finding]
    sentences: tuple[str, ...]


def experiment(store: Store, run_id: int, arm: str = "") -> Experiment:
    """Of the arm with this label, the first that retrieves where none is named.

    Raises BadInput for a run that did not give random parts. While the run goes on it is of what
    has ended so far.
    """
    with store.read() as session:
        run = run_rows.run(run_id, session=session)
        arm = _arm(run, arm)
        problems = run_rows.problems(run.problem_ids, session=session)
        rows, gifts, bare = _rows(run, arm, problems, session)
    worths = effects(rows)
    by_name = {worth.behavior: worth for worth in worths.behaviors}
    tested = {
        gift.id: Finding(gift.id, gift.name, gift.instruction, by_name[name])
        for name, gift in gifts.items()
        if name in by_name
    }
    asked = len(run.problem_ids) * run.params["samples"]
    said = tuple(_sentences(run, arm, asked, worths, bare))
    return Experiment(run_id, arm, model_of(run, arm), asked, worths, tested, said)


def experiments(store: Store, handbook_id: int) -> list[Experiment]:
    """Of all runs on the handbook that gave random parts, newest first."""
    with store.read() as session:
        book = handbooks.handbook(handbook_id, session=session)
        runs = uses.runs_on(handbook_id, book.slug, uses.EVALUATIONS, session=session)
    return [
        experiment(store, run.id, arm)
        for run in reversed(runs)
        if run.params.get("parts")
        for arm in drawing(run, book, RETRIEVED)
    ]


def experiments_of(store: Store, run: Run) -> list[Experiment]:
    """Of each arm of a run that gave random parts; none of any other run."""
    arms = [one["label"] for one in run.params["arms"] if one["kind"] in RETRIEVED]
    return [experiment(store, run.id, arm) for arm in arms] if run.params.get("parts") else []


def as_document(found: Experiment) -> dict[str, Any]:
    """As a report holds it, in plain JSON."""
    behaviors = [
        {"id": one.id, "name": one.name, "standing": standing(one.worth), **asdict(one.worth)}
        for one in found.behaviors.values()
    ]
    return {
        "arm": found.arm,
        "model": found.model,
        "answers": found.worths.rows,
        "asked": found.asked,
        "problems": found.worths.problems,
        "sentences": list(found.sentences),
        "behaviors": sorted(behaviors, key=lambda one: one["name"]),
    }


def _arm(run: Run, arm: str) -> str:
    if run.kind not in uses.EVALUATIONS or not run.params.get("parts"):
        raise BadInput(
            f"Run {run.id} gave no random parts, so it cannot tell what a behavior does. Start an "
            "evaluation that does."
        )
    known = [one["label"] for one in run.params["arms"] if one["kind"] in RETRIEVED]
    if arm and arm not in known:
        raise BadInput(
            f"Run {run.id} gave random parts in {', '.join(known)} only, not in {arm!r}."
        )
    return str(arm or known[0])


def _rows(
    run: Run, arm: str, problems: Mapping[int, Problem], session: Session
) -> tuple[list[Row], dict[str, Gift], int]:
    """A row for each answer, the behaviors by the names that the rows have for them, and how many
    answers have none as they were asked for without the wording that goes with behaviors.
    """
    chosen = {
        choice.problem_id: choice.given
        for choice in uses.choices([run.id], session=session)
        if choice.arm == arm
    }
    given = uses.given(run.id, [arm], session=session)
    known = evidence(outcomes.outcomes(run.id, session=session), labels(run))
    names = _names(chosen.values())
    beside = _Beside(known, plain_beside(run, arm))
    asked = {key: one for key, one in known.counting.items() if key[1] == arm and key[0] in chosen}
    rows, bare = [], 0
    for (problem_id, _arm, _sample), one in asked.items():
        ids = {gift.id for gift in given.get(one.id, ())}
        if chosen[problem_id] and one.prompt == BARE:
            bare += 1  # what the wording does would pass for the doing of the behaviors
            continue
        sample = as_sample(one)
        rows.append(
            Row(
                problem=str(problem_id),
                given=tuple(names[gift.id] for gift in chosen[problem_id] if gift.id in ids),
                left_out=tuple(names[g.id] for g in chosen[problem_id] if g.id not in ids),
                tokens=_tokens(sample),
                correct=sample.right,
                topic=problems[problem_id].topic or None,
                plain_tokens=beside.tokens.get(str(problem_id)),
                plain_right=beside.right.get(str(problem_id)),
            )
        )
    return rows, {names[gift.id]: gift for gifts in chosen.values() for gift in gifts}, bare


def _names(sets: Iterable[Sequence[Gift]]) -> dict[int, str]:
    """Behavior id -> a name of its own: a name may have passed to another while it was chosen."""
    found = {gift.id: gift.name for gifts in sets for gift in gifts}
    owners: dict[str, int] = {}
    for number, name in sorted(found.items()):
        owners.setdefault(name, number)
    return {
        number: name if owners[name] == number else f"{name} ({number})"
        for number, name in found.items()
    }


class _Beside:
    """The plain answers to the same problems: mean output tokens and share right, where known."""

    def __init__(self, known: Evidence, plain: str | None):
        own = [as_sample(one) for key, one in known.counting.items() if key[1] == plain]
        self.tokens = means_by_problem(own, _tokens)
        self.right = means_by_problem(own, lambda sample: sample.right)


def _tokens(sample: Sample) -> float | None:
    """What was cut off costs its budget, also where the context cut it, or nobody counted."""
    if not sample.answered:
        return None
    if sample.finish == "length" and sample.budget is not None:
        return sample.budget
    return sample.output_tokens


def _sentences(run: Run, arm: str, asked: int, worths: Worths, bare: int) -> Iterator[str]:
    yield (
        f"{counted(worths.rows, 'answer')} to {counted(worths.problems, 'problem')} by {arm} "
        f"({model_of(run, arm)}): each was given a random part of the behaviors that were chosen "
        "for its problem, in a prompt that is otherwise the same."
    )
    if bare:
        yield (
            f"{counted(bare, 'answer')} with an empty part had the plain prompt, as earlier "
            "versions sent it, and not that of the others: they are left out."
        )
    if missing := asked - worths.rows - bare:
        are = "is" if missing == 1 else "are"
        yield f"{counted(missing, 'answer')} of {asked:,} {are} still missing."
    if worths.without_tokens or worths.without_grade:
        yield (
            f"{worths.without_tokens:,} without a count of tokens are not in the figures on "
            f"tokens, {worths.without_grade:,} without a grade not in those on being right."
        )
    on_tokens = [one.tokens for one in worths.behaviors if one.tokens]
    on_right = [one.right for one in worths.behaviors if one.right]
    yield _shown(on_tokens, "tokens", "save tokens", "cost tokens", -1)
    yield _shown(on_right, "being right", "make answers right", "make answers wrong", 1)
    if any(effect.shown for effect in (*on_tokens, *on_right)):
        yield (
            "Effects count as shown after a correction for all behaviors at once: about one in "
            "twenty of those shown may be none. One that is not shown may still be there."
        )
    for note in worths.notes:
        yield f"{note[0].upper()}{note[1:]}."


def _shown(effects_: Sequence[Effect], what: str, good: str, bad: str, better: int) -> str:
    """`better` is the sign of an effect that is wanted."""
    if not effects_:
        return f"On {what} nothing can be told of any behavior."
    signs = [better * effect.size > 0 for effect in effects_ if effect.shown]
    if not signs:
        return f"On {what} no effect is shown for any of {counted(len(effects_), 'behavior')}."
    are = "is" if sum(signs) == 1 else "are"
    return (
        f"Of {counted(len(effects_), 'behavior')} {sum(signs)} {are} shown to {good}, "
        f"{len(signs) - sum(signs)} to {bad}."
    )
