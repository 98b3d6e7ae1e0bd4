"""The raw extraction of a handbook: what models proposed, before anybody decided on it.

To find out whether curation pays, the curated handbook is evaluated beside the raw one and beside a
random part of the raw one that is as large as the curated. Both are handbooks of their own, read
from the history: every behavior as a model first proposed it, whatever became of it, accepted.

What a later extraction brought again, after it had been decided on, was never proposed a second
time and is not in it twice. Sources stay with the handbook they were found for.
"""

import random
import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from core.errors import BadInput, Conflict
from core.handbook.rules import NAME_LENGTH
from core.handbook.shelf import find_in, need_free_slug
from core.handbook.steps import TEXT_FIELDS, add_in_step
from core.store import Session, Store, history
from core.store import behaviors as behavior_rows
from core.store import handbooks as rows
from core.store.records import Behavior, Handbook

ORIGIN = ("source_model", "source_correct")
HEAD = ("language", "licence", "authors")
DRAWN = re.compile(r"(?P<original>.+)-raw(-\d+){0,2}")
NEVER_PROPOSED = (
    "No model ever proposed a behavior for {slug}: it was written or imported, so there is no raw "
    "extraction. Take a handbook that was built from traces."
)


def raw_slug(slug: str) -> str:
    return f"{slug}-raw"


def sample_slug(slug: str, size: int, seed: int = 0) -> str:
    return f"{raw_slug(slug)}-{size}" + (f"-{seed}" if seed else "")


def original_of(slug: str, *, session: Session) -> str | None:
    """The slug of the handbook that a raw extraction, or a part of one, is of, by its own slug;
    None for any other handbook.
    """
    found = DRAWN.fullmatch(slug)
    known = found and rows.handbook_by_slug(found["original"], session=session)
    return known.slug if known else None


def proposals(slug: str, *, session: Session) -> list[Behavior]:
    """What the raw extraction of a handbook holds, whether it is made yet or not; each behavior has
    the number that it has in the handbook it was proposed for. Empty where none was proposed.
    """
    original = find_in(slug, session)
    born = _born(original, session)
    if not born:
        return []
    behaviors = behavior_rows.behaviors_by_id(born, session=session).values()
    return [
        replace(one, **fields)
        for one, fields in zip(behaviors, _raw(original, session), strict=True)
    ]


def raw_size(store: Store, slug: str) -> int:
    """How many behaviors the raw extraction has; 0 where no model ever proposed one."""
    with store.read() as session:
        return len(_born(find_in(slug, session), session))


def make_raw(store: Store, slug: str, *, by: str) -> str:
    """The slug of the raw handbook, that of `raw_slug`.

    One that is there already gets what was proposed since, as one step; where nothing was, it stays
    as it is. Raises BadInput where no model ever proposed a behavior, and Conflict where the raw
    handbook was changed by hand.
    """
    with store.write() as session:
        original = find_in(slug, session)
        title = f"{original.title} (raw extraction)"
        made = (
            f"The raw extraction of {original.title}: every behavior as a model first proposed it, "
            "whatever was decided on it."
        )
        raw = _raw(original, session)
        own = raw_slug(slug)
        return _put(original, own, title, made, raw, grows=True, by=by, session=session)


def make_sample(store: Store, slug: str, size: int, seed: int = 0, *, by: str) -> str:
    """The slug of a random part of the raw handbook, that of `sample_slug`.

    The same size and seed give the same part as long as nothing more is proposed. Raises as
    `make_raw` does, and BadInput where there are not so many.
    """
    with store.write() as session:
        original = find_in(slug, session)
        raw = _raw(original, session)
        if not 1 <= size <= len(raw) or seed < 0:
            raise BadInput(
                f"The raw extraction of {slug} has {len(raw)} behaviors: a part of it has 1 to "
                f"{len(raw)}, and its seed is 0 or a positive number."
            )
        chosen = random.Random(seed).sample(range(len(raw)), size)  # noqa: S311  can be repeated
        part = [raw[place] for place in sorted(chosen)]
        title = f"{original.title} (raw extraction, {size} at random)"
        made = (
            f"{size} of the {len(raw)} behaviors of the raw extraction of {original.title}, drawn "
            f"at random with seed {seed}."
        )
        own = sample_slug(slug, size, seed)
        return _put(original, own, title, made, part, grows=False, by=by, session=session)


def _raw(original: Handbook, session: Session) -> list[dict[str, Any]]:
    """The fields of every proposal, in the order in which they came."""
    born = _born(original, session)
    if not born:
        raise BadInput(NEVER_PROPOSED.format(slug=original.slug))
    behaviors = behavior_rows.behaviors_by_id(born, session=session)
    names: set[str] = set()
    raw = []
    for behavior_id, fields in born.items():
        name = _free(fields["name"], names)
        names.add(name)
        origin = {key: getattr(behaviors[behavior_id], key) for key in ORIGIN}
        texts = {key: fields[key] for key in TEXT_FIELDS}
        raw.append({**texts, **origin, "name": name, "status": "accepted"})
    return raw


def _born(original: Handbook, session: Session) -> dict[int, dict[str, Any]]:
    """Behavior id -> the fields it was proposed with."""
    return {
        operation.behavior_id: operation.after
        for operation in history.history(original.id, session=session)
        if operation.kind == "propose" and operation.behavior_id is not None
    }


def _free(name: str, taken: Collection[str]) -> str:
    """The name, or with the first number behind it that makes it a new one.

    It goes by those that came before only: so a name stays when more is proposed.
    """
    number, free = 1, name
    while free in taken:
        number += 1
        end = f"_{number}"
        free = name[: NAME_LENGTH - len(end)].rstrip("_") + end
    return free


def _put(
    original: Handbook,
    slug: str,
    title: str,
    made: str,
    wanted: Sequence[dict[str, Any]],
    *,
    grows: bool,
    by: str,
    session: Session,
) -> str:
    """Makes the handbook, or leaves it where it holds just that already."""
    known = rows.handbook_by_slug(slug, session=session)
    if known is None:
        need_free_slug(slug, session)
        head = {key: getattr(original, key) for key in HEAD}
        known = rows.add_handbook(slug, title, made=made, session=session, **head)
    there = {
        behavior.name: {key: getattr(behavior, key) for key in TEXT_FIELDS}
        for behavior in behavior_rows.behaviors(known.id, session=session)
    }
    texts = {new["name"]: {key: new[key] for key in TEXT_FIELDS} for new in wanted}
    missing = [new for new in wanted if new["name"] not in there]
    other = [name for name, fields in there.items() if texts.get(name) != fields]
    if other or (there and missing and not grows):
        raise Conflict(
            f"There is a handbook {slug!r} already, and it holds something else: it was changed by "
            f"hand, or made before {original.slug} was given more proposals. Give it another slug, "
            "then make this one."
        )
    add_in_step(
        known.id, "copy", missing, by=by, why=f"proposed for {original.slug}", session=session
    )
    return slug
