"""Reads the samples that lm-evaluation-harness logs: `samples_<task>_<time>.jsonl`.

Fields as in its `result_schema.py` (version 0.4): a line for each document and filter, with the
`doc` of the data set, the `arguments` of the request, the raw replies in `resps` (requests x
repeats), what a filter made of them in `filtered_resps`, and the value of each of `metrics` under
its name. It records no tokens, and not why a reply ended.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from core.errors import BadInput
from core.evaluation.logs.logged import (
    Finish,
    LoggedRun,
    LoggedSample,
    amount,
    chosen,
    count,
    number,
    right,
    run_of,
    sound,
    split_thinking,
    time,
)
from core.evaluation.problems import NewProblem, Rows, guess_mapping, map_rows
from core.evaluation.problems.columns import Columns
from core.evaluation.problems.mapping import Mapping as DocMapping

OWN = "vademecum"  # the key of what only we write
F1 = "f1"  # the metric that our logs have beside the right ones
_NAMED = re.compile(r"samples_(?P<task>.+)_(?P<time>\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(\.\d+)?)")
_FIELDS = frozenset(
    "doc_id doc target arguments resps filtered_resps filter metrics doc_hash prompt_hash "
    "target_hash".split()
)
_NOT_SCORED = "bypass"  # what --predict_only has for a metric
_BUDGETS = ("max_gen_toks", "max_new_tokens", "max_tokens", "max_completion_tokens")

Row = dict[str, Any]


def harness_run(name: str, lines: Sequence[tuple[int, Any]], scored_by: str | None) -> LoggedRun:
    """Of the numbered lines of a file; raises BadInput where they are not such samples."""
    rows = [_checked(name, place, row) for place, row in lines]
    if not rows:
        raise BadInput(f"{name} holds no replies.")
    scorers, scorer = chosen(name, (one for row in rows for one in _scorers(row)), scored_by)
    metric, _, filtered = scorer.rpartition(",")
    if scorer:
        rows = [row for row in rows if _filter(row) == filtered]
    else:
        rows = [row for row in rows if _filter(row) == _filter(rows[0])]
    path = PurePath(name)
    named = _NAMED.search(path.stem)
    task = named["task"] if named else path.stem
    docs = _Docs.of(rows, task)
    samples = [sample for row in rows for sample in _samples(row, docs.problem(row), metric)]
    asked, own = _asked(rows[0]), _own(rows[0])
    return run_of(
        name,
        samples,
        scorers,
        scorer,
        notes=docs.notes(),
        tool="lm-evaluation-harness",
        model=own.get("model", path.parent.name.replace("__", "/")),
        arm=own.get("arm", ""),
        kind=own.get("kind", ""),
        task=task,
        created=time(named["time"].partition(".")[0], "%Y-%m-%dT%H-%M-%S") if named else None,
        budget=next((found for key in _BUDGETS if (found := count(asked.get(key)))), None),
        temperature=0.0 if asked.get("do_sample") is False else number(asked.get("temperature")),
        top_p=number(asked.get("top_p")),
        seed=count(asked.get("seed")),
    )


def _checked(name: str, place: int, row: Any) -> Row:
    """The line, if it is a sample with replies; else the sentence says why not."""
    where = f"{name}, line {place}"
    if not isinstance(row, dict) or "resps" not in row or "doc" not in row:
        raise BadInput(
            f"{where} is no sample of lm-evaluation-harness (doc, resps) and the file no JSON log "
            "of Inspect; other logs are not read."
        )
    requests = row["resps"]
    if not isinstance(requests, list) or not requests or not isinstance(requests[0], list):
        raise BadInput(f"{where} has no replies in its resps.")
    if len(requests) > 1 or not all(isinstance(one, str) for one in requests[0]):
        raise BadInput(
            f"{where} was scored by the likelihood of choices: there are no replies to read. Only "
            "tasks in which the model writes are."
        )
    return row


def _filter(row: Row) -> str:
    return str(row.get("filter") or "none")


def _scorers(row: Row) -> Iterator[str]:
    """Named as the tool does in its results: metric,filter."""
    listed = row.get("metrics")
    names = listed if isinstance(listed, list) else sorted(row.keys() - _FIELDS - {OWN})
    for name in names:
        if (
            isinstance(name, str)
            and name != _NOT_SCORED
            and isinstance(row.get(name), bool | int | float)
        ):
            yield f"{name},{_filter(row)}"


def _samples(row: Row, problem: NewProblem, metric: str) -> Iterator[LoggedSample]:
    """A metric is of what the filter made: of one reply only where that tells which."""
    replies, filtered = row["resps"][0], _first(row.get("filtered_resps"))
    value = row.get(metric) if metric else None
    score = float(value) if isinstance(value, bool) else number(value)
    own = row.get(OWN)
    for place, reply in enumerate(replies):
        of_it = len(replies) == 1 or (place == 0 and filtered == reply)
        thinking, text = split_thinking(sound(reply))
        answer = filtered if of_it and filtered not in (reply, text, "[invalid]") else None
        sample = LoggedSample(
            problem=problem,
            number=place,
            text=text,
            thinking=thinking,
            correct=right(score) if of_it else None,
            score=score if of_it else None,
            answer=sound(answer),
            messages=tuple(_messages(row)),
        )
        yield _with_own(sample, own, number(row.get(F1))) if isinstance(own, dict) else sample


def _with_own(sample: LoggedSample, own: Mapping[str, Any], f1: float | None) -> LoggedSample:
    finish = own.get("finish")
    known: Finish | None = finish if finish in ("stop", "length", "error") else None
    counts = ("output_tokens", "reasoning_tokens", "input_tokens", "cached_tokens")
    error = own.get("error")
    return replace(
        sample,
        score=f1,
        finish=known,
        error=sound(error) if isinstance(error, str) else None,
        **{name: count(own.get(name)) for name in counts},  # type: ignore[arg-type]
        seconds=amount(own.get("seconds")),
        price=amount(own.get("price")),
    )


def _first(filtered: Any) -> str | None:
    """Some filters leave a list of what they made of each repeat."""
    one = filtered[0] if isinstance(filtered, list) and filtered else None
    if isinstance(one, list) and len(one) == 1:
        one = one[0]
    return one if isinstance(one, str) else None


def _arguments(row: Row) -> list[Any]:
    """Of the first request: the prompt, and how it was to be answered."""
    arguments = row.get("arguments")
    if isinstance(arguments, dict):  # {"gen_args_0": {"arg_0": ..., "arg_1": ...}}
        first = arguments.get("gen_args_0")
        return [first.get("arg_0"), first.get("arg_1")] if isinstance(first, dict) else []
    first = arguments[0] if isinstance(arguments, list) and arguments else None
    return first if isinstance(first, list) else []


def _asked(row: Row) -> Mapping[str, Any]:
    return next((one for one in _arguments(row)[1:] if isinstance(one, dict)), {})


def _messages(row: Row) -> Iterator[dict[str, str]]:
    """A prompt is a text, or a list with the JSON of chat messages in it."""
    prompt = next(iter(_arguments(row)), None)
    if isinstance(prompt, list):
        prompt = prompt[0] if prompt else None
    if not isinstance(prompt, str):
        return
    for one in _chat(prompt) or [{"role": "user", "content": prompt}]:
        yield {"role": sound(str(one.get("role", ""))), "content": sound(_content(one))}


def _chat(prompt: str) -> list[dict[str, Any]]:
    if not prompt.startswith("[{"):
        return []
    try:
        found = json.loads(prompt)
    except (ValueError, RecursionError):
        return []
    return found if all(isinstance(one, dict) and "role" in one for one in found) else []


def _content(message: Mapping[str, Any]) -> str:
    content = message.get("content")
    return content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)


def _own(row: Row) -> dict[str, str]:
    """What only we write of a whole log: its model, and the arm it is of.

    Others have no model in it: their results stand in a folder of its name, with __ for /.
    """
    own = row.get(OWN)
    given = own if isinstance(own, dict) else {}
    names = ("model", "arm", "kind")
    return {name: sound(given[name]) for name in names if isinstance(given.get(name), str)}


@dataclass
class _Docs:
    """The problems of the documents, by the mapping of problem files that fits them."""

    mapping: DocMapping | None
    columns: Columns | None
    from_prompts: int = 0

    @classmethod
    def of(cls, rows: Sequence[Row], task: str) -> "_Docs":
        docs = [row["doc"] for row in rows if isinstance(row["doc"], dict)]
        mapping = guess_mapping(docs, task) if docs else None
        try:
            return cls(mapping, mapping.columns(docs) if mapping else None)
        except BadInput:
            return cls(None, None)

    def notes(self) -> list[str]:
        """To be asked once all problems were."""
        if not self.from_prompts:
            return []
        return [
            f"The text of {self.from_prompts:,} problems is that of the prompt, as the documents "
            "have no column for it."
        ]

    def problem(self, row: Row) -> NewProblem:
        doc = sound(row["doc"])
        if isinstance(row.get(OWN), dict) and isinstance(doc, dict) and doc.get("problem"):
            extra = doc.get("extra")
            return NewProblem(
                str(doc["problem"]),
                None if doc.get("answer") is None else str(doc["answer"]),
                str(doc.get("topic") or ""),
                extra if isinstance(extra, dict) else {},
            )
        gold = str(sound(str(row.get("target") or ""))).strip() or None
        found = self._mapped(doc)
        if found is None:
            self.from_prompts += 1
            return NewProblem(_last_asked(row), gold)
        return found if found.gold is not None else replace(found, gold=gold)

    def _mapped(self, doc: Any) -> NewProblem | None:
        if not isinstance(doc, dict) or self.mapping is None or self.columns is None:
            return None
        problems = map_rows(Rows([(1, doc)], []), self.mapping, self.columns).problems
        return problems[0] if problems else None


def _last_asked(row: Row) -> str:
    asked = [one["content"] for one in _messages(row) if one["role"] == "user"]
    return asked[-1] if asked else json.dumps(sound(row["doc"]), ensure_ascii=False)
