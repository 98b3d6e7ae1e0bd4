"""A log of another tool as plain records, and what both readers ask of a value in one."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from core.errors import BadInput
from core.evaluation.problems import MAX_CHARACTERS, NewProblem
from core.llm.thinking import ThinkingSplitter

Tool = Literal["lm-evaluation-harness", "Inspect"]
Finish = Literal["stop", "length", "error"]
MOST_SAMPLES = 200_000
_LARGEST = 2**53  # what a database holds, and JSON


@dataclass(frozen=True)
class LoggedSample:
    """One reply. `number` counts the replies to its problem, from 0.

    `correct` is as that tool scored it: None where it gave no yes or no, `score` then being all
    that is known; of a log that we wrote, `score` is the token F1. `answer` is what it took for the
    answer. `finish` is None where nothing tells why the reply ended. Counts are those of the log,
    None where there are none.
    """

    problem: NewProblem
    number: int
    text: str
    thinking: str = ""
    correct: bool | None = None
    score: float | None = None
    answer: str | None = None
    finish: Finish | None = None
    error: str | None = None
    messages: tuple[dict[str, str], ...] = ()
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    input_tokens: int | None = None
    cached_tokens: int | None = None
    seconds: float | None = None
    price: float | None = None


@dataclass(frozen=True)
class LoggedRun:
    """One model on one task. `scored_by` is the one of `scorers` that `correct` is of.

    `model` is empty where the log does not name it. `arm` and `kind` are those of a log that we
    wrote, else empty. `notes` are sentences on what a reader of the figures has to know.
    """

    tool: Tool
    model: str
    task: str
    created: datetime | None
    scored_by: str
    scorers: tuple[str, ...]
    samples: tuple[LoggedSample, ...]
    budget: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    arm: str = ""
    kind: str = ""
    notes: tuple[str, ...] = ()


def run_of(
    name: str,
    samples: Sequence[LoggedSample],
    scorers: Sequence[str],
    scorer: str,
    *,
    notes: Iterable[str] = (),
    **known: Any,
) -> LoggedRun:
    """What a reader found in the file `name`; its own notes come before those on any log."""
    kept = numbered(name, samples)
    return LoggedRun(
        scored_by=scorer,
        scorers=tuple(scorers),
        samples=kept,
        notes=(*notes, *common_notes(len(samples), kept, scorers, scorer)),
        **known,
    )


def numbered(name: str, samples: Iterable[LoggedSample]) -> tuple[LoggedSample, ...]:
    """Those with a problem that can be kept, counted by its text and answer: a task may hold one
    problem twice.
    """
    seen: Counter[tuple[str, str | None, str]] = Counter()
    found = []
    for sample in samples:
        if not 0 < len(sample.problem.text) <= MAX_CHARACTERS:
            continue
        key = sample.problem.text, sample.problem.gold, sample.problem.topic
        found.append(replace(sample, number=seen[key]))
        seen[key] += 1
    if not found:
        raise BadInput(f"{name} holds no replies to problems that can be read.")
    if len(found) > MOST_SAMPLES:
        raise BadInput(f"{name} has {len(found):,} replies; at most {MOST_SAMPLES:,} are read.")
    return tuple(found)


def common_notes(
    given: int, samples: Sequence[LoggedSample], scorers: Sequence[str], scorer: str
) -> Iterator[str]:
    """What is to be said of any log: of `given` replies these `samples` were read."""
    if given > len(samples):
        yield (
            f"{given - len(samples):,} replies are left out: their problems have no text, or more "
            f"than {MAX_CHARACTERS:,} characters."
        )
    if len(scorers) > 1:
        others = ", ".join(one for one in scorers if one != scorer)
        yield f"Scored by {scorer}; the log has {others} as well."
    ended = [one for one in samples if one.finish != "error"]
    if unscored := sum(one.correct is None for one in ended):
        yield (
            f"Of {unscored:,} of {len(ended):,} replies the log does not say whether they are "
            "right."
        )
    if uncounted := sum(one.output_tokens is None for one in ended):
        yield f"The tokens of {uncounted:,} of {len(ended):,} replies are unknown."


def chosen(name: str, found: Iterable[str], wanted: str | None) -> tuple[list[str], str]:
    """The scorers, each once, and the one that was wanted, else the first; empty for none."""
    scorers = list(dict.fromkeys(found))
    if wanted is None:
        return scorers, scorers[0] if scorers else ""
    if wanted not in scorers:
        there = ", ".join(scorers) or "none"
        raise BadInput(f"{name} is not scored by {wanted!r}. There are: {there}.")
    return scorers, wanted


def split_thinking(text: str) -> tuple[str, str]:
    """Thinking and answer of a reply that has both in one text."""
    splitter = ThinkingSplitter("tags")
    splitter.add_content(text)
    splitter.close()
    return splitter.thinking, splitter.text


def sound(value: Any) -> Any:
    """The same without halves of characters, which nobody can keep."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {sound(str(key)): sound(one) for key, one in value.items()}
    return [sound(one) for one in value] if isinstance(value, list) else value


def count(value: Any) -> int | None:
    """A number of tokens, or None for whatever else stands there."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    known = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST
    return value if known else None


def number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > _LARGEST:
        return None
    return float(value)


def amount(value: Any) -> float | None:
    """Seconds or money."""
    found = number(value)
    return None if found is None or found < 0 else found


def right(score: float | None) -> bool | None:
    """A score of 1 is right and one of 0 wrong; between them nobody said."""
    return None if score not in (0.0, 1.0) else score == 1.0


def time(value: Any, form: str = "") -> datetime | None:
    """Aware of its zone; UTC where none is told."""
    try:
        found = datetime.strptime(value, form) if form else datetime.fromisoformat(value)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return None
