"""How an evaluation was made and where its limits are, in sentences made from what it recorded."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from core.evaluation.evidence import Evidence
from core.evaluation.report.handbooks import drawn_on, versions_that_differ
from core.evaluation.report.paper import WHOLE


def method(report: Mapping[str, Any], known: Evidence) -> list[str]:
    return list(_method(report, report["settings"], report["problems"], known))


def of_p_values(report: Mapping[str, Any]) -> str:
    """By which tests, after how many problems there were, they came."""
    pairs = [*report["pairs"], *report["contrasts"]]
    tests = [one[name] for one in pairs for name in ("accuracy_test", "token_test")]
    named = list(dict.fromkeys(filter(None, tests)))
    if not named:
        return "There are no p values."
    listed = ", ".join(named[:-1]) + " and " + named[-1] if len(named) > 1 else named[0]
    apart = "; those of arms beside each other for theirs" if report["contrasts"] else ""
    return (
        f"p values are by {listed}. Those of accuracy, and apart from them those of tokens, are "
        f"corrected (Holm) for all comparisons with a baseline of this report{apart}."
    )


def incomplete(report: Mapping[str, Any], known: Evidence) -> str:
    """How many replies are missing; empty where none is."""
    return " ".join(_incomplete(report, known))


def _incomplete(report: Mapping[str, Any], known: Evidence) -> Iterator[str]:
    asked = report["n_problems"] * len(report["asked"]) * report["settings"]["samples"]
    missing = asked - sum(one.ended for one in known.counting.values())
    if missing > 0:
        yield f"{missing:,} of {asked:,} replies have no outcome: they are in no figure."
    for budget in report["settings"]["budgets"]:
        failed = [key for key, one in known.under(budget).items() if not one.ended]
        if again := sum(known.counting[key].ended for key in failed):
            yield (
                f"{again:,} of {asked:,} replies were cut off before {budget:,} tokens and failed "
                "when they were asked for again: they are in no figure of that budget."
            )


def limits(report: Mapping[str, Any], known: Evidence) -> list[str]:
    return list(_limits(report, known))


def _method(
    report: Mapping[str, Any],
    settings: Mapping[str, Any],
    problems: Mapping[str, Any],
    known: Evidence,
) -> Iterator[str]:
    models = ", ".join(dict.fromkeys(one["model"] for one in report["asked"]))
    name = problems.get("set") or "pasted problems"
    yield (
        f"{report['n_problems']:,} problems of {name}"
        f"{' (' + problems['split'] + ')' if problems.get('split') else ''}, "
        f"{settings['samples']} sample{'s' * (settings['samples'] != 1)} of each for every arm, "
        f"asked of {models}: temperature {settings['temperature']}, top-p {settings['top_p']}, "
        f"seed {'none' if settings['seed'] is None else settings['seed']}."
    )
    yield from drawn_on(report)
    budgets = [f"{budget:,}" for budget in settings["budgets"]]
    yield f"Budgets of {', '.join(budgets)} output tokens; an answer cut off is wrong and costs it."
    if len(budgets) > 1:
        yield (
            "A reply serves every budget below the one it was asked for with: a smaller one takes "
            "it as cut there, as what a model writes does not depend on where it is cut later."
        )
    if again := len(known.asked_again()):
        yield (
            f"{again:,} replies were asked for once more, with a larger budget than the one that "
            "had cut them off. Under that one they count as cut; only above it the new ones count, "
            "and those are a second draw where the model does not repeat itself."
        )
    if settings["forced"]:
        yield "Where a budget cut a reply off, the model was made to answer in a few more tokens."
    if settings["parts"]:
        yield "Every sample was given a random part of its behaviors, to tell what each is worth."
    if settings["judge"]:
        yield f"Answers found wrong by rules were shown to {settings['judge']} once more."
    yield (
        "Intervals are of 95%, by a bootstrap over problems, in which two imagined ones stand for "
        "what few problems do not show: even 0 right of 12 has an interval. Arms are compared on "
        f"the same problems. {of_p_values(report)}"
    )
    yield f"Made by Vademecum {report['code_version'] or 'of an unknown version'}."


def _of_other_prompts(report: Mapping[str, Any], known: Evidence) -> Counter[str]:
    """Arm -> replies that were asked for with a prompt the record of the run does not name: it was
    extended, or resumed, by a program whose prompts are worded otherwise.
    """
    named = set((report["prompts"] or {}).values())
    replies = (one for one in known.counting.values() if one.ended and named)
    return Counter(one.arm for one in replies if one.prompt_hash not in named)


def _not_followed(report: Mapping[str, Any], known: Evidence) -> Iterator[str]:
    """Answers that were to be made at a budget, and second looks, that are not there."""
    settings, over = report["settings"], report["status"] == "done"
    failed = "it failed, nobody counted the tokens on the way, or the model's context was full"
    why = failed if over else "that comes at the end"
    for budget in settings["budgets"] if settings["forced"] else ():
        if lacking := len(known.unforced(budget)):
            yield (
                f"Of the replies cut off at {budget:,} tokens {lacking:,} have no answer made "
                f"there: {why}. They are wrong."
            )
    if settings["judge"] and (unseen := len(known.unjudged(settings["budgets"]))):
        yield (
            f"Of the answers found wrong by rules {unseen:,} were not looked at by "
            f"{settings['judge']}: {'it failed' if over else 'that comes at the end'}. They are "
            "wrong."
        )


def _limits(report: Mapping[str, Any], known: Evidence) -> Iterator[str]:
    if told := incomplete(report, known):
        yield told
    if others := _of_other_prompts(report, known):
        replies = ", ".join(f"{number:,} of {arm}" for arm, number in others.items())
        yield (
            "The prompts are not those that the run was begun with, so its arms differ in more "
            f"than their kind. Replies to prompts of another wording: {replies}."
        )
    yield from versions_that_differ(report)
    if left := report["problems"].get("left_out"):
        yield f"Problems left out as leaks: {left:,}."
    if without := report["problems"].get("without_vectors", 0):
        yield (
            f"Leaks were looked for by wording and numbers: {without:,} texts had no vector, with "
            "which heavier rewordings are found."
        )
    if kept := sum((report["leaks"] or {}).get("kept", {}).values()):
        yield f"{kept:,} problems were flagged as leaks or look-alikes and kept."
    if missing := set(report["settings"]["budgets"]) - {one["budget"] for one in report["arms"]}:
        budgets = ", ".join(f"{budget:,}" for budget in sorted(missing))
        yield f"Nothing is told at {budgets} tokens: some replies were cut off before."
    unknown = {one["arm"] for one in report["arms"] if one["cut_unknown"]}
    if unknown:
        yield f"No tokens were counted in {', '.join(sorted(unknown))}: nobody can cut them."
    if report["paper"]:
        whole = all(WHOLE[one["set"]] == report["n_problems"] for one in report["paper"])
        yield (
            f"The paper's figures are of other models{'' if whole else ' and of the whole set'}: "
            "they stand here for comparison of size, not of outcome."
        )
    if report["settings"]["parts"]:
        yield (
            "Arms that retrieve were given a random half of their behaviors: the comparison of "
            "arms is of such halves, not of the handbook as it is used. Controls (random, names "
            "only) were given as many as without the experiment."
        )
    yield from _not_followed(report, known)
    if report["n_problems"] < 30:
        yield f"{report['n_problems']} problems show large differences only."
