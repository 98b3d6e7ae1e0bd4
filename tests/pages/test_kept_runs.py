"""The lists of kept runs: all can be opened, imported ones too."""

import pytest

from core.store import Store
from core.store import runs as run_rows
from tests.pages.conftest import Screen


@pytest.mark.parametrize("kind", ["compare", "evaluate"])
def test_every_run_can_be_opened_and_a_long_title_is_one_line(
    screen: Screen, store: Store, endpoint: object, kind: str
) -> None:
    with store.write() as session:
        problem = run_rows.keep_problem("What?", None, "", {}, session=session)
        numbers = [
            run_rows.add_run(
                kind=kind,
                title="long " * 600,
                problem_ids=[problem],
                params={
                    "arms": [{"label": "plain", "kind": "plain", "model": "fake"}],
                    "handbook": None,
                    "imported": "elsewhere.json",
                },
                by="ann",
                session=session,
            ).id
            for _ in range(12)
        ]
    at = screen(f"prove/{kind}")
    listed = {button.key for button in at.button}
    at.session_state[f"{kind}_page"] = 2
    at.run()
    assert not at.exception
    listed |= {button.key for button in at.button}
    assert listed >= {f"{kind}_open_{number}" for number in numbers}
    assert max(len(line.value) for line in at.markdown if "long" in line.value) < 120
