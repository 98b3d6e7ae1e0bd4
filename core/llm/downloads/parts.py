"""Unfinished downloads: room for them, their check, and what is left of them."""

import errno
import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import DownloadFailed
from core.llm.catalogue import Download

Progress = Callable[[int, int | None, str], None]
SPARE_BYTES = 200_000_000
BLOCK = 1 << 20


class SourceFailed(Exception):
    """This source cannot give it now; the next one may."""


def verify(
    entry: Download, weights: Path, sha256: str | None, target: Path, progress: Progress
) -> None:
    """Deletes what arrived for `target`, and raises, unless the weights have this sha256."""
    if sha256 is None:
        forget(target)
        raise DownloadFailed(
            f"Nothing says which sha256 {entry.file} of {entry.name} must have, so it was not used "
            "and is deleted."
        )
    found = _sha256(weights, progress)
    if found != sha256:
        forget(target)
        raise DownloadFailed(
            f"{entry.file} of {entry.name} arrived damaged: its sha256 is {found[:12]}… and should "
            f"be {sha256[:12]}…. It is deleted; pull it again, over another network if it recurs."
        )


def forget(target: Path) -> None:
    """Removes what unfinished downloads of this target have left."""
    for kind in ("part", "json", "new"):
        for left in target.parent.glob(f"{target.name}.*.{kind}"):
            discard(left)


def discard(path: Path) -> None:
    """Deletes a file or a folder, if there is one."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def need_room(entry: Download, folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed + SPARE_BYTES:
        raise DownloadFailed(
            f"{entry.name} needs {needed / 1e9:.1f} GB more in {folder}, where {free / 1e9:.1f} GB "
            "are free. Make room, or set VADEMECUM_HOME to a folder on a larger disk."
        )


@contextmanager
def disk_errors(entry: Download, target: Path) -> Iterator[None]:
    """What the disk refuses becomes a sentence; a full one gets its room back."""
    try:
        yield
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise DownloadFailed(f"{target.name} cannot be written: {error}.") from error
        forget(target)
        raise DownloadFailed(
            f"The disk of {target.parent} filled up while {entry.name} was fetched. What had "
            "arrived is deleted again. Make room, or set VADEMECUM_HOME to a folder on a larger "
            "disk."
        ) from error


def _sha256(path: Path, progress: Progress) -> str:
    digest, done, size = hashlib.sha256(), 0, path.stat().st_size
    with path.open("rb") as file:
        while block := file.read(16 * BLOCK):
            digest.update(block)
            done += len(block)
            progress(done, size, "checking the sha256")
    return digest.hexdigest()
