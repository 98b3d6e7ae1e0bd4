"""Keeps thinking and answer apart while a reply arrives, whichever way the endpoint sends them.

Three ways exist: a field of its own beside the content (`reasoning_content`, or `reasoning`), tags
inside the content (`<think>...</think>`), or none. Some templates open the tag in the prompt, so
that only `</think>` arrives: then all before it was thinking.
"""

from core.llm.chat import Piece

OPEN, CLOSE = "<think>", "</think>"


class ThinkingSplitter:
    """Feed it the pieces of content as they arrive; a tag may be cut anywhere between them."""

    def __init__(self, mode: str = "auto"):
        self._tags = mode in ("auto", "tags")
        self._inside = False
        self._begun = False
        self._held = ""
        self._thinking: list[str] = []
        self._text: list[str] = []
        self.found = "none"
        self.flipped = False

    @property
    def thinking(self) -> str:
        return "".join(self._thinking)

    @property
    def text(self) -> str:
        return "".join(self._text)

    def add_reasoning(self, piece: str) -> list[tuple[Piece, str]]:
        """A piece that came in a field of its own."""
        self.found = "reasoning_content"
        self._tags = False
        return self._emit("thinking", piece)

    def add_content(self, piece: str) -> list[tuple[Piece, str]]:
        if not self._tags:
            return self._emit("text", piece)
        self._held += piece
        if not self._begun and not self._held.strip():
            return []  # white space before an opening tag belongs to nobody
        out: list[tuple[Piece, str]] = []
        while (cut := self._next_tag()) is not None:
            before, tag = cut
            out += self._emit(self._side, before)
            self._switch(tag)
        keep = _length_of_tag_start(self._held)
        ready, self._held = (
            self._held[: len(self._held) - keep],
            self._held[len(self._held) - keep :],
        )
        return out + self._emit(self._side, ready)

    def close(self) -> list[tuple[Piece, str]]:
        """At the end of the reply: what was held back as a possible tag was none."""
        held, self._held = self._held, ""
        return self._emit(self._side, held)

    @property
    def _side(self) -> Piece:
        return "thinking" if self._inside else "text"

    def _next_tag(self) -> tuple[str, str] | None:
        # `<think>` counts only at the very beginning: a model may well write about the tag.
        if not self._inside and not self._begun and self._held.lstrip().startswith(OPEN):
            self._held = self._held.lstrip()[len(OPEN) :].lstrip("\n")
            return "", OPEN
        if (self._inside or self.found == "none") and CLOSE in self._held:
            before, self._held = self._held.split(CLOSE, 1)
            self._held = self._held.lstrip()
            return before, CLOSE
        return None

    def _switch(self, tag: str) -> None:
        self.found = "tags"
        self._begun = True
        if tag == CLOSE and not self._inside:
            # The prompt had opened the tag: all that came so far was thinking.
            self._thinking, self._text = self._text, []
            self.flipped = True
        self._inside = tag == OPEN

    def _emit(self, side: Piece, piece: str) -> list[tuple[Piece, str]]:
        if side == "text" and not self._text:
            piece = piece.lstrip() if self.found != "none" else piece
        if not piece:
            return []
        self._begun = self._begun or bool(piece.strip())
        (self._thinking if side == "thinking" else self._text).append(piece)
        return [(side, piece)]


def _length_of_tag_start(held: str) -> int:
    """How many characters at the end of `held` could be the beginning of a tag."""
    for length in range(min(len(held), len(CLOSE) - 1), 0, -1):
        if OPEN.startswith(held[-length:]) or CLOSE.startswith(held[-length:]):
            return length
    return 0
