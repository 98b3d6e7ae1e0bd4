"""`handbook history`, `versions`, `version`, `restore`: what was done, and how it was before."""

from typing import Any

import click

from core.cli.output import as_json_option, counted, show, workbench
from core.handbook import shelf
from core.handbook import versions as states
from core.store import history as rows
from core.store.records import Step, Version


@click.command()
@click.argument("slug")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@click.option("--by", multiple=True, metavar="P", help="Only what this person or model did.")
@click.option("--kind", multiple=True, metavar="K", help="Only steps of this kind: accept, edit …")
@as_json_option
def history(
    slug: str, limit: int, by: tuple[str, ...], kind: tuple[str, ...], as_json: bool
) -> None:
    """The steps of a handbook, newest first."""
    with workbench() as app:
        book = shelf.find(app.store, slug)
        with app.store.read() as session:
            found = rows.steps(book.id, by=by, kinds=kind, limit=limit, session=session)
    lines = [step_line(step) for step in found]
    show([step_document(step) for step in found], as_json, lines or ["No such steps."])


@click.command()
@click.argument("slug")
@as_json_option
def versions(slug: str, as_json: bool) -> None:
    """The named versions of a handbook, newest first."""
    with workbench() as app:
        found = states.versions(app.store, slug)
    lines = [
        f"{v.name:<28} step {v.step:>5}  {v.by}  {v.at:%Y-%m-%d %H:%M}  {v.why}" for v in found
    ]
    documents = [_version_document(version) for version in found]
    show(documents, as_json, lines or ["No versions yet."])


@click.command()
@click.argument("slug")
@click.argument("name")
@click.option("--at", type=int, metavar="STEP", help="A step's number; the last one without it.")
@click.option("--why", default="", help="What it is named for.")
@as_json_option
def version(slug: str, name: str, at: int | None, why: str, as_json: bool) -> None:
    """Give the state of a handbook after a step a name."""
    with workbench() as app:
        named = states.name_version(app.store, slug, name, step=at, by=app.settings.user, why=why)
    line = f"{named.name} is {slug} as of step {named.step}."
    show({"slug": slug, **_version_document(named)}, as_json, [line])


@click.command()
@click.argument("slug")
@click.argument("as_of", metavar="V")
@click.option("--why", default="")
@as_json_option
def restore(slug: str, as_of: str, why: str, as_json: bool) -> None:
    """Make a handbook what it was as of V, a version's name or a step's number.

    It is one more step: `review undo` takes it back. Later rejections are not forgotten.
    """
    with workbench() as app:
        step = states.restore(app.store, slug, as_of, by=app.settings.user, why=why)
    line = f"{slug} is as of {as_of} already."
    if step:
        line = (
            f"{slug} is as of {as_of} again ({counted(step.size, 'change')}, step {step.number})."
        )
    document = {
        "slug": slug,
        "as_of": as_of,
        "step": step.number if step else None,
        "size": step.size if step else 0,
    }
    show(document, as_json, [line])


def step_document(step: Step) -> dict[str, Any]:
    names = ("number", "kind", "size", "by", "why", "undoes", "undone")
    at = step.at.isoformat(timespec="seconds")
    return {**{name: getattr(step, name) for name in names}, "at": at}


def step_line(step: Step) -> str:
    undone = " (undone)" if step.undone else ""
    undoes = f" of step {step.undoes}" if step.undoes else ""
    why = f": {step.why}" if step.why else ""
    return (
        f"{step.number:>5}  {step.at:%Y-%m-%d %H:%M}  {step.by:<12} {step.kind}{undoes} "
        f"({step.size}){undone}{why}"
    )


def _version_document(version: Version) -> dict[str, Any]:
    names = ("name", "step", "why", "by")
    at = version.at.isoformat(timespec="seconds")
    return {**{name: getattr(version, name) for name in names}, "at": at}
