"""Files from a Hugging Face repository, or from a mirror that HF_ENDPOINT names.

The weights go on from where they broke off. The small files beside an embedder's weights are
fetched whole.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx2

from core.llm.catalogue import EmbedderEntry, Entry, Source
from core.llm.downloads.parts import BLOCK, Progress, SourceFailed, need_room

ANSWER_SECONDS = 6
TIMEOUT = httpx2.Timeout(60, connect=ANSWER_SECONDS)


@dataclass(frozen=True)
class _Announced:
    """What the server says of the weights before they are sent. `size` in bytes."""

    sha256: str | None
    size: int | None


def gather(
    entry: Entry | EmbedderEntry, source: Source, part: Path, progress: Progress
) -> str | None:
    """Fills `part`, a file or an embedder's folder; gives the sha256 its weights must have."""
    with _sentences():
        announced = _announced(entry, source)
        if isinstance(entry, EmbedderEntry):
            _small_files(entry, source, part, progress)
            _weights(entry, source, part / entry.file, announced.size, progress)
        else:
            _weights(entry, source, part, announced.size, progress)
    return announced.sha256


def _announced(entry: Entry | EmbedderEntry, source: Source) -> _Announced:
    # Not followed: the storage, where it leads, has no X-Linked headers.
    head = httpx2.head(_url(source, entry.file), timeout=ANSWER_SECONDS)
    if head.status_code >= 400:
        raise _missing(source, entry.file)
    return _Announced(
        sha256=entry.sha256 or head.headers.get("x-linked-etag", "").strip('"') or None,
        size=entry.size or int(head.headers.get("x-linked-size", 0)) or None,
    )


def _small_files(entry: EmbedderEntry, source: Source, part: Path, progress: Progress) -> None:
    for number, file in enumerate(entry.beside, start=1):
        to = part / file
        if to.exists():
            continue
        progress(0, None, f"from Hugging Face, file {number} of {len(entry.beside) + 1}")
        answer = httpx2.get(_url(source, file), timeout=TIMEOUT, follow_redirects=True)
        if answer.status_code == httpx2.codes.NOT_FOUND:
            raise _missing(source, file)
        answer.raise_for_status()
        to.parent.mkdir(parents=True, exist_ok=True)
        draft = to.with_name(f"{to.name}.new")  # so that what has its name is whole
        draft.write_bytes(answer.content)
        draft.replace(to)


def _weights(
    entry: Entry | EmbedderEntry, source: Source, to: Path, size: int | None, progress: Progress
) -> None:
    """Appends to `to` what it lacks of the file of weights."""
    have = to.stat().st_size if to.exists() else 0
    if size is not None and have >= size:
        return
    need_room(entry, to.parent, (size or have) - have)
    headers = {"Range": f"bytes={have}-"} if have else {}
    url = _url(source, entry.file)
    with httpx2.stream("GET", url, headers=headers, timeout=TIMEOUT, follow_redirects=True) as sent:
        if sent.status_code == httpx2.codes.RANGE_NOT_SATISFIABLE:
            return  # there is nothing beyond what we have; the sha256 will tell
        sent.raise_for_status()
        resumed = sent.status_code == httpx2.codes.PARTIAL_CONTENT
        done = have if resumed else 0
        with to.open("ab" if resumed else "wb") as file:
            for block in sent.iter_bytes(BLOCK):
                file.write(block)
                done += len(block)
                progress(done, size, "from Hugging Face")


def _url(source: Source, file: str) -> str:
    return f"{_root()}/{source.huggingface}/resolve/{quote(source.revision, safe='')}/{file}"


def _root() -> str:
    return os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")


def _missing(source: Source, file: str) -> SourceFailed:
    return SourceFailed(f"{_root()} has no {source.huggingface}/{file}.")


@contextmanager
def _sentences() -> Iterator[None]:
    try:
        yield
    except httpx2.HTTPStatusError as error:
        raise _broke_off(f"status {error.response.status_code}") from error
    except httpx2.HTTPError as error:
        raise _broke_off(str(error) or type(error).__name__) from error


def _broke_off(why: str) -> SourceFailed:
    return SourceFailed(f"Hugging Face ({_root()}) broke off: {why}.")
