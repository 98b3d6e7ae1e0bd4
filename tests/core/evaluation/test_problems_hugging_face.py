"""Data sets of Hugging Face, from a stand-in on loopback: parts told from paths, sizes held."""

import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import pandas
import pytest

from core.errors import BadInput, DownloadFailed, NotFound, VademecumError
from core.evaluation.problems import hugging_face, rows
from core.evaluation.problems.hugging_face import Address, address, fetch
from tests.fake_openai import nothing_listening

MANY = 2  # files a page of the listing
LINE = b'{"problem": "One?"}\n'


def _parquet(*texts: str) -> bytes:
    file = io.BytesIO()
    pandas.DataFrame({"problem": texts}).to_parquet(file)
    return file.getvalue()


class Hub:
    """Data sets by branch: path -> content. Listed in pages, sent after a redirect."""

    def __init__(self) -> None:
        self.branches: dict[str, dict[str, bytes]] = {"main": {}}
        self.announced: dict[str, int] = {}  # sizes that are not the true ones
        self.status = 200
        self.body: bytes | None = None  # of the listing, instead of the true one
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.hub = self  # type: ignore[attr-defined]
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        hub: Hub = self.server.hub  # type: ignore[attr-defined]
        path, _, query = self.path.partition("?")
        parts = [unquote(part) for part in path.split("/")]
        if hub.status != 200:
            self._send(hub.status, b"")
        elif parts[1:3] == ["api", "datasets"]:
            self._list(hub, parts[6], int(query.partition("page=")[2] or 0))
        elif parts[1] == "datasets":
            self.send_response(302)
            self.send_header("Location", "/".join(["/storage", *path.split("/")[5:]]))
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._send(200, hub.branches[unquote(path.split("/")[2])]["/".join(parts[3:])])

    def _list(self, hub: Hub, branch: str, page: int) -> None:
        if branch not in hub.branches:
            self._send(404, b"{}")
            return
        paths = sorted(hub.branches[branch])
        files = [
            {"type": "file", "path": path, "size": hub.announced.get(path, len(content))}
            for path, content in sorted(hub.branches[branch].items())
        ]
        folder = {"type": "directory", "path": "data", "size": 0}
        entries = [folder, *files[page * MANY : (page + 1) * MANY]]
        more = len(paths) > (page + 1) * MANY
        here = self.path.partition("?")[0]
        link = f'<{hub.address}{here}?recursive=true&page={page + 1}>; rel="next"'
        self._send(200, hub.body or json.dumps(entries).encode(), link if more else "")

    def _send(self, status: int, body: bytes, link: str = "") -> None:
        self.send_response(status)
        if link:
            self.send_header("Link", link)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Silence."""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    made = Hub()
    monkeypatch.setenv("HF_ENDPOINT", made.address)
    made.start()
    yield made
    made.stop()


def _texts(asked: str) -> list[str]:
    return [row["problem"] for row in fetch(address(asked))[0].rows]


def _jsonl(*texts: str) -> bytes:
    return b"".join(json.dumps({"problem": text}).encode() + b"\n" for text in texts)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hf:openai/gsm8k", Address("openai/gsm8k", "", "")),
        ("hf:openai/gsm8k:test", Address("openai/gsm8k", "", "test")),
        ("hf:openai/gsm8k/main:test", Address("openai/gsm8k", "main", "test")),
        ("hf:a/b/c/d:dev", Address("a/b", "c/d", "validation")),
    ],
)
def test_addresses(text: str, expected: Address) -> None:
    assert address(text) == expected


@pytest.mark.parametrize("text", ["hf:", "hf:gsm8k", "hf:a/b:", "hf:a/../b?c", "a/b", "hf:a b/c"])
def test_bad_addresses_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match=r"write hf:owner/name, hf:owner/name:split"):
        address(text)


def test_a_set_of_a_single_file(hub: Hub) -> None:
    hub.branches["main"] = {"README.md": b"", "test.jsonl": _jsonl("One?", "Two?")}
    read, part = fetch(address("hf:HuggingFaceH4/MATH-500"))
    assert [row["problem"] for row in read.rows] == ["One?", "Two?"]
    assert (part.name, part.split) == ("MATH-500", "test")


def test_parts_are_told_from_the_paths_and_shards_are_joined(hub: Hub) -> None:
    hub.branches["main"] = {
        "README.md": b"",
        "dataset_infos.json": b"{}",
        "main/train-00000-of-00002.parquet": _parquet("One?"),
        "main/train-00001-of-00002.parquet": _parquet("Two?"),
        "main/test-00000-of-00001.parquet": _parquet("Three?"),
        "socratic/test-00000-of-00001.parquet": _parquet("Four?"),
    }
    assert _texts("hf:openai/gsm8k/main:train") == ["One?", "Two?"]
    assert _texts("hf:openai/gsm8k/socratic") == ["Four?"]
    assert _texts("hf:openai/gsm8k/Main:TEST") == ["Three?"]
    with pytest.raises(BadInput, match=r"name one of: hf:openai/gsm8k/main:test, hf:openai/gsm8k/"):
        fetch(address("hf:openai/gsm8k:test"))
    with pytest.raises(NotFound, match=r"no such part. There are: hf:openai/gsm8k/main:test, "):
        fetch(address("hf:openai/gsm8k:dev"))


@pytest.mark.parametrize(
    ("path", "config", "split"),
    [
        ("data/validation-00000-of-00001.parquet", "", "validation"),
        ("dev.json", "", "validation"),
        ("distractor/train/0000.parquet", "distractor", "train"),
        ("aime2025-I.jsonl", "aime2025-I", ""),
        ("musique_ans_v1.0_dev.jsonl", "musique-ans-v1-0", "validation"),
        ("default/test/0000.parquet", "", "test"),
    ],
)
def test_where_a_file_belongs(hub: Hub, path: str, config: str, split: str) -> None:
    content = _parquet("One?") if path.endswith("parquet") else LINE
    hub.branches["main"] = {path: content}
    _read, part = fetch(address("hf:a/b"))
    assert (part.config, part.split) == (config, split)


def test_one_format_is_read_where_there_are_two(hub: Hub) -> None:
    hub.branches["main"] = {"test.jsonl": _jsonl("One?"), "data/test.parquet": _parquet("Two?")}
    assert _texts("hf:a/b:test") == ["Two?"]


def test_a_set_that_is_a_script_is_read_from_its_converted_branch(hub: Hub) -> None:
    hub.branches["main"] = {"set.py": b"boom()"}
    hub.branches["refs/convert/parquet"] = {"default/test/0000.parquet": _parquet("One?")}
    assert _texts("hf:a/b") == ["One?"]


def test_a_set_without_data_is_said(hub: Hub) -> None:
    hub.branches["main"] = {"set.py": b"boom()"}
    with pytest.raises(NotFound, match=r"a/b has no \.parquet, \.jsonl, \.json or \.csv file"):
        fetch(address("hf:a/b"))


def test_too_much_is_refused_before_and_while_it_is_sent(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.branches["main"] = {"test.jsonl": LINE}
    hub.announced = {"test.jsonl": 300_000_000}
    with pytest.raises(BadInput, match=r"a/b:test has 300 MB; at most 256 MB are read"):
        fetch(address("hf:a/b"))
    hub.branches["main"] = {"test.jsonl": LINE * 100_000}
    hub.announced = {"test.jsonl": 10}
    for module in (hugging_face, rows):
        monkeypatch.setattr(module, "MAX_BYTES", 1000)
    with pytest.raises(BadInput, match=r"test\.jsonl has 0 MB; at most 0\.001 MB are read"):
        fetch(address("hf:a/b"))


def test_bad_rows_are_kept_apart(hub: Hub) -> None:
    hub.branches["main"] = {"test.jsonl": LINE + b"nothing\n"}
    read, _part = fetch(address("hf:a/b"))
    assert (len(read.numbered), [bad.number for bad in read.bad]) == (1, [2])


@pytest.mark.parametrize(
    ("status", "error", "sentence"),
    [
        (404, NotFound, "gives nobody a/b"),
        (401, NotFound, "asks for an account. Then download it and import the file"),
        (500, DownloadFailed, "cannot be reached: status 500"),
    ],
)
def test_a_server_that_refuses(
    hub: Hub, status: int, error: type[VademecumError], sentence: str
) -> None:
    hub.status = status
    with pytest.raises(error) as caught:
        fetch(address("hf:a/b"))
    assert sentence in str(caught.value)


@pytest.mark.parametrize("body", [b"<html>", b'{"error": "no"}', b"[1]"])
def test_a_server_that_is_no_hub(hub: Hub, body: bytes) -> None:
    hub.body = body
    with pytest.raises(DownloadFailed, match="what it answered is no list of files"):
        fetch(address("hf:a/b"))


def test_no_server_is_one_clear_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with nothing_listening() as nobody:
        monkeypatch.setenv("HF_ENDPOINT", nobody)
        with pytest.raises(DownloadFailed, match=r"cannot be reached: .*import the file"):
            fetch(address("hf:a/b"))
