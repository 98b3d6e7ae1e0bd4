"""The function with which a model asks for a behavior, and what it says when it calls it."""

import json
from typing import Any

from core.llm.chat import Message, Reply, ToolCall

FIND: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "find_behavior",
        "description": "Finds a behavior, a note on how to reason, that fits the next step.",
        "parameters": {
            "type": "object",
            "properties": {
                "step": {"type": "string", "description": "What the next step is about."}
            },
            "required": ["step"],
        },
    },
}


def said(reply: Reply) -> Message:
    """The reply as the next request has it, with its calls."""
    calls = [
        {
            "id": call.id,
            "type": "function",
            "function": {"name": call.name, "arguments": call.arguments},
        }
        for call in reply.tool_calls
    ]
    return {"role": "assistant", "content": reply.text or None, "tool_calls": calls}


def step(call: ToolCall) -> str:
    """What the model says it is about to do; models do not always write proper JSON."""
    try:
        asked = json.loads(call.arguments)
    except (ValueError, RecursionError):
        return call.arguments
    return str(asked.get("step") or call.arguments) if isinstance(asked, dict) else call.arguments
