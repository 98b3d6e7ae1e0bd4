"""Which code made a run: the git commit where there is one."""

import subprocess
from functools import cache
from pathlib import Path


@cache
def code_version() -> str:
    folder = Path(__file__).parents[1]
    try:
        ended = subprocess.run(
            ["git", "describe", "--always", "--dirty"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return ended.stdout.strip() or "unknown"
