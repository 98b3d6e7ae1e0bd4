"""Behaviors offered during a reply: retrieval while a model reasons, not only before.

After each stretch of whole paragraphs the behavior most alike to it is looked up. One that is alike
enough and was not given yet is put into the reply as a note, and the model goes on from there:
where the endpoint can continue a reply (`core.llm.midway`), else by a function that the model calls
when it wants. Nothing is asked twice as long as nothing is offered.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from core.errors import ModelUnavailable
from core.llm import pieces
from core.llm.chat import (
    ChatModel,
    ChatRequest,
    Failure,
    Message,
    Partial,
    Reply,
    ToolCall,
    never,
    uncut,
    unwatched,
)
from core.llm.midway import Midway
from core.pipeline.calling import FIND, said, step
from core.pipeline.finding import Finder
from core.pipeline.giving import Given
from core.pipeline.joining import joined, records, summed, total, within
from core.store.records import Endpoint

MOST_OFFERS = 4
# What is shorter says too little to be compared: it is looked at with the next paragraph.
SHORTEST_STRETCH = 40
# A model that finds nothing may ask for ever, and reads all anew each time.
MOST_CALLS = 8
PARAGRAPH = "\n\n"
HEADING = re.compile(r"^(?:#{1,6} |\*\*).*\n", re.MULTILINE)


def note(given: Given) -> str:
    """What is put into the reply."""
    return f"> Note: {given.name}: {given.instruction}"


@dataclass(frozen=True)
class DynamicChat:
    """A `ChatModel` that offers behaviors while `model` replies.

    `way` is how it can be done, or why that could not be found out.
    """

    model: ChatModel
    way: Midway | Failure
    finder: Finder

    @property
    def endpoint(self) -> Endpoint:
        return self.model.endpoint

    def count_tokens(self, text: str) -> int | None:
        return self.model.count_tokens(text)

    def complete(
        self,
        request: ChatRequest,
        *,
        watch: Callable[[Partial], None] = unwatched,
        stop: Callable[[], bool] = never,
        cut: Callable[[str], bool] = uncut,  # noqa: ARG002  it cuts by itself
    ) -> Reply:
        """One reply of several requests; `requests` and `offered` tell what was done."""
        if isinstance(self.way, Failure):
            return Reply("error", failure=self.way)
        if self.way == "none":
            return Reply("error", failure=self._unable())
        talk = _Talk(self, request, watch, stop)
        return talk.continued() if self.way == "continue" else talk.called()

    def _unable(self) -> Failure:
        return Failure(
            "bad_request",
            f"{self.endpoint.name} can neither go on from a begun reply nor call a function, so no "
            "behavior can be offered on the way. Leave out the arm bci-dynamic, or test the "
            "endpoint again on the Models screen.",
        )


@dataclass
class _Talk:
    """One reply on its way."""

    by: DynamicChat
    request: ChatRequest
    watch: Callable[[Partial], None]
    stop: Callable[[], bool]
    begun: float = field(default_factory=time.monotonic)
    thinking: str = ""
    text: str = ""
    looked: int = 0  # characters of the text that were compared
    offered: list[Given] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    sent: list[list[Message]] = field(default_factory=list)
    shifts: list[float] = field(default_factory=list)  # when each request was sent
    waited: float = 0.0  # seconds, for the endpoint: they are not the reply's own

    def continued(self) -> Reply:
        """The model goes on from its own words with the notes among them."""
        while True:
            beginning = self._woven()
            messages = [*self.request.messages]
            if beginning:
                messages.append({"role": "assistant", "content": beginning})
            reply = self._ask(messages, continues=bool(beginning), cut=self._finds)
            if not reply.cut:
                return self._whole(reply)
            if self._left() < 1:  # nobody is sent what was found last
                self.offered.pop()
                return self._whole(reply)

    def called(self) -> Reply:
        """The model calls `find_behavior` when it wants one."""
        messages: list[Message] = [*self.request.messages]
        while True:
            open_ = len(self.offered) < MOST_OFFERS and len(self.replies) < MOST_CALLS
            tools = (FIND,) if open_ else ()
            reply = self._ask(messages, tools=tools)
            if not tools or not reply.tool_calls or not reply.ended or self._left() < 1:
                return self._whole(reply)
            try:
                answers = [self._answer(call) for call in reply.tool_calls]
            except ModelUnavailable as error:  # the embedder; what was said is kept
                failure = Failure("model_unavailable", str(error))
                return self._whole(replace(reply, finish_reason="error", failure=failure))
            messages = [*messages, said(reply), *answers]
            self._end_paragraph()

    def _end_paragraph(self) -> None:
        """Between what was said before a call and after it; the replay counts its characters."""
        last = self.replies[-1]
        if last.text:
            self.text += PARAGRAPH
            space = [*last.chunks[-1][:2], len(PARAGRAPH), last.chunks[-1][3]]
            self.replies[-1] = replace(last, chunks=[*last.chunks, space])

    def _ask(
        self,
        messages: list[Message],
        *,
        continues: bool = False,
        tools: tuple[dict[str, Any], ...] = (),
        cut: Callable[[str], bool] = uncut,
    ) -> Reply:
        sampling = replace(self.request.sampling, max_tokens=self._left())
        request = replace(
            self.request, messages=messages, sampling=sampling, continues=continues, tools=tools
        )
        self.sent.append(messages)
        asked = time.monotonic()
        self.shifts.append(asked - self.begun - self.waited)
        reply = self.by.model.complete(request, watch=self._show, stop=self.stop, cut=cut)
        self.waited += time.monotonic() - asked - reply.seconds
        text = reply.text
        if reply.cut:  # what came after the paragraph that was looked at
            text = text[: self.looked - len(self.text)]
            reply = replace(reply, text=text, chunks=within(reply.chunks, len(text)))
        self.replies.append(reply)
        self.thinking += reply.thinking
        self.text += text
        return reply

    def _finds(self, new: str) -> bool:
        """Whether a paragraph has ended that brings up a behavior, which is then offered."""
        if len(self.offered) >= MOST_OFFERS:
            return False
        end = len(self.text) + _paragraph_end(new)
        stretch = (self.text + new)[self.looked : end]
        if len(stretch.strip()) < SHORTEST_STRETCH:
            return False
        self.looked = end
        return self._offer(stretch, end) is not None

    def _offer(self, text: str, at: int) -> Given | None:
        if len(self.offered) >= MOST_OFFERS:
            return None
        found = self.by.finder.find(text, {given.id for given in self.offered})
        if found is not None:
            found = replace(found, at=at, note=note(found))
            self.offered.append(found)
        return found

    def _answer(self, call: ToolCall) -> Message:
        found = self._offer(step(call), len(self.text))
        content = f"{found.name}: {found.instruction}" if found else "There is none that fits."
        return {"role": "tool", "tool_call_id": call.id, "content": content}

    def _woven(self) -> str:
        """The text so far with the notes at their places."""
        woven, end = "", 0
        for given in self.offered:
            at = given.at or 0
            woven += self.text[end:at] + given.note + PARAGRAPH
            end = at
        return woven + self.text[end:]

    def _left(self) -> int:
        """Of the budget. Where nobody counts, a piece that arrived is taken for a token."""
        counts = [reply.usage.output for reply in self.replies]
        pieces = [len(reply.chunks) + len(reply.tool_calls) for reply in self.replies]
        used = [pieces[at] if count is None else count for at, count in enumerate(counts)]
        return self.request.sampling.max_tokens - sum(used)

    def _show(self, partial: Partial) -> None:
        before = summed(self.replies)
        first = self.replies[0] if self.replies else partial
        self.watch(
            replace(
                partial,
                thinking=self.thinking + partial.thinking,
                text=self.text + partial.text,
                output_tokens=total([before.output, partial.output_tokens]),
                note=self._note(before.output, partial),
                offered=tuple(given.record() for given in self.offered),
                sent=self._since(partial.sent),
                first_token_seconds=first.first_token_seconds,
            )
        )

    def _note(self, before: int | None, partial: Partial) -> str:
        """What the last request does is told only while there is nothing yet; where nobody counts
        its tokens or those `before` it, all pieces so far are.
        """
        come = pieces.counted(partial.note)
        if come is not None or before is None:
            return pieces.told(sum(len(reply.chunks) for reply in self.replies) + (come or 0))
        return "" if self.text or self.thinking else partial.note

    def _since(self, sent: datetime | None) -> datetime | None:
        """From when on all of it counts, where the last request was sent then."""
        return None if sent is None else sent - timedelta(seconds=self.shifts[-1])

    def _whole(self, last: Reply) -> Reply:
        """All replies as one."""
        text = self.text.rstrip()
        offered = [replace(given, at=min(given.at or 0, len(text))) for given in self.offered]
        return replace(
            last,
            thinking=self.thinking,
            text=text,
            usage=summed(self.replies),
            first_token_seconds=self.replies[0].first_token_seconds,
            seconds=time.monotonic() - self.begun - self.waited,
            sent=self._since(last.sent),
            chunks=within(joined(self.replies, self.shifts), len(text)),
            cut=False,
            finish_reason="length" if last.cut else last.finish_reason,
            requests=tuple(records(self.sent, self.replies)),
            offered=tuple(given.record() for given in offered),
        )


def _paragraph_end(text: str) -> int:
    """Where the last whole paragraph ends: at a blank line, or behind a heading.

    A heading says what comes, and that is the moment at which a behavior is of use.
    """
    blank = text.rfind(PARAGRAPH)
    headings = [heading.end() for heading in HEADING.finditer(text)]
    return max([0 if blank < 0 else blank + len(PARAGRAPH), *headings])
