"""The file of an index: its ids, the digests of their texts, and the vectors.

It is written beside and put in place at once, so a program that is killed leaves the old file; zip
checksums find what was damaged since. A file that cannot be read is as good as none.
"""

import logging
import os
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil

from core.retrieval.index import Index

# What numpy and zipfile raise over damaged bytes; a RuntimeError where they look encrypted.
UNREADABLE = (
    *(OSError, ValueError, KeyError, EOFError, TypeError, RuntimeError),
    *(zipfile.BadZipFile, zlib.error),
)
DIGEST_BYTES = 16

log = logging.getLogger(__name__)


def write(path: Path, index: Index, digests: Mapping[int, str]) -> None:
    """A folder that cannot be written to costs the next start some seconds, and nothing else."""
    ids = index.ids
    named = b"".join(bytes.fromhex(digests[number]) for number in ids.tolist())
    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as file:
            np.savez(
                file,
                ids=ids,
                digests=np.frombuffer(named, np.uint8).reshape(-1, DIGEST_BYTES),
                rows=index.rows(ids),
            )
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        log.warning("The index %s was not kept: %s", path, error)
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def read(path: Path, dimensions: int) -> tuple[Index, dict[int, str]] | None:
    """The index and its digests; None where there is no file that can be used."""
    try:
        _sweep(path)
        if not path.exists():
            return None
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            ids, digests, rows = kept["ids"], kept["digests"], kept["rows"]
        if ids.ndim != 1 or rows.shape != (len(ids), dimensions):
            raise ValueError(f"shapes {ids.shape}, {rows.shape}")
        if digests.shape != (len(ids), DIGEST_BYTES):
            raise ValueError(f"digests of shape {digests.shape}")
        if ids.dtype != np.int64 or rows.dtype != np.float32 or digests.dtype != np.uint8:
            raise ValueError("other kinds of numbers")
    except UNREADABLE as error:
        log.warning("The index %s cannot be read (%s); it is made again.", path, error)
        return None
    named = digests.tobytes().hex()
    width = 2 * DIGEST_BYTES
    texts = [named[at : at + width] for at in range(0, len(named), width)]
    return Index(ids, rows), dict(zip(ids.tolist(), texts, strict=True))


def _sweep(path: Path) -> None:
    """Removes what programs left that were killed while they wrote."""
    for left in path.parent.glob(f"{path.name}.*.tmp"):
        owner = left.name.removesuffix(".tmp").rpartition(".")[2]
        if owner.isdecimal() and not psutil.pid_exists(int(owner)):
            left.unlink(missing_ok=True)
