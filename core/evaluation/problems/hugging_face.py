"""Data sets from Hugging Face, or from a mirror that HF_ENDPOINT names.

They are addressed as `hf:owner/name/config:split`. A data set's files are listed and those of the
wanted part are read: Parquet, JSON Lines, JSON or CSV. Nothing of a repository is run, so a set
that is only a script is read from its converted branch. What needs an account is for the person to
download. Plain requests, as for models (`core.llm.downloads`): the hub's own client tries a server
that does not answer for half a minute.
"""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

import httpx2

from core.errors import BadInput, DownloadFailed, NotFound
from core.evaluation.problems.rows import MAX_BYTES, Rows, at_most, need_few, read

PREFIX = "hf:"
ADDRESS = re.compile(
    r"hf:(?P<repository>\w[\w.-]*/\w[\w.-]*)(?:/(?P<config>\w[\w./ -]*))?(?::(?P<split>[\w.-]+))?"
)
TIMEOUT = httpx2.Timeout(60, connect=6)
BRANCHES = ("main", "refs/convert/parquet")  # the second is made by Hugging Face of every set
FORMATS = (".parquet", ".jsonl", ".json", ".csv")  # the likeliest to be whole first
SPLITS = {"valid": "validation", "val": "validation", "dev": "validation"}
KNOWN = frozenset({"train", "test", "validation", *SPLITS})
NO_DATA = frozenset({"dataset_infos.json", "dataset_info.json", "config.json", "package.json"})
NO_CONFIG = frozenset({"data", "default"})
SHARD = re.compile(r"-\d{5}-of-\d{5}$|^\d{4,5}$")
MAX_FILES = 10_000


@dataclass(frozen=True)
class Address:
    """What a person asked for; empty where they named none."""

    repository: str
    config: str
    split: str

    @property
    def name(self) -> str:
        """What a set of these problems is called where nobody says otherwise."""
        own = self.repository.split("/")[1]
        return f"{own}-{self.config.replace('/', '-')}" if self.config else own


@dataclass(frozen=True)
class _File:
    """A file of data: its part of the set told from its path. `size` in bytes."""

    path: str
    size: int
    branch: str
    config: str
    split: str

    @property
    def part(self) -> str:
        return f"{'/' + self.config if self.config else ''}{':' + self.split if self.split else ''}"


def address(text: str) -> Address:
    found = ADDRESS.fullmatch(text.strip())
    if not found:
        raise BadInput(
            f"{text!r} names no data set: write hf:owner/name, hf:owner/name:split or "
            "hf:owner/name/config:split."
        )
    split = (found["split"] or "").lower()
    return Address(found["repository"], (found["config"] or "").strip("/"), _plain(split))


def fetch(wanted: Address) -> tuple[Rows, Address]:
    """The rows of one part of a data set, and which part that is."""
    with _sentences(wanted), httpx2.Client(timeout=TIMEOUT, follow_redirects=True) as client:
        files = _of_one_part(wanted, _files(wanted, client))
        size = sum(file.size for file in files)
        if size > MAX_BYTES:
            raise BadInput(
                f"{wanted.repository}{files[0].part} has {size / 1e6:.0f} MB; {at_most()}. Take a "
                "smaller split, or download it and import a part."
            )
        read_files = [read(file.path, _bytes(wanted, file, client)) for file in files]
    rows = _joined(read_files)
    need_few(wanted.repository, len(rows.numbered))
    return rows, Address(wanted.repository, files[0].config, files[0].split)


def _files(wanted: Address, client: httpx2.Client) -> list[_File]:
    for branch in BRANCHES:
        url = f"{_root()}/api/datasets/{wanted.repository}/tree/{quote(branch, safe='')}"
        answer = client.get(f"{url}?recursive=true")
        if answer.status_code == httpx2.codes.NOT_FOUND and branch != BRANCHES[0]:
            continue
        listed = _listed(answer)
        while "next" in answer.links and len(listed) < MAX_FILES:
            answer = client.get(answer.links["next"]["url"])
            listed += _listed(answer)
        if files := [file for entry in listed if (file := _file(entry, branch))]:
            return files
    raise NotFound(f"{wanted.repository} has no .parquet, .jsonl, .json or .csv file.")


def _listed(answer: httpx2.Response) -> list[dict[str, Any]]:
    entries = answer.raise_for_status().json()
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ValueError("no list of files")
    return entries


def _file(entry: dict[str, Any], branch: str) -> _File | None:
    path = PurePosixPath(str(entry.get("path")))
    data = path.suffix.lower() in FORMATS and path.name.lower() not in NO_DATA
    if entry.get("type") != "file" or not data or path.name.startswith("."):
        return None
    size = entry.get("size")
    return _File(str(path), size if isinstance(size, int) else 0, branch, *_part(path))


def _part(path: PurePosixPath) -> tuple[str, str]:
    """Config and split as the paths of data sets tell them: main/train-00000-of-00002.parquet."""
    split, kept = "", []
    for name in (*path.parts[:-1], path.stem):
        bare = SHARD.sub("", name)
        words = re.split(r"[-_.]", bare.lower())
        known = [word for word in words if word in KNOWN]
        if known:
            split = _plain(known[-1])
            bare = "-".join(word for word in re.split(r"[-_.]", bare) if word.lower() not in KNOWN)
        if bare and bare.lower() not in NO_CONFIG:
            kept.append(bare)
    return "/".join(kept), split


def _plain(split: str) -> str:
    return SPLITS.get(split, split)


def _of_one_part(wanted: Address, files: Sequence[_File]) -> list[_File]:
    """The files of the part that is meant, in one format; raises where that is not one part."""
    found = [
        file
        for file in files
        if (not wanted.config or file.config.lower() == wanted.config.lower())
        and (not wanted.split or file.split == wanted.split)
    ]
    parts = sorted({file.part for file in found or files})
    listed = ", ".join(f"hf:{wanted.repository}{part}" for part in parts[:20])
    if not found:
        raise NotFound(f"{wanted.repository} has no such part. There are: {listed}.")
    if len(parts) > 1:
        raise BadInput(f"{wanted.repository} has several parts; name one of: {listed}.")
    kinds = {PurePosixPath(file.path).suffix.lower() for file in found}
    kind = next(suffix for suffix in FORMATS if suffix in kinds)
    taken = [file for file in found if file.path.lower().endswith(kind)]
    return sorted(taken, key=lambda file: file.path)


def _bytes(wanted: Address, file: _File, client: httpx2.Client) -> bytes:
    """Read only as far as a file may go, whatever size was announced."""
    branch = quote(file.branch, safe="")
    url = f"{_root()}/datasets/{wanted.repository}/resolve/{branch}/{quote(file.path)}"
    data = bytearray()
    with client.stream("GET", url) as sent:
        sent.raise_for_status()
        for block in sent.iter_bytes():
            data += block
            if len(data) > MAX_BYTES:
                break  # `read` says that it is too large
    return bytes(data)


def _joined(files: Sequence[Rows]) -> Rows:
    """Rows of several files count on from one file to the next."""
    if len(files) == 1:
        return files[0]
    numbered = [row for file in files for row in file.rows]
    bad = [one for file in files for one in file.bad]
    notes = " ".join(file.note for file in files if file.note)
    return Rows(list(enumerate(numbered, start=1)), bad, notes)


def _root() -> str:
    return os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")


@contextmanager
def _sentences(wanted: Address) -> Iterator[None]:
    try:
        yield
    except httpx2.HTTPStatusError as error:
        status = error.response.status_code
        if status in (httpx2.codes.NOT_FOUND, httpx2.codes.UNAUTHORIZED, httpx2.codes.FORBIDDEN):
            raise NotFound(
                f"{_root()} gives nobody {wanted.repository} (status {status}): it does not exist, "
                "or asks for an account. Then download it and import the file."
            ) from error
        raise _broke_off(f"status {status}") from error
    except httpx2.HTTPError as error:
        raise _broke_off(str(error) or type(error).__name__) from error
    except ValueError as error:  # no JSON: a page of some other server
        raise _broke_off("what it answered is no list of files") from error


def _broke_off(why: str) -> DownloadFailed:
    return DownloadFailed(
        f"Hugging Face ({_root()}) cannot be reached: {why}. Try again, or download the data set "
        "elsewhere and import the file."
    )
