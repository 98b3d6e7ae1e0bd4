"""Finds a headless Chromium for the browser tests, and installs one where there is none.

In this order: one that is on the machine, Debian's package, Playwright's own.
`python -m tests.live.chromium` prints the path.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# No sandbox inside containers, and no calls to anybody at start.
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find() -> str | None:
    """The path of a browser that is there."""
    named = os.environ.get("VADEMECUM_CHROMIUM")
    return named or next(filter(None, map(shutil.which, NAMES)), None) or _of_playwright()


def install() -> str | None:
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Debian's Chromium ...", file=sys.stderr)
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        command = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", "chromium"]
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL, check=False)
    if not find():
        print("Installing Playwright's Chromium ...", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    return find()


def _of_playwright() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


if __name__ == "__main__":
    path = find() or install()
    if path is None:
        sys.exit("No Chromium was found or could be installed; set VADEMECUM_CHROMIUM to one.")
    print(f"Browser: {path}")
