"""Reads the JSON logs of Inspect (`inspect eval --log-format json`, or a converted .eval file).

Fields as in its `EvalLog`, `EvalSample`, `ModelOutput` and `ModelUsage` (log version 2). Its input
tokens leave out those that a cache served; ours have them in. Of several turns only the sum is
there, and where a model graded, the grading is in that sum: then the tokens are unknown.
"""

from collections.abc import Iterator, Mapping, Sequence
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
from core.evaluation.problems import NewProblem
from core.evaluation.problems.options import with_options

_ATTACHED = "attachment://"
_SCORES = {"C": 1.0, "I": 0.0, "N": 0.0, "P": 0.5, "yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}
_FINISHES: dict[str, Finish] = {
    "stop": "stop",
    "max_tokens": "length",
    "model_length": "length",
    "length": "length",
    "content_filter": "error",
}
_LIMITS_OF_LENGTH = ("token", "context")
_JUDGES = "model_graded"  # how its scorers that ask a model begin

Log = Mapping[str, Any]


def inspect_run(name: str, log: Log, scored_by: str | None) -> LoggedRun:
    """Of a whole log; raises BadInput where it has no samples, or not such a scorer."""
    spec = log["eval"]
    found = log.get("samples")
    given = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    if not given:
        raise BadInput(
            f"{name} is a log of Inspect without samples (its status is {_status(log)}); there are "
            "no replies to read."
        )
    scorers, scorer = chosen(name, (one for sample in given for one in _scores(sample)), scored_by)
    reduced = _reduced(log, scorer)
    ordered = sorted(given, key=lambda one: count(one.get("epoch")) or 0)
    reader = _Reader(str(spec.get("model") or ""), scorer, reduced, _judged(log, scorers))
    ill = f"The run did not end well: its status is {_status(log)}."
    config = {
        **_dict(_dict(log.get("plan")).get("config")),
        **_dict(spec.get("model_generate_config")),
    }
    return run_of(
        name,
        [reader.sample(one) for one in ordered],
        scorers,
        scorer,
        notes=[] if log.get("status") == "success" else [ill],
        tool="Inspect",
        model=str(sound(reader.model)),
        task=str(sound(str(spec.get("task") or ""))),
        created=time(spec.get("created")),
        budget=count(config.get("max_tokens")),
        temperature=number(config.get("temperature")),
        top_p=number(config.get("top_p")),
        seed=count(config.get("seed")),
    )


def _status(log: Log) -> str:
    return repr(str(sound(str(log.get("status") or "unknown"))))


class _Reader:
    """Reads samples of one log: what they have in common is known once."""

    def __init__(self, model: str, scorer: str, reduced: Mapping[str, Any], judged: bool) -> None:
        self.model = model
        self._scorer = scorer
        self._reduced = reduced
        self._judged = judged

    def sample(self, sample: Log) -> LoggedSample:
        output = _dict(sample.get("output"))
        choice = _dict(_first(output.get("choices")))
        thinking, text = _reply(_dict(choice.get("message")), sample)
        score, answer = self._score(sample)
        error = _error(sample, output)
        usage, seconds = self._usage(sample, output)
        failed = error is not None
        return LoggedSample(
            problem=_problem(sample),
            number=0,
            text=text,
            thinking=thinking,
            correct=None if failed else right(score),
            score=None if failed else score,
            answer=answer,
            finish="error" if failed else _finish(sample, choice),
            error=error,
            messages=tuple(_asked(sample)),
            output_tokens=count(usage.get("output_tokens")),
            reasoning_tokens=count(usage.get("reasoning_tokens")),
            input_tokens=_input(usage),
            cached_tokens=count(usage.get("input_tokens_cache_read")),
            seconds=seconds,
            price=amount(usage.get("total_cost")),
        )

    def _score(self, sample: Log) -> tuple[float | None, str | None]:
        score = _dict(_scores(sample).get(self._scorer))
        if not score:
            score = _dict(self._reduced.get(str(sample.get("id"))))
        answer = score.get("answer")
        return _value(score.get("value")), str(sound(answer)) if isinstance(answer, str) else None

    def _usage(self, sample: Log, output: Log) -> tuple[Log, float | None]:
        """Of the whole reply, in one turn or in several."""
        messages = map(_dict, _list(sample.get("messages")))
        if sum(map(_written, messages)) <= 1:
            return _dict(output.get("usage")), amount(output.get("time"))
        seconds = amount(sample.get("working_time"))
        if self._judged:
            return {}, None
        return _dict(_dict(sample.get("model_usage")).get(self.model)), seconds


def _problem(sample: Log) -> NewProblem:
    choices = [_text(one, sample) for one in _list(sample.get("choices"))]
    text = with_options(_input_text(sample), choices)
    targets = [str(sound(str(one))).strip() for one in _targets(sample) if str(one).strip()]
    metadata = _dict(sound(sample.get("metadata")))
    extra: dict[str, Any] = {"aliases": targets[1:]} if len(targets) > 1 else {}
    if choices:
        extra["task"] = "choice"
    if isinstance(metadata.get("level"), str | int):
        extra["level"] = metadata["level"]
    topic = next((metadata[key] for key in ("topic", "subject", "type") if key in metadata), "")
    return NewProblem(
        text,
        targets[0] if targets else None,
        topic if isinstance(topic, str) else "",
        extra,
    )


def _input_text(sample: Log) -> str:
    given = sample.get("input")
    if isinstance(given, str):
        return _text(given, sample)
    asked = [_dict(one) for one in _list(given)]
    return "\n\n".join(_text(one.get("content"), sample) for one in asked if _asks(one))


def _asks(message: Log) -> bool:
    return message.get("role") == "user"


def _targets(sample: Log) -> list[Any]:
    target = sample.get("target")
    return target if isinstance(target, list) else [] if target is None else [target]


def _asked(sample: Log) -> Iterator[dict[str, str]]:
    """The messages up to the first reply."""
    for one in map(_dict, _list(sample.get("messages"))):
        if _written(one):
            return
        role = str(sound(str(one.get("role") or "")))
        yield {"role": role, "content": _text(one.get("content"), sample)}


def _written(message: Log) -> bool:
    """By the model, and not an example in the prompt."""
    return message.get("role") == "assistant" and message.get("source") != "input"


def _reply(message: Log, sample: Log) -> tuple[str, str]:
    """Thinking and text: blocks of their own, or both in one text."""
    content = message.get("content")
    blocks = [_dict(one) for one in _list(content)]
    thoughts = [_thought(one) for one in blocks if one.get("type") == "reasoning"]
    thinking = "\n\n".join(filter(None, (_text(one, sample) for one in thoughts)))
    text = _text(content, sample)
    return (thinking, text) if thinking else split_thinking(text)


def _thought(block: Log) -> Any:
    return block.get("summary") if block.get("redacted") else block.get("reasoning")


def _text(content: Any, sample: Log) -> str:
    """A text, or the text in blocks; long ones may be kept apart and only be referred to."""
    if isinstance(content, list):
        blocks = [_dict(one) for one in content]
        return "\n".join(_text(one.get("text"), sample) for one in blocks if "text" in one)
    if not isinstance(content, str):
        return ""
    if content.startswith(_ATTACHED):
        kept = _dict(sample.get("attachments")).get(content.removeprefix(_ATTACHED))
        content = kept if isinstance(kept, str) else content
    return str(sound(content))


def _finish(sample: Log, choice: Log) -> Finish | None:
    if _dict(sample.get("limit")).get("type") in _LIMITS_OF_LENGTH:
        return "length"
    return _FINISHES.get(str(choice.get("stop_reason")))


def _error(sample: Log, output: Log) -> str | None:
    error = sample.get("error")
    said = _dict(error).get("message") if isinstance(error, dict) else error or output.get("error")
    return str(sound(said)) if isinstance(said, str) else "failed" if error else None


def _input(usage: Log) -> int | None:
    """With what a cache served, and what was written into it."""
    anew = count(usage.get("input_tokens"))
    cached = ("input_tokens_cache_read", "input_tokens_cache_write")
    return None if anew is None else anew + sum(count(usage.get(name)) or 0 for name in cached)


def _scores(sample: Log) -> Mapping[str, Any]:
    scores = sample.get("scores")
    if isinstance(scores, dict):
        return scores
    return {"score": sample["score"]} if isinstance(sample.get("score"), dict) else {}


def _value(value: Any) -> float | None:
    """As Inspect turns values into numbers; lists and objects have none."""
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        return _SCORES.get(value, _SCORES.get(value.lower()))
    return number(value)


def _reduced(log: Log, scorer: str) -> dict[str, Any]:
    """Sample -> its score over all epochs, which is that of a reply where there is one epoch."""
    if (count(_dict(_dict(log["eval"]).get("config")).get("epochs")) or 1) > 1:
        return {}
    listed = log.get("reductions") or _dict(log.get("results")).get("sample_reductions")
    own = [_dict(one) for one in _list(listed) if _dict(one).get("scorer") == scorer or not scorer]
    samples = _list(own[0].get("samples")) if own else []
    return {str(_dict(one).get("sample_id")): one for one in samples}


def _judged(log: Log, scorers: Sequence[str]) -> bool:
    named = [str(_dict(one).get("name")) for one in _list(_dict(log["eval"]).get("scorers"))]
    ran = [str(_dict(one).get("scorer")) for one in _list(_dict(log.get("results")).get("scores"))]
    return any(_JUDGES in one for one in (*named, *ran, *scorers))


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else None
