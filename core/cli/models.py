"""`models`: endpoints, the embedded models and the embedders."""

import sys
from dataclasses import asdict
from typing import Any

import click

from core.app import App
from core.cli.output import as_json_option, run_job, say, show, workbench
from core.errors import BadInput, VademecumError
from core.llm import endpoints
from core.llm.catalogue import catalogue, download
from core.llm.models import EmbedderOffer, Offer
from core.llm.probe import probe
from core.retrieval.embedder import measure
from core.store.records import Endpoint

Document = dict[str, Any]
NOTHING_TO_PULL: Document = {"name": None, "ready": True, "note": ""}


@click.group()
def models() -> None:
    """List, fetch, add, test and remove models and embedders."""


@models.command("list")
@as_json_option
def list_models(as_json: bool) -> None:
    """Your endpoints, then the catalogue of embedded models, then the embedders."""
    with workbench() as app:
        offers, embedders = app.models.offers(), app.models.embedder_offers()
    lines = [_line(offer) for offer in offers]
    lines += ["", "Embedders, which find behaviors by meaning:"]
    lines += [_embedder_line(offer) for offer in embedders]
    documents = [_document(offer) for offer in offers]
    show(documents + [_embedder_document(offer) for offer in embedders], as_json, lines)


@models.command()
@click.argument("name", required=False)
@click.option("--if-none", is_flag=True, help="Fetch the defaults, only where there are none.")
@as_json_option
def pull(name: str | None, if_none: bool, as_json: bool) -> None:
    """Download a model or embedder of the catalogue; goes on where it stopped."""
    if (name is None) != if_none:
        raise BadInput("Give the name of a catalogue model or embedder, or --if-none.")
    with workbench() as app:
        wanted = name or app.models.needs_default()
        document = _fetch(app, wanted) if wanted else NOTHING_TO_PULL
        lines = [_outcome(document)] if wanted else []
        if if_none:
            embedder = _fetch_missing_embedder(app) if document["ready"] else None
            document = {**document, "embedder": embedder}
    show(document, as_json, lines)
    if not document["ready"]:
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
    """Ask a model two short questions and tell what it can do; let an embedder embed two texts."""
    with workbench() as app:
        test_one = _test_embedder if app.models.is_embedder(name) else _test_endpoint
        document, lines = test_one(app, name)
    show(document, as_json, [document["problem"]] if document["problem"] else lines)
    if document["problem"]:
        sys.exit(1)


@models.command()
@click.argument("name")
@as_json_option
def remove(name: str, as_json: bool) -> None:
    """Remove an endpoint, or what was downloaded of the catalogue."""
    with workbench() as app:
        in_catalogue = any(known.name == name for known in catalogue())
        if in_catalogue or app.models.is_embedder(name):
            app.models.remove_file(name)
        else:
            endpoints.remove(app.store, name)
    show({"name": name, "removed": True}, as_json, [f"{name} was removed."])


def _fetch(app: App, name: str) -> Document:
    say(f"Fetching {download(name).title} ({name}) …")
    job = run_job(app, app.add_pull(name, by=app.settings.user), unit="B")
    return {"name": name, "ready": job.status == "done", "note": job.note}


def _outcome(document: Document) -> str:
    return f"{document['name']} is ready." if document["ready"] else document["note"]


def _fetch_missing_embedder(app: App) -> Document | None:
    """The default embedder, where there is none. Without one everything else works."""
    name = app.models.needs_embedder()
    if name is None:
        return None
    document = _fetch(app, name)
    without = "" if document["ready"] else "No embedder yet, so nothing is found by meaning: "
    say(without + _outcome(document))
    return document


def _test_endpoint(app: App, name: str) -> tuple[Document, list[str]]:
    endpoint = app.models.endpoint(name)
    seen = probe(endpoint, app.models.chat_of)
    if seen.problem is None:
        endpoints.note_found(app.store, endpoint, seen.found)
    speed = "unknown" if seen.tokens_per_second is None else f"{seen.tokens_per_second:.1f}"
    lines = [
        f"model {seen.model} ({seen.server})",
        f"thinking {seen.thinking}",
        f"output tokens a second: {speed}",
        f"usage {'yes' if seen.usage else 'no'}, seed {'yes' if seen.seed else 'no'}, "
        f"JSON schema {'yes' if seen.schema else 'no'}",
        f"takes something in on the way: {seen.midway or 'unknown'}",
    ]
    return {"name": name, **asdict(seen)}, lines


def _test_embedder(app: App, name: str) -> tuple[Document, list[str]]:
    try:
        seen = measure(app.embedder(name))
    except VademecumError as error:
        return {"name": name, "problem": str(error)}, []
    lines = [
        f"{seen.dimensions} dimensions",
        f"texts a second: {seen.texts_per_second:.1f}",
        f"seconds to load: {seen.load_seconds:.1f}",
    ]
    return {"name": name, **asdict(seen), "problem": None}, lines


def _document(offer: Offer) -> Document:
    endpoint = asdict(offer.endpoint)
    del endpoint["id"]
    licence = offer.entry.licence if offer.entry else None
    return {"kind": "model", **endpoint, "ready": offer.ready, "licence": licence}


def _embedder_document(offer: EmbedderOffer) -> Document:
    fields = {"name", "title", "about", "dimensions", "max_tokens", "size", "licence"}
    return {"kind": "embedder", **offer.entry.model_dump(include=fields), "ready": offer.ready}


def _line(offer: Offer) -> str:
    where = offer.endpoint.base_url or _whether_there(offer.ready)
    what = offer.entry.title if offer.entry else offer.endpoint.model
    return f"{offer.endpoint.name:<30} {where:<34} {what}"


def _embedder_line(offer: EmbedderOffer) -> str:
    what = f"{offer.entry.title}, {offer.entry.dimensions} dimensions"
    return f"{offer.entry.name:<30} {_whether_there(offer.ready):<34} {what}"


def _whether_there(ready: bool) -> str:
    return "downloaded" if ready else "not downloaded"
