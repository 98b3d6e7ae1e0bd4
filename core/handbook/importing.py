"""Bringing a file's behaviors into a handbook: first a look at what it would do, then the deed.

The good rows of a file come in and the bad ones are reported; all of it is one step, or nothing on
an error.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from rapidfuzz import fuzz

from core.errors import BadInput
from core.handbook import files
from core.handbook.rules import normalised, slug_fault
from core.handbook.shelf import summaries
from core.handbook.steps import TEXT_FIELDS, Change, add_in_step
from core.store import Session, Store
from core.store import behaviors as behavior_rows
from core.store import handbooks as rows
from core.store.records import Behavior, Handbook

# Under one name: from here on a reworded behavior, below it something else (token_sort_ratio).
REWORDED = 60.0


Status = Literal["accepted", "proposed"]


@dataclass(frozen=True)
class Met:
    """A row whose name an accepted behavior has already, or a proposal that says just the same."""

    row: files.Row
    behavior: Behavior


@dataclass(frozen=True)
class Preview:
    """What an import would do, row by row.

    `same` rows are there already as they are. `changed` ones have a known name and another wording,
    topic or tag; `clashing` ones a known name for something else.
    """

    head: files.Head
    new: list[files.Row]
    same: list[Met]
    changed: list[Met]
    clashing: list[Met]
    bad: list[files.BadRow]


@dataclass(frozen=True)
class Imported:
    """What an import did, in names.

    `clashing` are all that the handbook had already and that were left alone; of these, `same` said
    the same and `changed` another wording of it.
    """

    handbook: Handbook
    added: list[str]
    clashing: list[str]
    bad: list[files.BadRow]
    replaced: list[str] = field(default_factory=list)
    proposed: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)


def preview(
    store: Store, slug: str, read: files.HandbookFile, *, status: Status = "accepted"
) -> Preview:
    """`status` is what the rows would come in as."""
    _need_good_slug(slug)
    with store.read() as session:
        return _preview(rows.handbook_by_slug(slug, session=session), read, status, session)


def import_file(store: Store, slug: str, path: Path, *, by: str) -> Imported:
    return import_read(store, slug, files.read(path), by=by, why=path.name)


def import_read(
    store: Store,
    slug: str,
    read: files.HandbookFile,
    *,
    by: str,
    why: str = "",
    status: Status = "accepted",
    replace: Collection[str] = (),
) -> Imported:
    """Adds the good rows; all of them, or none on an error.

    Names the handbook has already are left as they are and reported, except those in `replace`,
    which take the file's text. A row without an instruction of its own comes in as a proposal, and
    replaces nothing. A new handbook takes its title and the rest from the file.
    """
    _need_good_slug(slug)
    with store.write() as session:
        known = rows.handbook_by_slug(slug, session=session)
        seen = _preview(known, read, status, session)
        handbook = known or _from_head(slug, read, session)
        news = [_new(row, status) for row in seen.new]
        taken = _taken(seen, replace)
        add_in_step(
            handbook.id,
            "import",
            news,
            by=by,
            why=why,
            also=[Change(one.behavior, "edit", _fields(one.row)) for one in taken],
            session=session,
        )
    return Imported(handbook, bad=seen.bad, **outcome(read, seen, status=status, replace=replace))


def outcome(
    read: files.HandbookFile, seen: Preview, *, status: Status, replace: Collection[str]
) -> dict[str, list[str]]:
    """What an import of what was previewed does to which names: the lists of `Imported`."""
    replaced = {one.row.name for one in _taken(seen, replace)}
    left = {one.row.name for one in (*seen.same, *seen.changed, *seen.clashing)} - replaced
    return {
        "added": [row.name for row in seen.new if _status(row, status) == "accepted"],
        "proposed": [row.name for row in seen.new if _status(row, status) == "proposed"],
        "clashing": [row.name for row in read.rows if row.name in left],
        "replaced": [row.name for row in read.rows if row.name in replaced],
        "same": [one.row.name for one in seen.same],
        "changed": [one.row.name for one in seen.changed if one.row.name not in replaced],
    }


def load_starters(store: Store, folder: Path) -> list[str]:
    """Fills a workbench that has no handbook yet with those that come along; gives their slugs."""
    if summaries(store, archived=True) or not folder.is_dir():
        return []
    slugs = sorted(path.name for path in folder.iterdir() if (path / files.HEAD_FILE).is_file())
    for slug in slugs:
        import_file(store, slug, folder / slug, by="vademecum")
    return slugs


def _need_good_slug(slug: str) -> None:
    if fault := slug_fault(slug):
        raise BadInput(f"{slug!r} cannot name a handbook: {fault}.")


def _preview(
    handbook: Handbook | None, read: files.HandbookFile, status: Status, session: Session
) -> Preview:
    accepted, proposed = _there(handbook, read, status, session)
    preview = Preview(read.head, [], [], [], [], read.bad)
    for row in read.rows:
        behavior = accepted.get(row.name)
        if behavior is None and _status(row, status) == "proposed":
            behavior = proposed.get((row.name, row.instruction))
            behavior = behavior if behavior and _says(behavior, row) else None
        if behavior is None:
            preview.new.append(row)
        elif _says(behavior, row):
            preview.same.append(Met(row, behavior))
        elif _is_reworded(row, behavior):
            preview.changed.append(Met(row, behavior))
        else:
            preview.clashing.append(Met(row, behavior))
    return preview


def _there(
    handbook: Handbook | None, read: files.HandbookFile, status: Status, session: Session
) -> tuple[dict[str, Behavior], dict[tuple[str, str], Behavior]]:
    """What the rows may meet: accepted ones by name; proposals, where rows come in as such."""
    if handbook is None:
        return {}, {}
    names = [row.name for row in read.rows]
    ids = behavior_rows.accepted_names(handbook.id, names, session=session)
    found = behavior_rows.behaviors_by_id(ids.values(), session=session)
    waiting: list[Behavior] = []
    if any(_status(row, status) == "proposed" for row in read.rows):
        waiting = behavior_rows.behaviors(handbook.id, statuses=("proposed",), session=session)
    return (
        {behavior.name: behavior for behavior in found.values()},
        {(behavior.name, behavior.instruction): behavior for behavior in waiting},
    )


def _taken(seen: Preview, replace: Collection[str]) -> list[Met]:
    """Whose text the handbook takes over. What came without a text of its own replaces none."""
    met, wanted = [*seen.changed, *seen.clashing], set(replace)
    return [one for one in met if one.row.name in wanted and not one.row.marks]


def _says(behavior: Behavior, row: files.Row) -> bool:
    return all(getattr(behavior, name) == value for name, value in _fields(row).items())


def _is_reworded(row: files.Row, behavior: Behavior) -> bool:
    texts = (normalised(row.instruction), normalised(behavior.instruction))
    return fuzz.token_sort_ratio(*texts) >= REWORDED


def _fields(row: files.Row) -> dict[str, Any]:
    """What the row says; keys we do not know count where it has any."""
    text = {name: getattr(row, name) for name in TEXT_FIELDS}
    return {**text, "extra": row.model_extra} if row.model_extra else text


def _new(row: files.Row, status: Status) -> dict[str, Any]:
    return {"extra": {}, **_fields(row), "status": _status(row, status), "marks": row.marks}


def _status(row: files.Row, status: Status) -> Status:
    return "proposed" if row.marks else status


def _from_head(slug: str, read: files.HandbookFile, session: Session) -> Handbook:
    head: dict[str, Any] = read.head.model_dump(include=set(files.HEAD_KEYS))
    head["title"] = head["title"] or slug
    return rows.add_handbook(slug, extra=read.head.model_extra or {}, session=session, **head)
