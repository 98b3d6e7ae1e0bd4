"""How much has come where nobody counts tokens before the end: pieces, told in a trace's note.

A server may send several tokens in a piece, so pieces are never shown as tokens.
"""

import re

_TOLD = re.compile(r"([\d,]+) pieces so far")


def told(pieces: int) -> str:
    return f"{pieces:,} pieces so far"


def counted(note: str) -> int | None:
    """What `told` was told; None for any other note."""
    found = _TOLD.fullmatch(note)
    return int(found[1].replace(",", "")) if found else None
