"""What an arm lacked: where behaviors were missing, it was asked something else than its name says.

Told from what each trace was given. Nothing is told while it is not known yet.
"""

from collections.abc import Mapping
from typing import Any

from core.evaluation.comparison.giving import reference_of

_PLAIN = "the plain prompt was sent."
_NOTHING = {
    **dict.fromkeys(("bci", "bci-embedding", "bci-hybrid"), f"None was near enough: {_PLAIN}"),
    "bci-topic": f"The topic has none: {_PLAIN}",
    **dict.fromkeys(("bci-fixed", "random", "names-only"), f"None was given: {_PLAIN}"),
}


def lacking(document: Mapping[str, Any], arm: str, take: Mapping[str, Any]) -> str:
    """In a sentence what was not given to this take of the arm; empty where nothing is lacking."""
    kinds = {one["arm"]: one["kind"] for one in document["asked"]}
    kind, given = kinds[arm], len(take.get("given") or ())
    if kind == "bci-dynamic":
        over = take.get("finish_reason") or document["status"] not in ("queued", "running")
        return "Nothing was offered on the way." if over and not given else ""
    wanted = _given_to_reference(document, arm) if kind == "random" else 0
    if given < wanted:
        return _fewer(given, wanted)
    return "" if given else _NOTHING.get(kind, "")


def _fewer(given: int, wanted: int) -> str:
    if not given:
        return f"None was left to draw from: {_PLAIN}"
    return f"Only {given} {'was' if given == 1 else 'were'} left to draw from, not {wanted}."


def _given_to_reference(document: Mapping[str, Any], arm: str) -> int:
    """How many behaviors the arm got that a random one goes by; 0 where there is no such arm."""
    reference = reference_of(document["asked"], arm)
    takes = document["arms"].get(reference)
    return len(takes[0].get("given") or ()) if takes else 0
