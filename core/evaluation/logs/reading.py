"""Reads a file: which tool wrote it is seen from what stands in it, not from its name."""

import json
import math
import re
from typing import Any

from core.errors import BadInput
from core.evaluation.logs.harness import harness_run
from core.evaluation.logs.inspect_log import inspect_run
from core.evaluation.logs.logged import LoggedRun

MOST_BYTES = 100_000_000  # Inspect writes every event of a run into its log
_ZIPPED = b"PK\x03\x04"


def read(name: str, data: bytes, scored_by: str | None = None) -> LoggedRun:
    """The log in a file; `scored_by` is one of the `scorers` of the result, else the first is.

    `name` may be a path: lm-evaluation-harness tells model and task by it. Raises BadInput with a
    sentence on what is wrong.
    """
    if len(data) > MOST_BYTES:
        most = MOST_BYTES // 1_000_000
        raise BadInput(f"{name} has {len(data) / 1e6:.0f} MB; at most {most} MB are read.")
    if data.startswith(_ZIPPED):
        raise BadInput(
            f"{name} is a log of Inspect in its own form (.eval). Turn it into JSON with `inspect "
            "log convert --to json`, and read that."
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{name} is not UTF-8 text (byte {error.start}).") from error
    try:
        return _read(name, text, scored_by)
    except RecursionError as error:
        raise BadInput(f"{name} is nested too deeply to be read.") from error


def _read(name: str, text: str, scored_by: str | None) -> LoggedRun:
    whole = _whole(text)
    if isinstance(whole, dict) and isinstance(whole.get("eval"), dict):
        return inspect_run(name, whole, scored_by)
    if isinstance(whole, dict) and "results" in whole and "doc_id" not in whole:
        raise BadInput(
            f"{name} holds results without replies. Those of lm-evaluation-harness are in the "
            "samples_*.jsonl beside it, which --log_samples writes."
        )
    rows = _listed(whole) if isinstance(whole, dict | list) else _lines(name, text)
    return harness_run(name, rows, scored_by)


def _whole(text: str) -> Any:
    """The file as one JSON value; None where it is none, as of several lines."""
    first = re.match(r"\s*(.)", text)
    if first is None or first[1] not in "{[":
        return None
    try:
        return _json(text)
    except (ValueError, RecursionError):
        return None


def _listed(value: dict[str, Any] | list[Any]) -> list[tuple[int, Any]]:
    """Older versions wrote one list; a file of one line is one object."""
    return list(enumerate(value if isinstance(value, list) else [value], start=1))


def _lines(name: str, text: str) -> list[tuple[int, Any]]:
    found = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            found.append((number, _json(line)))
        except (ValueError, RecursionError) as error:
            raise BadInput(f"{name}, line {number} is not readable JSON ({error}).") from error
    return found


def _json(text: str) -> Any:
    """NaN, which both tools write for what has no score, is None, as is what is too large."""
    return json.loads(text, parse_constant=lambda _name: None, parse_float=_finite)


def _finite(digits: str) -> float | None:
    found = float(digits)
    return found if math.isfinite(found) else None
