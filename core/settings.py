"""Frozen settings, read once from the environment.

| variable | meaning |
|---|---|
| VADEMECUM_HOME | folder of the database, models and exports (./.vademecum) |
| VADEMECUM_DATABASE_URL | another database (sqlite file in the home folder) |
| VADEMECUM_USER | the name decisions are signed with (the login name) |
| VADEMECUM_FIRST_CHUNK_SECONDS | longest wait for a reply to begin (300) |
| VADEMECUM_STALL_SECONDS | longest silence inside a reply (60) |
| VADEMECUM_RETRIES | how often a refused, limited or failing request is tried again (4) |
| VADEMECUM_THREADS | threads of the embedded models (the machine's cores, at most 8) |
"""

import getpass
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.errors import BadInput


@dataclass(frozen=True)
class Settings:
    """Where state lives and how long to wait. Times are in seconds."""

    home: Path
    database_url: str
    user: str
    first_chunk_seconds: float = 300.0
    stall_seconds: float = 60.0
    retries: int = 4
    threads: int = 2

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        home = _home(environ.get("VADEMECUM_HOME") or ".vademecum")
        return cls(
            home=home,
            database_url=environ.get("VADEMECUM_DATABASE_URL")
            or f"sqlite:///{home / 'vademecum.db'}",
            user=environ.get("VADEMECUM_USER") or _login_name(),
            first_chunk_seconds=_number(environ, "VADEMECUM_FIRST_CHUNK_SECONDS", 300.0),
            stall_seconds=_number(environ, "VADEMECUM_STALL_SECONDS", 60.0),
            retries=int(_number(environ, "VADEMECUM_RETRIES", 4)),
            threads=int(_number(environ, "VADEMECUM_THREADS", min(8, os.cpu_count() or 2))),
        )

    @property
    def models_folder(self) -> Path:
        return self.home / "models"


def _home(text: str) -> Path:
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError as error:
        raise BadInput(f"VADEMECUM_HOME is {text!r}; there is no such home folder.") from error


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container without a user database
        return "someone"


def _number(environ: Mapping[str, str], name: str, default: float) -> float:
    text = environ.get(name, "").strip()
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value < math.inf:
        raise BadInput(f"{name} is {text!r}; it has to be a number of at least 0.")
    return value
