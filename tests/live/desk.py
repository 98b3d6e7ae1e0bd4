"""A handbook as a review desk meets it: behaviors that stand, proposals with their traces."""

from dataclasses import replace

from core.handbook import curation, files, shelf
from core.handbook.curation import Draft
from core.handbook.synthetic import synthetic
from core.store import Session, Store, runs
from core.store.records import Behavior, Handbook, Run

ACCEPTED, PROPOSED = 40, 34
MARKED = {3: "leak", 8: "specific", 13: "trivial"}
SOME = Draft("behavior_halve_first", "When a diameter is given, halve it first.", "Geometry")
COPIES = 4  # the last proposals say almost what the first accepted behaviors say


def seeded(store: Store, slug: str) -> Handbook:
    """The same names and texts in the same order, wherever it is made."""
    made = synthetic(2 * (ACCEPTED + PROPOSED), seed=7).drafts
    book = shelf.create(store, slug, by="tester")
    for draft in made[:ACCEPTED]:
        curation.write(store, book.id, draft, by="founder")
    drafts = made[ACCEPTED : ACCEPTED + PROPOSED - COPIES]
    drafts += [replace(draft, **_reworded(draft)) for draft in made[:COPIES]]
    with store.write() as session:
        run = _run(book, len(drafts) // 2, session)
        for number, problem in enumerate(run.problem_ids):
            pair = drafts[2 * number : 2 * number + 2]
            _propose(book, run.id, problem, pair, number, session)
    return book


def waiting(store: Store, book: Handbook) -> list[Behavior]:
    """The proposals in the order in which the desk shows them."""
    found = shelf.behaviors(store, book, ("proposed",))
    return sorted(found, key=lambda behavior: behavior.id)


def propose_many(store: Store, book: Handbook, number: int, topic: str) -> None:
    """So many more proposals of one topic, without traces."""
    drafts = [
        Draft(f"behavior_of_the_heap_{at}", f"Take number {at} from the heap first.", topic)
        for at in range(number)
    ]
    with store.write() as session:
        curation.propose(book.id, drafts, by="a model", session=session)


def accept_some(store: Store, book: Handbook, number: int, topic: str) -> None:
    chosen = [behavior for behavior in waiting(store, book) if behavior.topic == topic][:number]
    seen = {behavior.id: behavior.version for behavior in chosen}
    curation.decide_many(store, book.id, "accept", seen, by="founder")


def exported(store: Store, book: Handbook) -> dict[str, str]:
    return files.contents("folder", book, shelf.behaviors(store, book))


def others(store: Store, book: Handbook) -> list[tuple[object, ...]]:
    """What an export does not tell: the behaviors that are not accepted, as they stand."""
    found = shelf.behaviors(store, book, ("proposed", "rejected", "merged"))
    names = {b.id: b.name for b in [*found, *shelf.behaviors(store, book)]}
    return [
        (b.name, b.instruction, b.topic, b.tags, b.status, b.merged_into and names[b.merged_into])
        for b in found
    ]


def _reworded(draft: Draft) -> dict[str, str]:
    return {"name": f"{draft.name}_again", "instruction": f"Remember: {draft.instruction}"}


def _run(book: Handbook, number: int, session: Session) -> Run:
    problems = [
        runs.keep_problem(f"What is {at} + {at + 1}?", str(2 * at + 1), "", {}, session=session)
        for at in range(number)
    ]
    return runs.add_run(
        kind="solve",
        title="Sums",
        handbook_id=book.id,
        problem_ids=problems,
        by="tester",
        session=session,
    )


def _propose(
    book: Handbook, run_id: int, problem: int, drafts: list[Draft], number: int, session: Session
) -> None:
    """Two proposals out of one problem: a solution, its review, and the list they stand in."""
    right = number % 3 != 0
    names = " and ".join(draft.name for draft in drafts)
    listed = "\n".join(f"{draft.name}: {draft.instruction}" for draft in drafts)
    texts = {
        "solve": f"I add the two numbers. \\boxed{{{2 * number + 1 if right else 0}}}",
        "reflect": f"The solution shows {names} at work, in that order.",
        "extract": listed,
    }
    trace_id = None
    for stage, text in texts.items():
        trace = runs.add_trace(
            run_id=run_id,
            problem_id=problem,
            arm="strategist",
            stage=stage,
            follows=trace_id,
            endpoint="fake",
            model="fake-model",
            prompt_hash="0" * 12,
            text=text,
            finish_reason="stop",
            session=session,
        )
        if stage == "solve":
            found = str(2 * number + 1 if right else 0)
            runs.set_verdict(
                trace.id, extracted=found, correct=right, grader="exact", session=session
            )
        trace_id = trace.id
    sourced = [_sourced(draft, trace_id, texts["extract"], right) for draft in drafts]
    marked = [
        replace(draft, marks=((MARKED[2 * number + at], "for the test"),))
        if 2 * number + at in MARKED
        else draft
        for at, draft in enumerate(sourced)
    ]
    curation.propose(book.id, marked, by="tester", session=session)


def _sourced(draft: Draft, trace_id: int | None, text: str, right: bool) -> Draft:
    start = text.index(draft.name)
    return replace(
        draft,
        trace_id=trace_id,
        start=start,
        end=start + len(draft.name) + 2 + len(draft.instruction),
        source_model="fake-model",
        source_correct=right,
    )
