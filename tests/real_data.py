"""Real problems and cases, read from the folder that VADEMECUM_TEST_DATA names."""

import json
import os
from pathlib import Path
from typing import Any

import pytest


def real_file(name: str) -> Path:
    """The file's path; the test is skipped where the folder is not given."""
    folder = os.environ.get("VADEMECUM_TEST_DATA")
    if not folder:
        pytest.skip("VADEMECUM_TEST_DATA is not set")
    return Path(folder, name)


def real_rows(name: str) -> list[dict[str, Any]]:
    lines = real_file(name).read_text("utf-8").split("\n")
    return [json.loads(line) for line in lines if line]
