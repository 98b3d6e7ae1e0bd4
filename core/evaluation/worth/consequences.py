"""What a decision on behaviors would change of what was evaluated: which problems get another set.

Read from what the latest evaluation of each arm chose before it began. How those problems scored
was measured with the behaviors in the set (of an experiment, which leaves a random half of each set
out, only the answers that were given one of them count); how they would score without them was not.
The controls (names only, drawn at random) follow the arm they go by, and bci-dynamic chooses while
a reply is written: of these nothing is told here.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from core.evaluation.worth.drawing import drawing, model_of, plain_beside
from core.evaluation.worth.telling import counted
from core.store import Session, Store, handbooks, history, outcomes, uses
from core.store import behaviors as behavior_rows
from core.store import runs as run_rows
from core.store.outcomes import Key, Outcome
from core.store.records import Behavior, Handbook, Run
from core.store.uses import Choice

Decision = Literal["reject", "merge", "edit"]
CHOSEN = ("bci-topic", "bci-embedding", "bci-hybrid", "bci-fixed")
WORDS = 90  # characters of a problem's text
MOST_NAMED = 5
_BECOMES: dict[Decision, str] = {
    "reject": (
        "would get another set: without {it}, and with what comes next in rank, if there is more"
    ),
    "merge": (
        "would get another set: the merged behavior in place of {it}, if it is retrieved for them"
    ),
    "edit": "would get the new wording, if it is still retrieved for them",
}
_UNKNOWN: dict[Decision, str] = {
    "reject": "How they would be answered then was not measured.",
    "merge": "What the merged behavior would be retrieved for besides is not known.",
    "edit": "What the new wording would be retrieved for besides is not known.",
}


@dataclass(frozen=True)
class Scores:
    """Numbers of answers; `unknown` are those that failed or were not graded."""

    right: int = 0
    wrong: int = 0
    unknown: int = 0

    def __add__(self, other: "Scores") -> "Scores":
        return Scores(
            self.right + other.right, self.wrong + other.wrong, self.unknown + other.unknown
        )

    @property
    def told(self) -> str:
        ungraded = f", {self.unknown} unknown" if self.unknown else ""
        return f"{self.right} right, {self.wrong} wrong{ungraded}"


@dataclass(frozen=True)
class Changed:
    """A problem whose set has some of the behaviors, with the first `words` of its text.

    `plain` are the answers without behaviors of the same run and model; None where it asked none.
    """

    problem_id: int
    words: str
    behavior_ids: tuple[int, ...]
    scores: Scores
    plain: Scores | None


@dataclass(frozen=True)
class ArmConsequence:
    """The latest evaluation of an arm: of the `evaluated` problems, those that would change.

    `outdated` are behaviors that were changed since, or came into the handbook since. With `parts`
    it was an experiment: scores are of the answers that were given one of the behaviors.
    """

    run_id: int
    title: str
    arm: str
    model: str
    evaluated: int
    changed: tuple[Changed, ...]
    outdated: tuple[int, ...]
    parts: bool

    @property
    def scores(self) -> Scores:
        return sum((one.scores for one in self.changed), Scores())

    @property
    def plain(self) -> Scores | None:
        known = [one.plain for one in self.changed if one.plain is not None]
        return sum(known, Scores()) if known else None


@dataclass(frozen=True)
class Consequence:
    """Of each arm that was evaluated with the handbook, the latest first."""

    behaviors: Mapping[int, str]
    arms: tuple[ArmConsequence, ...]

    @property
    def problem_ids(self) -> tuple[int, ...]:
        """Of all arms, each once."""
        ids = (one.problem_id for arm in self.arms for one in arm.changed)
        return tuple(dict.fromkeys(ids))

    def sentences(self, decision: Decision) -> tuple[str, ...]:
        return tuple(_sentences(self, decision))


def consequences(store: Store, behavior_ids: Collection[int]) -> Consequence:
    """If these were rejected, merged or reworded. Behaviors of several handbooks are told apart."""
    wanted = sorted(set(behavior_ids))
    with store.read() as session:
        behaviors = behavior_rows.behaviors_by_id(wanted, session=session)
        arms: list[ArmConsequence] = []
        for handbook_id in sorted({one.handbook_id for one in behaviors.values()}):
            book = handbooks.handbook(handbook_id, session=session)
            own = {n: one for n, one in behaviors.items() if one.handbook_id == handbook_id}
            arms += _of_handbook(book, own, session)
    return Consequence({number: one.name for number, one in behaviors.items()}, tuple(arms))


def _of_handbook(
    book: Handbook, behaviors: Mapping[int, Behavior], session: Session
) -> list[ArmConsequence]:
    runs = {
        run.id: run for run in uses.runs_on(book.id, book.slug, uses.EVALUATIONS, session=session)
    }
    evaluated = uses.problems_chosen_for(runs, session=session)
    latest: dict[tuple[str, str], int] = {}
    for run in reversed(runs.values()):
        for arm in drawing(run, book, CHOSEN):
            if (run.id, arm) in evaluated:
                latest.setdefault((arm, model_of(run, arm)), run.id)
    chosen = uses.choices(set(latest.values()), of=set(behaviors), session=session)
    found = []
    for (arm, model), run_id in latest.items():
        own = [one for one in chosen if (one.run_id, one.arm) == (run_id, arm)]
        run = runs[run_id]
        found.append(
            ArmConsequence(
                run_id=run_id,
                title=run.title,
                arm=arm,
                model=model,
                evaluated=evaluated[run_id, arm],
                changed=_changed(run, arm, own, set(behaviors), session),
                outdated=_outdated(run, book, behaviors, session),
                parts=_gave_parts(run),
            )
        )
    return found


def _changed(
    run: Run, arm: str, chosen: Iterable[Choice], ids: set[int], session: Session
) -> tuple[Changed, ...]:
    by_problem = {choice.problem_id: choice.given for choice in chosen}
    ordered = [number for number in run.problem_ids if number in by_problem]
    problems = run_rows.problems(ordered, session=session)
    plain = plain_beside(run, arm)
    wanted = [label for label in (arm, plain) if label is not None]
    answers = outcomes.solutions_of(run.id, ordered, wanted, session=session)
    if _gave_parts(run):
        answers = _given_one_of(ids, answers, run, arm, session)
    scored = _scored(answers)
    return tuple(
        Changed(
            problem_id=number,
            words=_words(problems[number].text),
            behavior_ids=tuple(gift.id for gift in by_problem[number] if gift.id in ids),
            scores=scored.get((number, arm), Scores()),
            plain=None if plain is None else scored.get((number, plain), Scores()),
        )
        for number in ordered
    )


def _gave_parts(run: Run) -> bool:
    return bool(run.params.get("parts"))


def _given_one_of(
    ids: set[int], answers: Sequence[Outcome], run: Run, arm: str, session: Session
) -> list[Outcome]:
    """Without the arm's answers that chance gave none of these behaviors."""
    problems = {one.problem_id for one in answers}
    given = uses.given(run.id, [arm], of=problems, session=session)
    return [
        one
        for one in answers
        if one.arm != arm or any(gift.id in ids for gift in given.get(one.id, ()))
    ]


def _scored(outcomes_: Iterable[Outcome]) -> dict[tuple[int, str], Scores]:
    """(problem, arm) -> its scores, of those attempts that count in the report, too: none that was
    stopped on its way.
    """
    counting: dict[Key, Outcome] = {}
    for one in outcomes_:
        if one.finish_reason == "cancelled":
            continue
        if one.key not in counting or one.counts_before(counting[one.key]):
            counting[one.key] = one
    scored: dict[tuple[int, str], Scores] = {}
    for one in counting.values():
        place = one.problem_id, one.arm
        scored[place] = scored.get(place, Scores()) + _scores(one)
    return scored


def _scores(one: Outcome) -> Scores:
    """What was cut off is wrong."""
    right = one.correct if one.finish_reason == "stop" else None
    if one.finish_reason != "length" and right is None:
        return Scores(unknown=1)
    return Scores(right=1) if right else Scores(wrong=1)


def _outdated(
    run: Run, book: Handbook, behaviors: Mapping[int, Behavior], session: Session
) -> tuple[int, ...]:
    """Of a run on another handbook the step is not known: then the time has to do."""
    if run.handbook_id == book.id:
        step = run.params["handbook"]["step"]
        touched = history.touched_since(book.id, step, session=session)
        return tuple(number for number in behaviors if number in touched)
    return tuple(n for n, behavior in behaviors.items() if behavior.changed > run.created)


def _words(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= WORDS else line[:WORDS].rsplit(" ", 1)[0] + " …"


def _sentences(found: Consequence, decision: Decision) -> Iterator[str]:
    if not found.arms:
        yield "No evaluation chose behaviors of this handbook yet, so nothing is known of this."
        return
    it, what = ("it", "it") if len(found.behaviors) == 1 else ("these", "one of these")
    for arm in found.arms:
        where = f"{arm.arm} ({arm.model}, evaluation {arm.run_id})"
        of = f"of {counted(arm.evaluated, 'evaluated problem')}"
        if not arm.changed:
            yield f"{where}: none {of} was to be given {what}."
            continue
        yield f"{where}: {len(arm.changed):,} {of} {_BECOMES[decision].format(it=it)}."
        beside = f"; plain, on the same: {arm.plain.told}" if arm.plain else ""
        which = f" that were given {what}" if arm.parts else ""
        yield f"Their answers{which}: {arm.scores.told}{beside}."
    if any(arm.changed for arm in found.arms):
        yield _UNKNOWN[decision]
    if outdated := sorted({number for arm in found.arms for number in arm.outdated}):
        names = ", ".join(found.behaviors[number] for number in outdated[:MOST_NAMED])
        more = f" and {len(outdated) - MOST_NAMED:,} more" if len(outdated) > MOST_NAMED else ""
        yield f"Changed or accepted since the evaluation: {names}{more}."
