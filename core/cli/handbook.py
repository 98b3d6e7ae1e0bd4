"""`handbook`: list, show, make, import and export handbooks."""

from pathlib import Path

import click

from core.cli.output import as_json_option, show, workbench
from core.handbook import shelf
from core.handbook.files import HEAD_KEYS
from core.store import handbooks as rows
from core.store.records import Behavior, Source

SHOWN = ("accepted", "proposed")


@click.group()
def handbook() -> None:
    """List, show, make, import and export handbooks."""


@handbook.command("list")
@as_json_option
def list_handbooks(as_json: bool) -> None:
    """All handbooks with their numbers."""
    with workbench() as app:
        found = shelf.summaries(app.store)
    documents = [
        {
            "slug": summary.handbook.slug,
            "title": summary.handbook.title,
            "accepted": summary.accepted,
            "proposed": summary.proposed,
            "rejected": summary.rejected,
        }
        for summary in found
    ]
    lines = [
        f"{d['slug']:<28} {d['accepted']:>5} accepted {d['proposed']:>5} proposed  {d['title']}"
        for d in documents
    ]
    show(documents, as_json, lines or ["No handbooks yet."])


@handbook.command("show")
@click.argument("slug")
@as_json_option
def show_handbook(slug: str, as_json: bool) -> None:
    """One handbook with its accepted and proposed behaviors."""
    with workbench() as app:
        found = shelf.find(app.store, slug)
        behaviors = shelf.behaviors(app.store, found, SHOWN)
        with app.store.read() as session:
            sources = rows.sources([behavior.id for behavior in behaviors], session=session)
    document = {
        "slug": found.slug,
        **{key: getattr(found, key) for key in HEAD_KEYS},
        "behaviors": [_document(b, sources.get(b.id, [])) for b in behaviors],
    }
    lines = [f"{found.title}: {found.description}"]
    lines += [f"{b.id:>5}  {b.status:<8} {b.topic}  {b.name}: {b.instruction}" for b in behaviors]
    show(document, as_json, lines)


@handbook.command("new")
@click.argument("slug")
@click.option("--title", default="")
@as_json_option
def new_handbook(slug: str, title: str, as_json: bool) -> None:
    """Make an empty handbook."""
    with workbench() as app:
        made = shelf.create(app.store, slug, title, by=app.settings.user)
    document = {"slug": made.slug, "title": made.title}
    show(document, as_json, [f"The handbook {made.slug} ({made.title}) is there and empty."])


@handbook.command("import")
@click.argument("slug")
@click.argument("file", type=click.Path(path_type=Path))
@as_json_option
def import_handbook(slug: str, file: Path, as_json: bool) -> None:
    """Add the behaviors of a handbook folder, .jsonl or .json file to a handbook."""
    with workbench() as app:
        done = shelf.import_file(app.store, slug, file, by=app.settings.user)
    document = {
        "slug": slug,
        "added": done.added,
        "clashing": done.clashing,
        "bad": [{"line": row.line, "why": row.why} for row in done.bad],
    }
    lines = [f"{len(done.added)} behaviors were added to {slug}."]
    lines += [f"There already, left as it is: {name}" for name in done.clashing]
    lines += [f"Line {row.line} was left out: {row.why}" for row in done.bad]
    show(document, as_json, lines)


@handbook.command("export")
@click.argument("slug")
@click.argument("file", type=click.Path(path_type=Path))
@as_json_option
def export_handbook(slug: str, file: Path, as_json: bool) -> None:
    """Write the accepted behaviors to a folder, a .jsonl or a .json file."""
    with workbench() as app:
        number = shelf.export(app.store, slug, file)
    document = {"slug": slug, "file": str(file), "behaviors": number}
    show(document, as_json, [f"{number} behaviors were written to {file}."])


def _document(behavior: Behavior, sources: list[Source]) -> dict[str, object]:
    names = ("id", "name", "instruction", "topic", "avoid_when", "tags", "status")
    spans = [
        {"trace": source.trace_id, "stage": source.stage, "start": source.start, "end": source.end}
        for source in sources
    ]
    return {**{name: getattr(behavior, name) for name in names}, "sources": spans}
