"""Marks by a model, for those who want a second opinion on the rules' marks."""

import json
from collections.abc import Callable
from typing import Any

from core import prompts
from core.llm.chat import ChatModel, ChatRequest, Message, Sampling

JUDGED = ("leak", "specific", "trivial")
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {mark: {"type": "boolean"} for mark in JUDGED},
    "required": list(JUDGED),
    "additionalProperties": False,
}


def messages(problem: str, name: str, instruction: str) -> list[Message]:
    return prompts.load("judge").messages(problem=problem, name=name, instruction=instruction)


def parse(reply: str) -> dict[str, bool]:
    """The marks a reply sets; none where it cannot be read."""
    begin, end = reply.find("{"), reply.rfind("}")
    try:
        data = json.loads(reply[begin : end + 1])
    except (ValueError, RecursionError):
        return {}
    return {mark: data[mark] is True for mark in JUDGED if mark in data} if begin >= 0 else {}


def judge_marks(
    model: ChatModel, problem: str, name: str, instruction: str, *, stop: Callable[[], bool]
) -> dict[str, str]:
    """Mark -> reason, as this model sees it; empty where it did not answer in time or in form."""
    request = ChatRequest(
        messages(problem, name, instruction), Sampling(0.0, None, 256), schema=SCHEMA
    )
    verdicts = parse(model.complete(request, stop=stop).text)
    by = model.endpoint.name
    return {mark: f"{by} judged it so" for mark, is_so in verdicts.items() if is_so}
