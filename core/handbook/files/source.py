"""A file's name and text, from a disk or a browser: capped in size, and UTF-8 or refused.

Nothing is read that is larger than what is read of its kind. A name that came with an upload is
only shown and looked at for its ending; it never leads to a file.
"""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from core.errors import BadInput
from core.handbook.files.checks import one_line

MAX_BYTES = 32_000_000
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Source:
    """`name` is for messages: the path as it was given, or an upload's bare name."""

    name: str
    text: str

    @property
    def title(self) -> str:
        return PurePosixPath(self.name).stem

    @property
    def ending(self) -> str:
        """Such as .csv, in small letters; .page.md for a page."""
        return ending(self.name)


def ending(name: str) -> str:
    path = PurePosixPath(name.lower())
    return ".page.md" if path.name.endswith(".page.md") else path.suffix


def is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError as error:
        raise _unreadable(_shown(path.as_posix()), error) from error


def from_path(path: Path, at_most: int = MAX_BYTES) -> Source:
    name = _shown(path.as_posix())
    try:
        need_size(name, path.stat().st_size, at_most)
        return Source(name, _decoded(name, path.read_bytes()))
    except OSError as error:
        raise _unreadable(name, error) from error


def from_upload(name: str, data: bytes, at_most: int = MAX_BYTES) -> Source:
    name = bare_name(name)
    need_size(name, len(data), at_most)
    return Source(name, _decoded(name, data))


def bare_name(name: str) -> str:
    """What a browser calls a file, without folders."""
    return _shown(name.replace("\\", "/").rpartition("/")[2]) or "The file"


def need_size(name: str, size: int, at_most: int = MAX_BYTES) -> None:
    if size > MAX_BYTES:
        at_most = MAX_BYTES
    unit, step = ("MB", 1e6) if at_most >= 1e6 else ("kB", 1e3)
    if size > at_most:
        raise BadInput(
            f"{name} has {size / step:.0f} {unit}; at most {at_most / step:.0f} are read. "
            "Shorten or split it."
        )


def _unreadable(name: str, error: OSError) -> BadInput:
    return BadInput(f"{name} cannot be read: {error.strerror}.")


def _shown(name: str) -> str:
    """The name on one line, without the halves of characters that stand for odd bytes."""
    return one_line(name.encode("utf-8", "replace").decode())


def _decoded(name: str, data: bytes) -> str:
    # Without its mark, UTF-16 of plain letters is valid UTF-8, every other character a NUL.
    every_other_nul = b"\0\0" in (data[0:4:2], data[1:4:2])
    utf_16 = every_other_nul or data.startswith(UTF_16_MARKS)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        looks = "; it looks like UTF-16" if utf_16 else ""
        raise BadInput(
            f"{name} is not UTF-8 text (byte {error.start}){looks}. Save it as UTF-8."
        ) from error
    if utf_16:
        raise BadInput(f"{name} is not UTF-8 text; it looks like UTF-16. Save it as UTF-8.")
    return text
