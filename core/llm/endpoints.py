"""A person's endpoints: checked when added, found on this machine when looked for."""

import math
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx2

from core.errors import BadInput, Conflict, NotFound
from core.llm.catalogue import catalogue, embedders
from core.llm.trust import trusted
from core.store import Store
from core.store.endpoints import delete_endpoint, endpoint_by_name, put_endpoint
from core.store.records import Endpoint

NAME_RULE = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
VARIABLE_RULE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
# Keys that could pass for a variable: known beginnings, or many letters and digits mixed.
KEY_LIKE = re.compile(r"sk[-_]|(gsk|hf|r8)_\w{16}|AIza|(?=.*[a-z])(?=.*[0-9])[A-Za-z0-9]{20,}$")
THINKING = ("auto", "reasoning_content", "tags", "none")
# Ports that local servers listen on unless told otherwise (their own documentation).
USUAL_PORTS = {
    11434: "Ollama",
    1234: "LM Studio",
    8000: "vLLM",
    8080: "llama.cpp",
    30000: "SGLang",
}
GLANCE_SECONDS = 0.7


@dataclass(frozen=True)
class Discovery:
    """A server that answers on this machine, with the models it offers."""

    server: str
    base_url: str
    models: tuple[str, ...]


def add(store: Store, endpoint: Endpoint) -> Endpoint:
    """Keeps a new endpoint; a name that is taken is not overwritten."""
    checked = _check(endpoint)
    with store.write() as session:
        if endpoint_by_name(endpoint.name, session=session):
            raise Conflict(f"There is an endpoint {endpoint.name!r} already. Take another name.")
        return put_endpoint(endpoint.name, session=session, **checked)


def change(store: Store, endpoint: Endpoint) -> Endpoint:
    """Replaces what is kept under this name."""
    checked = _check(endpoint)
    with store.write() as session:
        return put_endpoint(endpoint.name, session=session, **checked)


def note_found(store: Store, endpoint: Endpoint, found: dict[str, object]) -> None:
    """Keeps what a test saw, so that requests can make use of it."""
    with store.write() as session:
        if endpoint_by_name(endpoint.name, session=session):
            put_endpoint(endpoint.name, session=session, found=found)


def remove(store: Store, name: str) -> None:
    with store.write() as session:
        if not delete_endpoint(name, session=session):
            raise NotFound(f"There is no endpoint {name!r}.")


def discover() -> list[Discovery]:
    """Servers on this machine's usual ports. Only their list of models is read; nothing is run."""
    with ThreadPoolExecutor(len(USUAL_PORTS)) as pool:
        found = pool.map(_glance, USUAL_PORTS.items())
        return [discovery for discovery in found if discovery]


def offered_models(base_url: str, key: str | None, seconds: float) -> list[dict[str, object]]:
    """What `GET /models` lists; raises httpx2.HTTPError or ValueError where it does not answer."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    answer = httpx2.get(f"{base_url}/models", headers=headers, timeout=seconds, verify=trusted())
    data = answer.raise_for_status().json()
    models = data.get("data") if isinstance(data, dict) else None
    if not isinstance(models, list):
        raise ValueError("no list of models")
    return [model for model in models if isinstance(model, dict)]


def _glance(port_and_server: tuple[int, str]) -> Discovery | None:
    port, server = port_and_server
    base_url = f"http://127.0.0.1:{port}/v1"
    try:
        models = offered_models(base_url, None, GLANCE_SECONDS)
    except (httpx2.HTTPError, ValueError):
        return None
    return Discovery(server, base_url, tuple(str(model.get("id", "")) for model in models))


def _check(endpoint: Endpoint) -> dict[str, object]:
    """The fields to keep, or a sentence about the first that will not do."""
    for is_wrong, sentence in _RULES:
        if is_wrong(endpoint):
            raise BadInput(sentence.format(endpoint=endpoint))
    names = ("model", "key_env", "context_length", "price_in", "price_cached", "price_out")
    kept = {name: getattr(endpoint, name) for name in (*names, "thinking", "concurrency", "found")}
    return {**kept, "base_url": endpoint.base_url.strip().rstrip("/")}


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text.strip())
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


_RULES: tuple[tuple[Callable[[Endpoint], bool], str], ...] = (
    (
        lambda endpoint: not NAME_RULE.fullmatch(endpoint.name),
        "The name {endpoint.name!r} will not do: take small letters, digits, dots, dashes.",
    ),
    (
        lambda endpoint: endpoint.name in {entry.name for entry in (*catalogue(), *embedders())},
        "{endpoint.name!r} is a name of the catalogue. Take another one.",
    ),
    (
        lambda endpoint: not _is_address(endpoint.base_url),
        "The base URL {endpoint.base_url!r} will not do: it has to look like "
        "http://127.0.0.1:8000/v1 or https://api.example.com/v1.",
    ),
    (
        lambda endpoint: "@" in urlsplit(endpoint.base_url).netloc,
        "The base URL holds a user name or password. Put the key into an environment variable "
        "and give the variable's name.",
    ),
    (
        lambda endpoint: "?" in endpoint.base_url or "#" in endpoint.base_url,
        "The base URL holds a ? or a #. Leave away what follows it; a key belongs in an "
        "environment variable.",
    ),
    (lambda endpoint: not endpoint.model.strip(), "Give the model's name, as the server lists it."),
    (
        lambda endpoint: bool(endpoint.key_env and not VARIABLE_RULE.fullmatch(endpoint.key_env)),
        "The key variable has to be the name of an environment variable, such as OPENAI_API_KEY, "
        "not the key itself: keys are never stored.",
    ),
    (
        lambda endpoint: bool(endpoint.key_env and KEY_LIKE.match(endpoint.key_env)),
        "That looks like a key. Give the name of the environment variable that holds it.",
    ),
    (
        lambda endpoint: any(
            value is not None and not 0 <= value < math.inf
            for value in (endpoint.price_in, endpoint.price_cached, endpoint.price_out)
        ),
        "A price has to be a number of at least 0. Leave it empty where it is not known.",
    ),
    (
        lambda endpoint: endpoint.context_length is not None and endpoint.context_length < 1,
        "The context length has to be at least 1. Leave it empty where it is not known.",
    ),
    (
        lambda endpoint: endpoint.thinking not in THINKING,
        "Thinking has to be one of auto, reasoning_content, tags, none.",
    ),
    (
        lambda endpoint: not 1 <= endpoint.concurrency <= 256,
        "The number of requests at a time has to be between 1 and 256.",
    ),
)
