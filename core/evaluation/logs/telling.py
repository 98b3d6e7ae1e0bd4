"""How a run of logs was made and where its limits are, as its report tells it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.evaluation.report.telling import of_p_values

Made = Mapping[str, Any]


def method(made: Made) -> list[str]:
    """In place of what is said of an evaluation that was run here."""
    return [
        *map(_origin, made["logs"]),
        "The replies were written elsewhere and imported; nothing was asked of a model here. Each "
        "is right or wrong as its tool scored it, and cut off where the log says so: then it is "
        "wrong.",
        *_handbook(made["handbook"]),
        "Intervals are of 95%, by a bootstrap over problems; arms are compared on the problems "
        f"that have the same text in both logs. {of_p_values(made)}",
        f"Made by Vademecum {made['code_version'] or 'of an unknown version'}.",
    ]


def limits(made: Made) -> list[str]:
    logs = made["logs"]
    return [
        "How the replies were asked for is as far as the logs tell: prompts, sampling and problems "
        "may differ in more than the arms.",
        *_budgets(logs, made["settings"]["budgets"][-1]),
        *_settings(logs),
        *(one for log in logs for one in _of_log(log, made["n_problems"])),
        *_failed(made),
        *_few(made["n_problems"]),
    ]


def _origin(log: Made) -> str:
    asked = [
        f"{name} {log[key]:,}" if key == "budget" else f"{name} {log[key]}"
        for name, key in (
            *(("temperature", "temperature"), ("top-p", "top_p"), ("seed", "seed")),
            ("budget", "budget"),
        )
        if log[key] is not None
    ]
    model = log["model"] or "a model that it does not name"
    scored = f"scored by {log['scored_by']}" if log["scored_by"] else "not scored"
    return (
        f"{log['arm']}: {log['replies']:,} replies to {log['problems']:,} problems of {log['task']}"
        f" by {model}, from the log {log['file']} of {log['tool']}, {scored}"
        f"{'; ' + ', '.join(asked) if asked else ''}."
    )


def _handbook(book: Made | None) -> Iterator[str]:
    if book:
        yield (
            f"Behaviors of the handbook {book['title']} ({book['slug']}) as it stood after step "
            f"{book['step']} were looked for in the replies; which of them were given is not known."
        )


def _budgets(logs: Sequence[Made], shown: int) -> Iterator[str]:
    known = {log["arm"]: log["budget"] for log in logs if log["budget"] is not None}
    if len(known) < len(logs):
        missing = ", ".join(log["arm"] for log in logs if log["budget"] is None)
        yield f"The budget of {missing} is unknown."
    if len(set(known.values())) > 1:
        told = ", ".join(f"{arm} {budget:,}" for arm, budget in known.items())
        yield f"The budgets differ: {told} output tokens. No reply was cut to the smaller one."
    if set(known.values()) != {shown} or len(known) < len(logs):
        yield f"Where a budget of {shown:,} tokens stands, read: all replies, as they came."


def _settings(logs: Sequence[Made]) -> Iterator[str]:
    for name, key in (("temperature", "temperature"), ("top-p", "top_p")):
        told = [f"{log['arm']} {'unknown' if log[key] is None else log[key]}" for log in logs]
        if len({log[key] for log in logs}) > 1:
            yield f"The {name} differs: {', '.join(told)}."


def _of_log(log: Made, problems: int) -> Iterator[str]:
    arm = log["arm"]
    if log["problems"] < problems:
        yield f"{arm} has replies to {log['problems']:,} of the {problems:,} problems."
    if log["graded_here"]:
        yield (
            f"{arm}: of {log['graded_here']:,} replies the log gives no yes or no; they were "
            "graded by the rules of Vademecum."
        )
    if log["endings_unknown"]:
        yield (
            f"{arm}: why {log['endings_unknown']:,} replies ended is unknown; none of them counts "
            "as cut off."
        )
    if log["cut_off_but_right"]:
        yield (
            f"{arm}: {log['cut_off_but_right']:,} replies that were cut off are right by the log "
            "and wrong here."
        )
    yield from (f"{arm}: {note}" for note in log["notes"])


def _failed(made: Made) -> Iterator[str]:
    if made["failed"]:
        yield f"{len(made['failed']):,} replies failed: they are in no figure."


def _few(problems: int) -> Iterator[str]:
    if problems < 30:
        yield f"{problems} problems show large differences only."
