"""One reply while it arrives: collects chunks, knows when it is over and how it ended."""

import math
import time
from datetime import datetime
from typing import Any

from core.llm import failures, pieces
from core.llm.chat import (
    WAITING,
    ChatRequest,
    Failure,
    Partial,
    Piece,
    Reply,
    ToolCall,
    Usage,
)
from core.llm.echo import Echo
from core.llm.loops import repeated_block
from core.llm.thinking import ThinkingSplitter
from core.store.records import Endpoint, FinishReason, now

LOOK_FOR_LOOPS_EVERY = 32
# A server may send a few chunks more than tokens; one that ignores the budget goes far over.
BUDGET_SLACK = 64


class Arrival:
    """Feed it the chunks of one stream; `reply` gives what has arrived, at any time.

    `begin` says that the request is sent. Where it came to nothing and is sent again, `wait` comes
    between: a reply takes as long as the try that was answered.
    """

    def __init__(self, endpoint: Endpoint, request: ChatRequest):
        self._endpoint = endpoint
        self._request = request
        self._splitter = ThinkingSplitter(endpoint.thinking)
        self._echo = Echo(request.beginning)
        self._raw: list[str] = []
        self._calls: dict[int, ToolCall] = {}
        self._cut = False
        self._thought: int | None = 0  # output tokens when the last piece of thinking had come
        self._started = self._last = time.monotonic()
        self._sent: datetime | None = None
        self._first_token: float | None = None
        self._events = self._pieces = 0
        self._chunks: list[list[Any]] = []
        self._usage = Usage()
        self._finish: FinishReason | None = None
        self._loop: str | None = None
        self._note = "reading the prompt"

    def begin(self) -> None:
        self._started = self._last = time.monotonic()
        self._sent = now()
        self._note = "reading the prompt"

    def wait(self, seconds: float) -> None:
        """Nobody expects to hear anything meanwhile: that is no silence."""
        self._last = time.monotonic() + seconds
        self._sent = None
        self._note = f"{WAITING}, which is asked again in {math.ceil(seconds)} s"

    @property
    def begun(self) -> bool:
        return self._first_token is not None

    @property
    def heard(self) -> bool:
        """Whether anything came, also if it was no text yet."""
        return self._events > 0

    @property
    def silence(self) -> float:
        """Seconds since something arrived."""
        return time.monotonic() - self._last

    @property
    def over(self) -> bool:
        """Whether to hang up although the server would go on: a loop, or far over the budget."""
        return self._loop is not None or self._over_budget

    @property
    def _over_budget(self) -> bool:
        return self._pieces > self._request.sampling.max_tokens + BUDGET_SLACK

    @property
    def partial(self) -> Partial:
        note = "" if self.begun else self._note
        if self.begun and self._usage.output is None:
            note = pieces.told(self._pieces)  # no tokens: nobody counts them yet
        return Partial(
            self._splitter.thinking,
            self._splitter.text,
            self._usage.output,
            self._thought,
            note,
            sent=self._sent,
            first_token_seconds=self._first_token,
        )

    @property
    def text(self) -> str:
        said = self._splitter.text
        return said if self._request.continues else said.lstrip()

    @property
    def raw(self) -> str:
        """All that was written, thinking and its tags too, as the model's tokenizer sees it."""
        return "".join(self._raw)

    def add(self, chunk: Any) -> None:
        """A chunk as the server sent it. Raises what reading it raises where it is built wrong."""
        self._last = time.monotonic()
        self._events += 1
        self._count(chunk)
        choices = chunk.get("choices")
        if not choices:
            return
        choice = choices[0]
        delta = choice.get("delta") or {}
        reasoning = delta.get("reasoning_content") or delta.get("reasoning")
        if isinstance(reasoning, str) and self._endpoint.thinking in ("auto", "reasoning_content"):
            self._raw.append(reasoning)
            self._keep(self._splitter.add_reasoning(reasoning))
        if (said := delta.get("content")) and (content := self._echo.without(said)):
            self._raw.append(content)
            self._keep(self._splitter.add_content(content))
        for call in delta.get("tool_calls") or ():
            self._add_call(call)
        if finish := choice.get("finish_reason"):
            self._finish = "length" if finish == "length" else "stop"

    def cancel(self) -> None:
        self._finish = "cancelled"

    def cut(self) -> None:
        """The caller has what it wants."""
        self._finish = "stop"
        self._cut = True

    def verdict(self) -> Failure | None:
        """What was wrong with a stream that ended, if anything was."""
        self._close()
        if self._loop is not None:
            return failures.repetition(self._endpoint, self._loop)
        if self._over_budget:
            self._finish = "length"
        if self._finish is None:
            wrong = failures.dropped if self._events else failures.malformed
            return wrong(self._endpoint)
        said = self._splitter.text.strip() or self._calls or self._request.continues
        if self._finish == "stop" and not said:
            return failures.empty(self._endpoint)
        return None

    def reply(self, failure: Failure | None) -> Reply:
        self._close()
        finish = "error" if failure else self._finish or "error"
        return Reply(
            finish_reason=finish,
            thinking=self._splitter.thinking.strip(),
            text=self._kept(self._splitter.text),
            usage=self._usage,
            first_token_seconds=self._first_token,
            seconds=time.monotonic() - self._started,
            chunks=self._kept_chunks(),
            failure=failure,
            thinking_format=self._splitter.found,
            cut=self._cut,
            tool_calls=tuple(self._calls[place] for place in sorted(self._calls)),
            sent=self._sent,
        )

    def _close(self) -> None:
        """What was held back, as a tag or an echo that it might have been, was text."""
        if held := self._echo.close():
            self._raw.append(held)
            self._keep(self._splitter.add_content(held))
        self._keep(self._splitter.close())

    def _kept(self, text: str) -> str:
        """White space around a text belongs to nobody, except inside one that was cut in two."""
        text = text if self._request.continues else text.lstrip()
        return text if self._cut else text.rstrip()

    def _add_call(self, piece: Any) -> None:
        """A call arrives in pieces: its id and name first, its arguments bit by bit."""
        place = piece["index"]
        old = self._calls.get(place, ToolCall("", "", ""))
        function = piece.get("function") or {}
        name, arguments = function.get("name") or "", function.get("arguments") or ""
        self._raw += [name, arguments]
        self._calls[place] = ToolCall(
            piece.get("id") or old.id, name or old.name, old.arguments + arguments
        )

    def _keep(self, pieces: list[tuple[Piece, str]]) -> None:
        if not pieces:
            return
        elapsed = time.monotonic() - self._started
        if self._first_token is None:
            self._first_token = elapsed
        if pieces[-1][0] == "thinking":
            self._thought = self._usage.output
        told = [round(elapsed * 1000), self._usage.output]
        self._chunks += [[told[0], side, len(piece), told[1]] for side, piece in pieces]
        if self._splitter.flipped:
            self._relabel()
        self._pieces += 1
        if self._request.stop_loops and self._pieces % LOOK_FOR_LOOPS_EVERY == 0:
            self._loop = repeated_block(self._splitter.text or self._splitter.thinking)

    def _kept_chunks(self) -> list[list[Any]]:
        """The chunks without the white space around thinking and text, which is not kept."""
        whole = {"thinking": self._splitter.thinking, "text": self._splitter.text}
        begin = {side: len(said) - len(said.lstrip()) for side, said in whole.items()}
        end = {side: len(said.rstrip()) for side, said in whole.items()}
        if self._request.continues:
            begin["text"] = 0
        if self._cut:
            end["text"] = len(whole["text"])
        at = {"thinking": 0, "text": 0}
        kept = []
        for elapsed, side, length, tokens in self._chunks:
            at[side] += length
            left = min(at[side], end[side]) - max(at[side] - length, begin[side])
            if left > 0:
                kept.append([elapsed, side, left, tokens])
        return kept

    def _relabel(self) -> None:
        """All that came before a lone closing tag was thinking; the pieces say so too."""
        left = len(self._splitter.thinking)
        for chunk in self._chunks:
            if left <= 0:
                break
            chunk[1] = "thinking"
            left -= chunk[2]

    def _count(self, chunk: Any) -> None:
        if progress := chunk.get("prompt_progress"):
            total, processed = progress.get("total"), progress.get("processed")
            self._note = f"reading the prompt: {processed} of {total} tokens"
        if (usage := chunk.get("usage")) is not None:
            self._usage = _usage(usage)
        elif timings := chunk.get("timings"):
            self._usage = _timed(timings)


def _usage(usage: dict[str, Any]) -> Usage:
    prompt = usage.get("prompt_tokens_details") or {}
    completion = usage.get("completion_tokens_details") or {}
    return Usage(
        input=usage.get("prompt_tokens"),
        cached=prompt.get("cached_tokens"),
        reasoning=completion.get("reasoning_tokens"),
        output=usage.get("completion_tokens"),
        by="endpoint",
    )


def _timed(timings: dict[str, Any]) -> Usage:
    """What llama.cpp counts as it goes: a reply that is cut short never gets its usage."""
    read, cached = timings.get("prompt_n"), timings.get("cache_n")
    return Usage(
        input=None if read is None or cached is None else read + cached,
        cached=cached,
        output=timings.get("predicted_n"),
        by="endpoint",
    )
