"""A model's draft of what several behaviors become when they are merged. A person decides on it."""

from collections.abc import Callable, Sequence
from typing import Any

from core import prompts
from core.errors import ModelUnavailable
from core.handbook.rules import fault
from core.jobs import Report, Stopped
from core.llm.chat import ChatModel, ChatRequest, Message, Sampling
from core.pipeline import extraction
from core.pipeline.extraction import Candidate
from core.store import Store
from core.store import behaviors as rows
from core.store.records import Job

# Enough for a model that thinks before it answers.
DRAFT_TOKENS = 2048
SCHEMA: dict[str, Any] = extraction.SCHEMA["properties"]["behaviors"]["items"]


def messages(texts: Sequence[tuple[str, str]]) -> list[Message]:
    """`texts` are the names and instructions of the behaviors."""
    listed = "\n".join(f"- {name}: {instruction}" for name, instruction in texts)
    return prompts.load("merge").messages(behaviors=listed)


class Drafter:
    """The handler of `draft` jobs: params hold the behaviors' ids and the model's name.

    The note of the finished job is the draft, as `name: instruction`.
    """

    def __init__(self, store: Store, chat: Callable[[str], ChatModel]):
        self._store = store
        self._chat = chat

    def __call__(self, job: Job, report: Report) -> str:
        report(0, 1, "writing a draft")
        with self._store.read() as session:
            found = rows.behaviors_by_id(job.params["behaviors"], session=session)
        texts = [(behavior.name, behavior.instruction) for behavior in found.values()]
        request = ChatRequest(messages(texts), Sampling(0.3, None, DRAFT_TOKENS), schema=SCHEMA)
        reply = self._chat(job.params["model"]).complete(
            request, watch=lambda _: None, stop=report.stopped
        )
        if reply.finish_reason == "cancelled":
            raise Stopped
        if reply.failure:
            raise ModelUnavailable(reply.failure.sentence)
        draft = draft_of(reply.text)
        report(1, 1, "written")
        return f"{draft.name}: {draft.instruction}"


def draft_of(reply: str) -> Candidate:
    """The one behavior of a reply; raises where there is none that obeys the rules."""
    found = [c for c in extraction.parse(reply).candidates if not fault(c.name, c.instruction)]
    if not found:
        raise ModelUnavailable(
            "The model's draft could not be read as a behavior. Ask again, or another model; what "
            "you wrote is untouched."
        )
    return found[0]
