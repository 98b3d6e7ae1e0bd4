"""The handbooks of a workbench: list, make, rename, archive, copy and export them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import BadInput, Conflict, NotFound
from core.handbook import files
from core.handbook.rules import slug_fault, slug_of
from core.handbook.steps import TEXT_FIELDS, add_in_step, take_step
from core.store import Session, Store
from core.store import behaviors as behavior_rows
from core.store import handbooks as rows
from core.store.records import Behavior, Handbook

COPIED = ("accepted", "proposed")


@dataclass(frozen=True)
class Summary:
    """A handbook with how many behaviors stand in it, by status."""

    handbook: Handbook
    accepted: int
    proposed: int
    rejected: int
    merged: int


def summaries(store: Store, *, archived: bool = False) -> list[Summary]:
    """Handbooks by title; archived ones only where they are asked for, at the end."""
    with store.read() as session:
        counts = behavior_rows.count_by_status(session=session)
        books = rows.handbooks(session=session)
    shown = [book for book in books if not book.archived]
    if archived:
        shown += [book for book in books if book.archived]
    return [
        Summary(
            book,
            *(
                counts.get(book.id, {}).get(status, 0)
                for status in ("accepted", "proposed", "rejected", "merged")
            ),
        )
        for book in shown
    ]


def find(store: Store, slug: str) -> Handbook:
    with store.read() as session:
        return find_in(slug, session)


def find_in(slug: str, session: Session) -> Handbook:
    handbook = rows.handbook_by_slug(slug, session=session)
    if handbook is None:
        slugs = ", ".join(book.slug for book in rows.handbooks(session=session)) or "none yet"
        raise NotFound(f"There is no handbook {slug!r}. There are: {slugs}.")
    return handbook


def create(store: Store, slug: str, title: str = "", *, by: str) -> Handbook:
    """A new, empty handbook."""
    with store.write() as session:
        need_free_slug(slug, session)
        title = title or slug.replace("-", " ").capitalize()
        made = "Built in Vademecum."
        return rows.add_handbook(slug, title, made=made, authors=[by], session=session)


def find_or_create(store: Store, slug: str, *, by: str) -> Handbook:
    """The handbook of this slug; a new one where there is none."""
    try:
        return find(store, slug)
    except NotFound:
        return create(store, slug, by=by)


def describe(store: Store, slug: str, fields: dict[str, Any], *, by: str) -> Handbook:
    """Changes title, description, language, licence, authors, or the slug itself."""
    if unknown := set(fields) - {*files.HEAD_KEYS, "slug"}:
        raise BadInput(f"A handbook has no field {', '.join(sorted(unknown))}.")
    if not fields.get("title", "a title").strip():
        raise BadInput("The title is empty. Nothing was changed.")
    with store.write() as session:
        handbook = find_in(slug, session)
        if fields.get("slug", slug) != slug:
            need_free_slug(fields["slug"], session)
        take_step(handbook.id, "rename", (), head=fields, by=by, session=session)
        return rows.handbook(handbook.id, session=session)


def archive(store: Store, slug: str, archived: bool = True, *, by: str) -> Handbook:
    """Takes a handbook off the lists, or puts it back. Nothing in it changes."""
    with store.write() as session:
        handbook = find_in(slug, session)
        kind = "archive" if archived else "bring back"
        take_step(handbook.id, kind, (), head={"archived": archived}, by=by, session=session)
        return rows.handbook(handbook.id, session=session)


def copy(store: Store, slug: str, to: str, title: str = "", *, by: str) -> Handbook:
    """A new handbook with the accepted and proposed behaviors of another, and their sources."""
    with store.write() as session:
        original = find_in(slug, session)
        need_free_slug(to, session)
        head = {key: getattr(original, key) for key in files.HEAD_KEYS}
        head |= {"title": title or f"{original.title} (copy)"}
        made = rows.add_handbook(to, extra=original.extra, session=session, **head)
        copied = behavior_rows.behaviors(original.id, statuses=COPIED, session=session)
        kept = (*TEXT_FIELDS, "status", "marks", "extra", "source_model", "source_correct")
        news = [{name: getattr(behavior, name) for name in kept} for behavior in copied]
        ids = add_in_step(made.id, "copy", news, by=by, why=f"copied from {slug}", session=session)
        new_ids = {behavior.id: new for behavior, new in zip(copied, ids, strict=True)}
        _copy_sources(original, new_ids, session)
        return made


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
        return behavior_rows.behaviors(handbook.id, statuses=statuses, session=session)


def _copy_sources(original: Handbook, new_ids: Mapping[int, int], session: Session) -> None:
    """Those of a behavior, and of whatever was merged into it."""
    merged = behavior_rows.behaviors(original.id, statuses=("merged",), session=session)
    targets = {behavior.id: behavior.merged_into for behavior in merged}
    news = []
    for number, sources in behavior_rows.sources([*new_ids, *targets], session=session).items():
        target: int | None = number
        while target in targets:
            target = targets[target]
        if target is not None and target in new_ids:
            about = {"behavior_id": new_ids[target]}
            names = ("trace_id", "stage", "start", "end")
            news += [about | {n: getattr(source, n) for n in names} for source in sources]
    behavior_rows.add_sources(news, session=session)


def need_free_slug(slug: str, session: Session) -> None:
    if why := slug_fault(slug):
        raise BadInput(f"{slug!r} cannot name a handbook: {why}.")
    if rows.handbook_by_slug(slug, session=session):
        raise Conflict(f"There is a handbook {slug!r} already. Take another slug.")


def export(store: Store, slug: str, path: Path) -> int:
    """Writes the accepted behaviors; gives their number."""
    handbook = find(store, slug)
    accepted = behaviors(store, handbook)
    files.write(path, handbook, accepted)
    return len(accepted)
