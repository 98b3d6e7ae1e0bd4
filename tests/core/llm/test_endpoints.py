"""A person's endpoints: what is refused and with which words; add, change, remove, discover."""

from typing import Any

import pytest

from core.app import App
from core.errors import BadInput, Conflict, NotFound
from core.llm import endpoints
from core.store import Store
from core.store.endpoints import endpoints as kept_endpoints
from core.store.records import Endpoint
from tests.fake_openai import FakeOpenAI, endpoint_of, nothing_listening

URL = "http://127.0.0.1:8000/v1"
BAD: list[tuple[dict[str, Any], str]] = [
    ({"name": ""}, "name"),
    ({"name": "My Model"}, "'My Model'"),
    ({"name": "-dash"}, "'-dash'"),
    ({"name": "../up"}, "'../up'"),
    ({"name": "n" * 65}, "name"),
    ({"name": "qwen2.5-coder-1.5b"}, "catalogue"),
    ({"base_url": ""}, "base URL"),
    ({"base_url": "127.0.0.1:8000/v1"}, "base URL"),
    ({"base_url": "ftp://127.0.0.1/v1"}, "base URL"),
    ({"base_url": "http://"}, "base URL"),
    ({"base_url": "http://127.0.0.1:99999/v1"}, "base URL"),
    ({"base_url": "http://[::1/v1"}, "base URL"),
    ({"base_url": "http://me:secret@127.0.0.1/v1"}, "password"),
    ({"base_url": "http://127.0.0.1/v1?api_key=secret"}, "?"),
    ({"base_url": "http://127.0.0.1/v1#secret"}, "#"),
    ({"model": " "}, "model's name"),
    ({"key_env": "MY KEY"}, "environment variable"),
    ({"key_env": "1KEY"}, "environment variable"),
    ({"context_length": 0}, "context"),
    ({"context_length": -4096}, "context"),
    ({"price_in": -1.0}, "price"),
    ({"price_cached": -0.1}, "price"),
    ({"price_out": -1.0}, "price"),
    ({"price_in": float("nan")}, "price"),
    ({"price_out": float("inf")}, "price"),
    ({"thinking": "deeply"}, "Thinking"),
    ({"concurrency": 0}, "between 1 and 256"),
    ({"concurrency": 257}, "between 1 and 256"),
]
KEYS = [
    "sk-proj-abc",
    "sk_live_abc",
    "hf_wKJdPzqAbCdEfGhIjKlMnOpQrStUvWx",
    "gsk_1a2B3c4D5e6F7g8H9i0J",
    "AIzaSyD3m0Key4Test5Only6abcdefghij",
    "xai-abc",
    "b2f0c6c3d5e84d0fa1b2c3d4e5f60718",
]
VARIABLES = ["OPENAI_API_KEY", "my_key", "KEY2", "_K", "AZURE_OPENAI_KEY_EUROPE_1", "sketch_key"]


@pytest.mark.parametrize(("changes", "words"), BAD)
def test_what_cannot_be_used_is_refused(changes: dict[str, Any], words: str, store: Store) -> None:
    endpoint = endpoint_of(URL, **{"name": "mine", **changes})
    with pytest.raises(BadInput) as refused:
        endpoints.add(store, endpoint)
    assert words in str(refused.value)
    assert str(refused.value).endswith(".") or URL in str(refused.value)
    assert "secret" not in str(refused.value)
    assert _names(store) == []


@pytest.mark.parametrize("key", KEYS)
def test_a_key_in_the_place_of_its_variable_is_refused(key: str, store: Store) -> None:
    with pytest.raises(BadInput) as refused:
        endpoints.add(store, endpoint_of(URL, key_env=key))
    assert "environment variable" in str(refused.value)
    assert key not in str(refused.value)
    assert _names(store) == []


@pytest.mark.parametrize("variable", VARIABLES)
def test_names_of_variables_are_taken(variable: str, store: Store) -> None:
    assert endpoints.add(store, endpoint_of(URL, key_env=variable)).key_env == variable


def test_an_endpoint_is_kept_with_all_its_fields(store: Store) -> None:
    endpoint = endpoint_of(
        f" {URL}/ ",
        "my-vllm.7b",
        model="Qwen/Qwen3-8B",
        key_env="VLLM_KEY",
        context_length=32768,
        price_in=0.1,
        price_cached=0.0,
        price_out=0.4,
        thinking="tags",
        concurrency=32,
    )
    kept = endpoints.add(store, endpoint)
    assert kept.id is not None
    assert (kept.base_url, kept.name, kept.model) == (URL, "my-vllm.7b", "Qwen/Qwen3-8B")
    assert (kept.price_in, kept.price_cached, kept.price_out) == (0.1, 0.0, 0.4)
    assert (kept.key_env, kept.thinking, kept.concurrency) == ("VLLM_KEY", "tags", 32)
    assert _kept(store) == [kept]


def test_a_name_is_given_once(store: Store) -> None:
    first = endpoints.add(store, endpoint_of(URL))
    with pytest.raises(Conflict, match="'fake'"):
        endpoints.add(store, endpoint_of("http://127.0.0.1:9999/v1"))
    assert _kept(store) == [first]


def test_change_replaces_what_is_kept(store: Store) -> None:
    first = endpoints.add(store, endpoint_of(URL, price_in=1.0))
    changed = endpoints.change(store, endpoint_of(URL, model="other", price_in=None))
    assert (changed.id, changed.model, changed.price_in) == (first.id, "other", None)
    assert _kept(store) == [changed]


def test_a_bad_change_changes_nothing(store: Store) -> None:
    first = endpoints.add(store, endpoint_of(URL))
    with pytest.raises(BadInput):
        endpoints.change(store, endpoint_of("nowhere"))
    assert _kept(store) == [first]


def test_remove(store: Store) -> None:
    endpoints.add(store, endpoint_of(URL, "one"))
    endpoints.add(store, endpoint_of(URL, "two"))
    endpoints.remove(store, "one")
    assert _names(store) == ["two"]
    with pytest.raises(NotFound, match="'one'"):
        endpoints.remove(store, "one")


def test_what_a_test_found_is_kept_beside_the_rest(store: Store) -> None:
    endpoint = endpoints.add(store, endpoint_of(URL, price_in=1.0))
    endpoints.note_found(store, endpoint, {"schema": True})
    assert _kept(store)[0].found == {"schema": True}
    assert _kept(store)[0].price_in == 1.0


def test_own_endpoints_come_before_the_catalogue(app: App) -> None:
    endpoints.add(app.store, endpoint_of(URL, "zz-mine"))
    offers = app.models.offers()
    assert offers[0].endpoint.name == "zz-mine"
    assert [offer.ready for offer in offers] == [True] + [False] * (len(offers) - 1)
    assert app.models.ready_names() == ["zz-mine"]
    with pytest.raises(NotFound, match="zz-mine"):
        app.models.endpoint("nobody")


def test_servers_on_their_usual_ports_are_found(
    fake: FakeOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.models = ("one", "two")
    with nothing_listening() as base_url, FakeOpenAI(key="needed") as locked:
        closed_port = int(base_url.split(":")[2].split("/")[0])
        ports = {fake.port: "vLLM", locked.port: "Ollama", closed_port: "LM Studio"}
        monkeypatch.setattr(endpoints, "USUAL_PORTS", ports)
        found = endpoints.discover()
    assert found == [endpoints.Discovery("vLLM", fake.base_url, ("one", "two"))]
    assert fake.requests == []


def _kept(store: Store) -> list[Endpoint]:
    with store.read() as session:
        return kept_endpoints(session=session)


def _names(store: Store) -> list[str]:
    return [endpoint.name for endpoint in _kept(store)]
