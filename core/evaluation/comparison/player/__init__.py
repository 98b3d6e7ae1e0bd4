"""The player's style and script, the same for a screen and for a page that opens from a disk.

Each is made of files beside this one, in an order in which each finds what it uses, or overrules
what is more general. Nothing is loaded.
"""

from collections.abc import Sequence
from pathlib import Path

_HERE = Path(__file__).parent
_STYLES = ("base", "controls", "race", "column", "texts", "formulas", "behaviors", "stage")
_SCRIPTS = (
    *("numbers", "elements", "texts", "recording", "column", "race"),
    *("tips", "playback", "controls", "player", "mount"),
)


def _joined(parts: Sequence[str], kind: str) -> str:
    return "\n".join((_HERE / f"{part}.{kind}").read_text(encoding="utf-8") for part in parts)


STYLE = _joined(_STYLES, "css")
SCRIPT = _joined(_SCRIPTS, "js")
