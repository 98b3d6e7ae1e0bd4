"""The player's style and script, the same for a screen and for a page that opens from a disk.

The script is one, made of the files beside this one in an order in which each finds what it uses;
it loads nothing.
"""

from pathlib import Path

_HERE = Path(__file__).parent
_PARTS = (
    *("numbers", "elements", "texts", "recording", "column", "race"),
    *("tips", "playback", "controls", "player", "mount"),
)

STYLE = (_HERE / "player.css").read_text(encoding="utf-8")
SCRIPT = "\n".join((_HERE / f"{part}.js").read_text(encoding="utf-8") for part in _PARTS)
