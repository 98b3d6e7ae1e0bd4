"""The handbooks of a workbench: list, make, show, import and export them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import BadInput, Conflict, NotFound
from core.handbook import files
from core.handbook.rules import slug_fault, slug_of
from core.store import Session, Store
from core.store import handbooks as rows
from core.store.records import Behavior, Handbook


@dataclass(frozen=True)
class Summary:
    """A handbook with how many behaviors stand in it, by status."""

    handbook: Handbook
    accepted: int
    proposed: int
    rejected: int


@dataclass(frozen=True)
class Imported:
    """What an import did. `clashing` are names the handbook had already; they were left alone."""

    handbook: Handbook
    added: list[str]
    clashing: list[str]
    bad: list[files.BadRow]


def summaries(store: Store) -> list[Summary]:
    with store.read() as session:
        counts = rows.count_by_status(session=session)
        return [
            Summary(
                handbook,
                *(
                    counts.get(handbook.id, {}).get(status, 0)
                    for status in ("accepted", "proposed", "rejected")
                ),
            )
            for handbook in rows.handbooks(session=session)
        ]


def find(store: Store, slug: str) -> Handbook:
    with store.read() as session:
        return _find(slug, session)


def create(store: Store, slug: str, title: str = "", *, by: str) -> Handbook:
    """A new, empty handbook."""
    if why := slug_fault(slug):
        raise BadInput(f"{slug!r} cannot name a handbook: {why}.")
    with store.write() as session:
        if rows.handbook_by_slug(slug, session=session):
            raise Conflict(f"There is a handbook {slug!r} already. Take another slug.")
        made = "Built in Vademecum."
        title = title or slug.replace("-", " ").capitalize()
        return rows.add_handbook(slug, title, made=made, authors=[by], session=session)


def find_or_create(store: Store, slug: str, *, by: str) -> Handbook:
    """The handbook of this slug; a new one where there is none."""
    try:
        return find(store, slug)
    except NotFound:
        return create(store, slug, by=by)


def slug_for(title: str) -> str:
    """The slug a handbook of this title gets; raises where nothing is left of it."""
    slug = slug_of(title)
    if not slug:
        raise BadInput(f"The title {title!r} has no letters or digits to make a slug of.")
    return slug


def behaviors(
    store: Store, handbook: Handbook, statuses: tuple[str, ...] = ("accepted",)
) -> list[Behavior]:
    with store.read() as session:
        return rows.behaviors(handbook.id, statuses=statuses, session=session)


def import_file(store: Store, slug: str, path: Path, *, by: str) -> Imported:
    """Adds the good rows of a file as accepted behaviors; all of them, or none on an error.

    Names the handbook has already are left as they are and reported. A new handbook takes its
    title and the rest from the file.
    """
    if why := slug_fault(slug):
        raise BadInput(f"{slug!r} cannot name a handbook: {why}.")
    read = files.read(path)
    with store.write() as session:
        handbook = rows.handbook_by_slug(slug, session=session) or _from_head(slug, read, session)
        known = {behavior.name for behavior in rows.behaviors(handbook.id, session=session)}
        fresh = [row for row in read.rows if row.name not in known]
        for row in fresh:
            _add(handbook.id, row, by, session)
    clashing = [row.name for row in read.rows if row.name in known]
    return Imported(handbook, [row.name for row in fresh], clashing, read.bad)


def export(store: Store, slug: str, path: Path) -> int:
    """Writes the accepted behaviors; gives their number."""
    handbook = find(store, slug)
    accepted = behaviors(store, handbook)
    files.write(path, handbook, accepted)
    return len(accepted)


def load_starters(store: Store, folder: Path) -> list[str]:
    """Fills a workbench that has no handbook yet with those that come along; gives their slugs."""
    if summaries(store) or not folder.is_dir():
        return []
    slugs = sorted(path.name for path in folder.iterdir() if (path / files.HEAD_FILE).is_file())
    for slug in slugs:
        import_file(store, slug, folder / slug, by="vademecum")
    return slugs


def _find(slug: str, session: Session) -> Handbook:
    handbook = rows.handbook_by_slug(slug, session=session)
    if handbook is None:
        slugs = ", ".join(book.slug for book in rows.handbooks(session=session)) or "none yet"
        raise NotFound(f"There is no handbook {slug!r}. There are: {slugs}.")
    return handbook


def _from_head(slug: str, read: files.HandbookFile, session: Session) -> Handbook:
    head: dict[str, Any] = read.head.model_dump(include=set(files.HEAD_KEYS))
    head["title"] = head["title"] or slug
    return rows.add_handbook(slug, extra=read.head.model_extra or {}, session=session, **head)


def _add(handbook_id: int, row: files.Row, by: str, session: Session) -> None:
    fields = row.model_dump(include={"name", "instruction", "topic", "avoid_when", "tags"})
    behavior = rows.add_behavior(
        handbook_id=handbook_id,
        status="accepted",
        extra=row.model_extra or {},
        by=by,
        session=session,
        **fields,
    )
    rows.log(
        handbook_id=handbook_id,
        behavior_id=behavior.id,
        kind="import",
        after={**fields, "status": "accepted"},
        by=by,
        session=session,
    )
