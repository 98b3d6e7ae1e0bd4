"""Which behaviors the replies of an evaluation name: the handbook's own, and invented ones.

Looked for is every name that the handbook had accepted when the run began, and every one that an
arm was given; whether a reply was given what it names is not asked, as a log of another tool does
not tell. How replies that name a behavior differ from the others of their arm is observation: what
a behavior does is told by the experiment (`core.evaluation.worth`).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from core.errors import NotFound
from core.evaluation.evidence import Evidence, as_sample
from core.evaluation.pages import table, text
from core.evaluation.report.amounts import percent, tokens
from core.evaluation.statistics.sample import Sample
from core.evaluation.worth.observed import may_cite
from core.handbook import versions
from core.handbook.citations import SPELLINGS, citations
from core.store import Store, handbooks, uses
from core.store.outcomes import Key
from core.store.records import Run
from core.store.uses import Reading

MOST_INVENTED = 200
MOST_ROWS = 60
LONGEST_NAME = 100  # of an invented one; a handbook's has at most 64 characters

Made = Mapping[str, Any]


def cited(store: Store, run: Run, known: Evidence) -> list[dict[str, Any]]:
    """An entry for each arm with replies that ended; none at all for a run without a handbook."""
    if not run.params["handbook"]:
        return []
    samples = {one.id: (key, as_sample(one)) for key, one in known.counting.items()}
    arms = list(dict.fromkeys(key[1] for key in known.counting))
    names = _names(store, run, arms)
    words = (*{word for name in names for word in name.split("_")[:-1]}, *SPELLINGS)
    named: dict[Key, frozenset[str]] = {}
    with store.read() as session:
        for reading in uses.readings(run.id, arms, session=session):
            key, sample = samples.get(reading.trace_id, (None, None))
            if key and sample and sample.answered:
                named[key] = _named(reading, names, words)
    answered = {key: sample for key, sample in samples.values() if key in named}
    present = {key[1] for key in named}
    return [_arm(arm, names, named, answered) for arm in arms if arm in present]


def _names(store: Store, run: Run, arms: Sequence[str]) -> frozenset[str]:
    """Of the behaviors accepted at the run's step, and of all that was given."""
    with store.read() as session:
        gifts = uses.given(run.id, arms, session=session)
    given = {gift.name for own in gifts.values() for gift in own}
    return frozenset(given | _accepted(store, run))


def _accepted(store: Store, run: Run) -> set[str]:
    if run.handbook_id is None:  # it was deleted since
        return set()
    with store.read() as session:
        slug = handbooks.handbook(run.handbook_id, session=session).slug
    try:
        then = versions.state(store, slug, run.params["handbook"]["step"])
    except NotFound:
        return set()
    return {behavior.name for behavior in versions.accepted(then)}


def _named(reading: Reading, names: Collection[str], words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(
        citation.name
        for content in (reading.thinking, reading.text)
        if may_cite(content, words)
        for citation in citations(content, names)
    )


def _arm(
    arm: str,
    names: frozenset[str],
    named: Mapping[Key, frozenset[str]],
    samples: Mapping[Key, Sample],
) -> dict[str, Any]:
    own = {key: sample for key, sample in samples.items() if key[1] == arm}
    citing: dict[str, list[Sample]] = defaultdict(list)
    invented: Counter[str] = Counter()
    for key, sample in own.items():
        for name in named[key] & names:
            citing[name].append(sample)
        invented.update({name[:LONGEST_NAME] for name in named[key] - names})
    everyone = _figures(list(own.values()))
    behaviors = [_behavior(name, found, everyone) for name, found in citing.items()]
    return {
        "arm": arm,
        "replies": len(own),
        "citing": sum(bool(named[key] & names) for key in own),
        "inventing": sum(bool(named[key] - names) for key in own),
        "behaviors": sorted(behaviors, key=lambda one: (-one["replies"], one["name"])),
        "invented_names": len(invented),
        "invented": [
            {"name": name, "replies": count}
            for name, count in sorted(invented.items(), key=lambda one: (-one[1], one[0]))
        ][:MOST_INVENTED],
    }


def _figures(samples: Sequence[Sample]) -> dict[str, int]:
    """Sums, from which those of the other replies of an arm are found by taking away."""
    counts = [one.output_tokens for one in samples if one.output_tokens is not None]
    return {
        "replies": len(samples),
        "graded": sum(one.right is not None for one in samples),
        "right": sum(one.right is True for one in samples),
        "counted": len(counts),
        "tokens": sum(counts),
    }


def _behavior(name: str, naming: Sequence[Sample], everyone: Mapping[str, int]) -> dict[str, Any]:
    """Of the replies that name it, and (`beside`) of the others of the arm."""
    own = _figures(naming)
    others = {what: everyone[what] - count for what, count in own.items()}
    return {
        "name": name,
        "replies": own["replies"],
        **{what: own[what] for what in ("graded", "right")},
        **{f"{what}_beside": others[what] for what in ("graded", "right")},
        "output_tokens": _mean(own),
        "output_tokens_beside": _mean(others),
    }


def _mean(figures: Mapping[str, int]) -> float | None:
    return figures["tokens"] / figures["counted"] if figures["counted"] else None


def sentence(one: Made) -> str:
    """How much an arm cites."""
    invents = f"; {one['inventing']:,} name one that it does not have" if one["inventing"] else ""
    return (
        f"{one['arm']}: {one['citing']:,} of {one['replies']:,} replies name a behavior of the "
        f"handbook, {len(one['behaviors']):,} different ones{invents}."
    )


def share(one: Made, beside: str = "") -> float | None:
    """Of the graded replies that name a behavior (or, `_beside`, do not), how many are right."""
    graded = one[f"graded{beside}"]
    return one[f"right{beside}"] / graded if graded else None


def section(made: Made) -> Iterator[str]:
    """On the page: a sentence for each arm, and what it names in a table to be opened."""
    if not made.get("citations"):
        return
    yield "<h2>Behaviors named in the replies</h2>"
    for one in made["citations"]:
        yield f"<p>{text(sentence(one))}</p>"
        if one["behaviors"] or one["invented"]:
            yield "<details><summary>Each of them</summary>"
            yield from _tables(one)
            yield "</details>"
    yield (
        '<p class="role">Replies that name a behavior stand beside the others of their arm, which '
        "are on other problems: what a behavior does cannot be read from that.</p>"
    )


def _tables(one: Made) -> Iterator[str]:
    if one["behaviors"]:
        head = ["behavior", "replies", "right", "right without it", "tokens", "tokens without it"]
        rows = [
            [
                *(behavior["name"], f"{behavior['replies']:,}"),
                *(percent(share(behavior)), percent(share(behavior, "_beside"))),
                *(tokens(behavior[f"output_tokens{which}"]) for which in ("", "_beside")),
            ]
            for behavior in one["behaviors"][:MOST_ROWS]
        ]
        yield f'<div class="scroll">{table("figures", head, rows)}</div>'
    if one["invented"]:
        rows = [[row["name"], f"{row['replies']:,}"] for row in one["invented"][:MOST_ROWS]]
        yield table("figures", ["not in the handbook", "replies"], rows)
    shown = [min(len(one["behaviors"]), MOST_ROWS), min(len(one["invented"]), MOST_ROWS)]
    if more := len(one["behaviors"]) + one["invented_names"] - sum(shown):
        yield f"<p>And {more:,} more names, which stand in the exported JSON.</p>"
