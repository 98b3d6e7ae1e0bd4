"""`models`: endpoints and the embedded models."""

import sys
from dataclasses import asdict

import click

from core.cli.output import as_json_option, run_job, say, show, workbench
from core.errors import BadInput
from core.llm import endpoints
from core.llm.catalogue import catalogue, entry
from core.llm.models import Offer
from core.llm.probe import probe
from core.store.records import Endpoint


@click.group()
def models() -> None:
    """List, fetch, add, test and remove models."""


@models.command("list")
@as_json_option
def list_models(as_json: bool) -> None:
    """Your endpoints, then the catalogue of embedded models."""
    with workbench() as app:
        offers = app.models.offers()
    show([_document(offer) for offer in offers], as_json, [_line(offer) for offer in offers])


@models.command()
@click.argument("name", required=False)
@click.option("--if-none", is_flag=True, help="Fetch the default, only where there is no model.")
@as_json_option
def pull(name: str | None, if_none: bool, as_json: bool) -> None:
    """Download a model of the catalogue; goes on where it stopped."""
    if (name is None) != if_none:
        raise BadInput("Give the name of a catalogue model, or --if-none.")
    with workbench() as app:
        wanted = name or app.models.needs_default()
        if wanted is None:
            return
        title = entry(wanted).title
        say(f"Fetching {title} ({wanted}) …")
        job_id = app.jobs.add("pull", params={"model": wanted}, by=app.settings.user)
        job = run_job(app, job_id, unit="B")
    said = f"{wanted} is ready." if job.status == "done" else job.note
    show({"name": wanted, "ready": job.status == "done", "note": job.note}, as_json, [said])
    if job.status != "done":
        sys.exit(1)


@models.command()
@click.argument("name")
@click.option("--base-url", required=True)
@click.option("--model", required=True, help="As the server calls it.")
@click.option("--key-env", help="The environment variable that holds the key.")
@click.option("--price-in", type=float, help="Per million input tokens.")
@click.option("--price-cached", type=float, help="Per million cached input tokens.")
@click.option("--price-out", type=float, help="Per million output tokens.")
@click.option("--context-length", type=int, help="In tokens.")
@click.option("--thinking", type=click.Choice(endpoints.THINKING), default="auto")
@click.option("--concurrency", type=int, default=8, show_default=True)
@as_json_option
def add(
    name: str,
    base_url: str,
    model: str,
    key_env: str | None,
    price_in: float | None,
    price_cached: float | None,
    price_out: float | None,
    context_length: int | None,
    thinking: str,
    concurrency: int,
    as_json: bool,
) -> None:
    """Add an OpenAI-compatible endpoint."""
    endpoint = Endpoint(
        id=None,
        name=name,
        base_url=base_url,
        model=model,
        key_env=key_env,
        context_length=context_length,
        price_in=price_in,
        price_cached=price_cached,
        price_out=price_out,
        thinking=thinking,
        concurrency=concurrency,
        found={},
    )
    with workbench() as app:
        kept = endpoints.add(app.store, endpoint)
    line = f"{name} was added. `python -m core models test {name}` tells what it can do."
    show(_document(Offer(kept, None, True)), as_json, [line])


@models.command()
@click.argument("name")
@as_json_option
def test(name: str, as_json: bool) -> None:
    """Ask a model two short questions and tell what it can do."""
    with workbench() as app:
        endpoint = app.models.endpoint(name)
        seen = probe(endpoint, app.models.chat_of)
        if seen.problem is None:
            endpoints.note_found(app.store, endpoint, seen.found)
    speed = "unknown" if seen.tokens_per_second is None else f"{seen.tokens_per_second:.1f}"
    lines = (
        [seen.problem]
        if seen.problem
        else [
            f"model {seen.model} ({seen.server})",
            f"thinking {seen.thinking}",
            f"output tokens a second: {speed}",
            f"usage {'yes' if seen.usage else 'no'}, JSON schema {'yes' if seen.schema else 'no'}",
        ]
    )
    show({"name": name, **asdict(seen)}, as_json, lines)
    if seen.problem:
        sys.exit(1)


@models.command()
@click.argument("name")
@as_json_option
def remove(name: str, as_json: bool) -> None:
    """Remove an endpoint, or the downloaded file of a catalogue model."""
    with workbench() as app:
        if any(known.name == name for known in catalogue()):
            app.models.remove_file(name)
        else:
            endpoints.remove(app.store, name)
    show({"name": name, "removed": True}, as_json, [f"{name} was removed."])


def _document(offer: Offer) -> dict[str, object]:
    endpoint = asdict(offer.endpoint)
    del endpoint["id"]
    licence = offer.entry.licence if offer.entry else None
    return {**endpoint, "ready": offer.ready, "licence": licence}


def _line(offer: Offer) -> str:
    where = offer.endpoint.base_url or ("downloaded" if offer.ready else "not downloaded")
    what = offer.entry.title if offer.entry else offer.endpoint.model
    return f"{offer.endpoint.name:<30} {where:<34} {what}"
