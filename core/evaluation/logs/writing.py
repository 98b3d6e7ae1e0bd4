"""Writes replies as lm-evaluation-harness logs its samples, so that its readers take them.

A line for each reply, with the fields and hashes of that tool; the token F1 of an answer, where it
has one, is its second metric. What it has no field for (tokens, why a reply ended, model and arm)
stands under one key of our own, which others ignore.
"""

import hashlib
import json
from typing import Any

from core.evaluation.logs.harness import F1, OWN
from core.evaluation.logs.logged import LoggedRun, LoggedSample
from core.llm.thinking import CLOSE, OPEN

METRIC = "exact_match"
_OWN_FIELDS = (
    *("output_tokens", "reasoning_tokens", "input_tokens", "cached_tokens"),
    *("seconds", "price", "finish", "error"),
)


def write_lm_eval(run: LoggedRun) -> str:
    """The JSON Lines of one arm's replies; a reply nobody graded has no metric."""
    places: dict[str, int] = {}
    lines = []
    for sample in run.samples:
        doc = _doc(sample)
        place = places.setdefault(_dumped(doc), len(places))
        lines.append(json.dumps(_line(run, sample, doc, place), ensure_ascii=False))
    return "".join(f"{line}\n" for line in lines)


def _line(run: LoggedRun, sample: LoggedSample, doc: dict[str, Any], place: int) -> dict[str, Any]:
    prompt = json.dumps(list(sample.messages), ensure_ascii=False)
    target = sample.problem.gold or ""
    known = {} if sample.correct is None else {METRIC: sample.correct, F1: sample.score}
    metrics = {name: float(value) for name, value in known.items() if value is not None}
    return {
        "doc_id": place,
        "doc": doc,
        "target": target,
        "arguments": {"gen_args_0": {"arg_0": [prompt], "arg_1": _asked(run)}},
        "resps": [[_raw(sample)]],
        "filtered_resps": [sample.text if sample.answer is None else sample.answer],
        "filter": "none",
        "metrics": list(metrics),
        "doc_hash": _hash(_dumped(doc)),
        "prompt_hash": _hash(prompt),
        "target_hash": _hash(target),
        **metrics,
        OWN: {
            **{name: getattr(run, name) for name in ("model", "arm", "kind")},
            **{name: getattr(sample, name) for name in _OWN_FIELDS},
        },
    }


def _doc(sample: LoggedSample) -> dict[str, Any]:
    problem = sample.problem
    return {
        "problem": problem.text,
        "answer": problem.gold,
        "topic": problem.topic,
        "extra": problem.extra,
    }


def _asked(run: LoggedRun) -> dict[str, Any]:
    asked = {
        "max_gen_toks": run.budget,
        "temperature": run.temperature,
        "top_p": run.top_p,
        "seed": run.seed,
    }
    return {"until": [], **{name: value for name, value in asked.items() if value is not None}}


def _raw(sample: LoggedSample) -> str:
    """As a model writes that thinks: the tool keeps one text for both."""
    if not sample.thinking:
        return sample.text
    return f"{OPEN}\n{sample.thinking}{CLOSE}\n\n{sample.text}"


def _dumped(doc: dict[str, Any]) -> str:
    """What the tool makes its hash of."""
    return json.dumps(doc, indent=2, ensure_ascii=False)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
