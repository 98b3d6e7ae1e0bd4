"""Marks by a model, for those who want a second opinion on the rules' marks."""

import json
from typing import Any

from core import prompts
from core.llm.chat import ChatRequest, Message, Sampling

# Enough for a model that thinks before it answers.
JUDGE_TOKENS = 2048
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


def request(problem: str, name: str, instruction: str) -> ChatRequest:
    sampling = Sampling(0.0, None, JUDGE_TOKENS)
    return ChatRequest(messages(problem, name, instruction), sampling, schema=SCHEMA)


def marks(reply: str, by: str) -> dict[str, str]:
    """Mark -> reason, as the model `by` sees it; empty where its reply cannot be read."""
    return {mark: f"{by} judged it so" for mark, is_so in parse(reply).items() if is_so}
