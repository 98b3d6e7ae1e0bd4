"""The real app: a server process of its own, and a real browser in front of it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.live.chromium import OPTIONS, find

PROJECT = Path(__file__).parents[2]
START_SECONDS = 60
# A screen may take a while on a busy machine of two cores.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)


@dataclass
class Served:
    """The app's server. `kill` ends it as a crash would; `start` starts it again."""

    home: Path
    port: int
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "pages.ui.serve", "--server.headless", "true"]
        command += ["--server.port", str(self.port)]
        with (self.home.parent / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=PROJECT, stdout=log, stderr=log, env=os.environ.copy()
            )
        wait_for(self.url)

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        assert self.process is not None
        self.process.send_signal(how)
        self.process.wait(timeout=20)


@contextmanager
def serving(home: Path) -> Iterator[Served]:
    """The app on the state folder `home`."""
    served = Served(home, free_port())
    served.start()
    try:
        yield served
    finally:
        if served.process and served.process.poll() is None:
            served.kill(signal.SIGTERM)


@contextmanager
def serving_script(script: Path, log: Path) -> Iterator[str]:
    """A Streamlit script of a test's own; gives its address."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.headless", "true"]
    command += ["--server.port", str(port), "--server.fileWatcherType", "none"]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    url = f"http://127.0.0.1:{port}"
    with log.open("wb") as written:
        process = subprocess.Popen(
            command, cwd=PROJECT, stdout=written, stderr=written, env=environment
        )
        try:
            wait_for(url)
            yield url
        finally:
            process.terminate()
            process.wait(timeout=20)


def free_port() -> int:
    """Streamlit chooses no port by itself when one is named, so a free one is looked up."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait_for(url: str) -> None:
    """Until the Streamlit server at this address answers."""
    deadline = time.monotonic() + START_SECONDS
    while not _is_up(url):
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.1)


def _is_up(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/_stcore/health", timeout=1).is_success
    except httpx2.HTTPError:
        return False


@contextmanager
def browsing() -> Iterator[Browser]:
    path = find()
    assert path, "no Chromium: run `python -m tests.live.chromium`"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=OPTIONS)
        try:
            yield browser
        finally:
            browser.close()


def opened(browser: Browser, url: str) -> Page:
    """A screen at the size of a talk's laptop, once it has drawn something."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(PATIENCE)
    page.goto(url)
    expect(main(page).get_by_role("heading").first).to_be_visible(timeout=PATIENCE)
    return page


def main(page: Page) -> Locator:
    return page.get_by_test_id("stMainBlockContainer")


def has_no_exception(page: Page) -> None:
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_text("Page not found")).to_have_count(0)


@contextmanager
def held_down(page: Page, button: Locator) -> Iterator[None]:
    """The press of a person: the screen may change between the button going down and coming up."""
    box = button.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    yield
    page.mouse.up()
