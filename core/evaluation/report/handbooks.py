"""Which handbooks the arms of an evaluation drew on, and how these stood: sentences of a report."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.evaluation.comparison.document import BASELINES

Made = Mapping[str, Any]
CHOSEN = (
    "{arms}: behaviors of the handbook {book} as it stood {steps}, chosen for each problem before "
    "the arm's first reply."
)
LOOKED_IN = "{arms}: looks in the handbook {book} while it replies, as it stands then: {steps}."


def drawn_on(made: Made) -> Iterator[str]:
    """For each handbook and version, the arms that chose from it."""
    drawing = [one for one in made["asked"] if one["kind"] not in BASELINES]
    for asked in _alike([one for one in drawing if one["kind"] != "bci-dynamic"]):
        yield _told(made, asked, CHOSEN)
    for asked in _alike([one for one in drawing if one["kind"] == "bci-dynamic"]):
        yield _told(made, asked, LOOKED_IN)


def versions_that_differ(made: Made) -> Iterator[str]:
    """Arms that drew on one handbook at different steps are not told apart by their kind alone."""
    known = [one for one in made["asked"] if one.get("drew_on")]
    for slug in dict.fromkeys(one["drew_on"]["slug"] for one in known):
        own = [one for one in known if one["drew_on"]["slug"] == slug]
        if len({_steps(one["drew_on"]) for one in own}) > 1:
            told = ", ".join(f"{one['arm']} {_steps(one['drew_on'])}" for one in own)
            yield (
                f"The arms drew on different versions of the handbook {slug}: {told}. So they "
                "differ in more than their kind."
            )


def _alike(asked: Sequence[Made]) -> list[list[Made]]:
    """Those that drew on the same version stand together."""
    groups: dict[str, list[Made]] = {}
    for one in asked:
        groups.setdefault(str((one.get("handbook"), one.get("drew_on"))), []).append(one)
    return list(groups.values())


def _told(made: Made, asked: Sequence[Made], sentence: str) -> str:
    """`sentence` says what `arms` did with the `book`, and at which `steps` of it."""
    drew_on = asked[0].get("drew_on")
    if drew_on is None:
        return _unrecorded(made, asked)
    return sentence.format(arms=_arms(asked), book=_named(drew_on), steps=_steps(drew_on))


def _unrecorded(made: Made, asked: Sequence[Made]) -> str:
    """Nothing was chosen yet, or by a program that did not note it."""
    own, book = asked[0].get("handbook"), made["handbook"]
    then = f"{_named(book)}, which stood after step {book['step']} when the run was made"
    return (
        f"{_arms(asked)}: behaviors of the handbook {own or then}; at which step they were chosen "
        "is not recorded."
    )


def _arms(asked: Sequence[Made]) -> str:
    return ", ".join(str(one["arm"]) for one in asked)


def _named(book: Made) -> str:
    return f"{book['title']} ({book['slug']})"


def _steps(drew_on: Made) -> str:
    first, last = drew_on["first"], drew_on["last"]
    return f"after step {first}" if first == last else f"from step {first} to step {last}"
