"""Looks a stored handbook over: whether everything in it is as the program would have left it.

Reads only. Near copies are no faults, nor is anything a person may decide as they like.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from core.handbook.rules import fault
from core.handbook.shelf import find_in
from core.handbook.steps import TEXT_FIELDS
from core.handbook.versions import STATUSES
from core.store import Store, history
from core.store import behaviors as rows
from core.store.records import Behavior, Handbook, Operation, Step

# Withdrawn texts are out of sight, whatever they hold.
RULED = ("proposed", "accepted", "rejected", "merged")
# Where a behavior that was never there before stands until its first operation says otherwise.
BORN: dict[str, Any] = {"merged_into": None}
# What every first operation tells, so that the whole of it can be followed.
FOLLOWED = (*TEXT_FIELDS, "status", "merged_into")


def check(store: Store, slug: str) -> list[str]:
    """Sentences about what is wrong, none where the handbook is sound."""
    with store.read() as session:
        handbook = find_in(slug, session)
        found = rows.behaviors(handbook.id, statuses=STATUSES, session=session)
        behaviors = {behavior.id: behavior for behavior in found}
        operations = history.history(handbook.id, session=session)
        steps = history.steps(handbook.id, session=session)
        named = history.versions(handbook.id, session=session)
        astray = rows.sources_astray(session=session)
    return [
        *_against_the_rules(found),
        *_accepted_twice(found),
        *_merged_astray(behaviors),
        *_history_astray(behaviors, handbook, operations),
        *_steps_astray(steps, operations),
        *(
            f"The version {version.name!r} names step {version.step}, which does not exist."
            for version in named
            if not 0 <= version.step <= len(steps)
        ),
        *(
            f"Source {source.id} belongs to behavior {source.behavior_id}, which does not exist."
            for source in astray
        ),
    ]


def _against_the_rules(behaviors: Iterable[Behavior]) -> Iterator[str]:
    for behavior in behaviors:
        if behavior.status not in RULED:
            continue
        if problem := fault(behavior.name, behavior.instruction, behavior.avoid_when):
            yield f"{_called(behavior)}: {problem}."


def _accepted_twice(behaviors: Iterable[Behavior]) -> Iterator[str]:
    names = Counter(behavior.name for behavior in behaviors if behavior.status == "accepted")
    for name, number in sorted(names.items()):
        if number > 1:
            yield f"{number} accepted behaviors are called {name}."


def _merged_astray(behaviors: Mapping[int, Behavior]) -> Iterator[str]:
    for behavior in behaviors.values():
        target = behavior.merged_into
        if behavior.status == "merged" and target is None:
            yield f"{_called(behavior)} is merged, but into nothing."
        if behavior.status != "merged" and target is not None:
            yield f"{_called(behavior)} is {behavior.status}, but points to number {target}."
        if target is not None and target not in behaviors:
            yield f"{_called(behavior)} is merged into number {target}, which is not in here."
        elif target == behavior.id:
            yield f"{_called(behavior)} is merged into itself."
        elif target is not None and behavior.id in _way(target, behaviors):
            yield f"{_called(behavior)} is merged in a circle."


def _way(start: int, behaviors: Mapping[int, Behavior]) -> list[int]:
    """The behaviors one comes through, from one merge to the next."""
    way: list[int] = []
    number: int | None = start
    while number is not None and number in behaviors and number not in way:
        way.append(number)
        number = behaviors[number].merged_into
    return way


def _history_astray(
    behaviors: Mapping[int, Behavior], handbook: Handbook, operations: Sequence[Operation]
) -> Iterator[str]:
    """Follows every operation from nothing, and compares what comes out with what is there."""
    states: dict[int | None, dict[str, Any]] = {}
    for operation in operations:
        number = operation.behavior_id
        where = f"Operation {operation.id} ({operation.kind})"
        if number is not None and number not in behaviors:
            yield f"{where} is about number {number}, which is not in this handbook."
            continue
        known = states.get(number)
        if number is not None and (known is None) == bool(operation.before):
            again = "begins" if known else "changes"
            why = "was there before" if known else "was not there yet"
            yield f"{where} {again} {_called(behaviors[number])}, which {why}."
        state = states.setdefault(number, {} if number is None else dict(BORN))
        moved = [n for n, value in operation.before.items() if state.get(n, value) != value]
        if moved:
            yield f"{where} found another {', '.join(moved)} than the history had left."
        state.update(operation.after)
    yield from _compared(behaviors, handbook, states)


def _compared(
    behaviors: Mapping[int, Behavior],
    handbook: Handbook,
    states: Mapping[int | None, Mapping[str, Any]],
) -> Iterator[str]:
    for name, value in states.get(None, {}).items():
        if value != getattr(handbook, name, None):
            yield f"The handbook's {name} is not what its history leads to."
    for behavior in behaviors.values():
        state = states.get(behavior.id)
        if state is None:
            yield f"{_called(behavior)} has no history."
            continue
        tracked = {*FOLLOWED, *state}
        moved = [n for n in sorted(tracked) if state.get(n) != getattr(behavior, n, None)]
        if moved:
            yield f"{_called(behavior)}: its {', '.join(moved)} is not what its history leads to."


def _steps_astray(steps: Sequence[Step], operations: Iterable[Operation]) -> Iterator[str]:
    sizes = Counter(operation.step_id for operation in operations)
    numbers = [step.number for step in reversed(steps)]
    if numbers != list(range(1, len(steps) + 1)):
        yield "The steps are not numbered one after the other."
    for step in steps:
        if sizes[step.id] != step.size:
            yield f"Step {step.number} has {sizes[step.id]} operations and says {step.size}."


def _called(behavior: Behavior) -> str:
    return f"{behavior.name} (number {behavior.id})"
