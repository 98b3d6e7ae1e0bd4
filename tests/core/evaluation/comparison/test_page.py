"""The exported page, read as a browser without scripts would."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from core.evaluation.comparison.board import board
from core.evaluation.comparison.page import page
from tests.core.evaluation.comparison import (
    BUDGET,
    FIX,
    GAPS,
    HALVES,
    INVENTED,
    PROBLEM,
    RESTRICTED,
    document,
)

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)><!--"


class Reader(HTMLParser):
    """All elements with their attributes, and the text outside of scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, list[str]] = {"script": [], "style": []}
        self.words: list[str] = []
        self.last = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self.last = tag
        if tag in self.inside:
            self.inside[tag].append("")

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002
        self.last = ""

    def handle_data(self, data: str) -> None:
        if self.last in self.inside:
            self.inside[self.last][-1] += data
        else:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def attributes(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@pytest.fixture(scope="module")
def read() -> Reader:
    return Reader(page(document(3, samples=2)))


def test_it_loads_nothing(read: Reader) -> None:
    assert not {tag for tag, _ in read.found} & {"link", "img", "iframe", "object", "base", "form"}
    assert not {name for _, attributes in read.found for name in attributes} & {"src", "href"}
    (policy,) = [one for one in read.attributes("meta") if "http-equiv" in one]
    assert str(policy["content"]).startswith("default-src 'none'; img-src data:;")


def test_only_its_own_script_and_style_may_run(read: Reader) -> None:
    (policy,) = [one["content"] for one in read.attributes("meta") if "http-equiv" in one]
    _, script = read.inside["script"]
    (style,) = read.inside["style"]
    assert f"script-src 'sha256-{digest(script)}'" in str(policy)
    assert f"style-src 'sha256-{digest(style)}'" in str(policy)
    assert "unsafe" not in str(policy)


def test_the_board_is_inside(read: Reader) -> None:
    assert json.loads(read.inside["script"][0]) == board(document(3, samples=2))


def test_it_can_be_read_without_a_script(read: Reader) -> None:
    for words in (
        "In how many ways can",
        "Let us seat the four people without a condition first.",
        "The answer is \\boxed{144}.",
        "Okay, so 7 people around a table",
        "Asked as it is.",
    ):
        assert words in read.text
    assert "math" in {tag for tag, _ in read.found}


def test_it_tells_how_it_was_made(read: Reader) -> None:
    for words in ("2026-11-20T14:00:00", f"budget {BUDGET}", "temperature 0.6", "in turn"):
        assert words in read.text
    assert "Competition mathematics (competition), step 3" in read.text


def test_the_prompts_and_the_verdict_are_told_where_they_are_there() -> None:
    made = {
        **document(2),
        "prompts": {"solve": "abc123def456"},
        "verdicts": [{"sentence": "BCI used fewer tokens."}],
    }
    text = Reader(page(made)).text
    assert "prompt solve abc123def456" in text
    assert "BCI used fewer tokens." in text


def test_figures_of_all_samples(read: Reader) -> None:
    rows = re.findall(r"(?:Plain|BCI|Concise) ([12]) (\d+) (\d+) (\d+)", read.text)
    assert [row[0] for row in rows] == ["1", "2"] * 3
    output = document(3)["arms"]["plain"][0]["output_tokens"]
    assert rows[0][1:] == (str(output), "182", "96")
    assert "unknown" in read.text
    assert "math-verify right ended by itself" in read.text


def test_means_with_their_intervals() -> None:
    arm = {"arm": "plain", "n": 4, "mean": 1234.4, "interval": [1100.2, 1300], "right": 3}
    figures = [
        {**arm, "graded": 4, "cut_off": 1, "failed": 0},
        {
            **arm,
            "arm": "bci",
            "mean": None,
            "interval": None,
            "graded": 0,
            "cut_off": 0,
            "failed": 2,
        },
    ]
    text = Reader(page({**document(2), "figures": figures})).text
    assert "Plain 4 1,234 1,100 to 1,300 3 of 4 1 0" in text
    assert "BCI 4 unknown – not graded 0 2" in text
    once = [{**one, "n": 1} for one in figures]
    assert "95% interval" not in Reader(page({**document(2), "figures": once})).text


def test_what_was_read_again_and_how_fast_it_came() -> None:
    made = document(1)
    again = {"read_again_tokens": 1403, "read_again_cached_tokens": 1207}
    made["arms"]["plain"][0].update(again, requests=[{}, {}], tokens_per_second=41.26)
    text = Reader(page(made)).text
    assert "read again of these cached" in text
    assert " 1,403 1,207 " in text
    assert " 41.3 " in text
    assert "read again" not in Reader(page(document(1))).text


def test_what_was_given_and_what_became_of_it() -> None:
    made = document(4)
    text = Reader(page(made)).text
    assert f"BCI 1 {FIX}, {GAPS} {RESTRICTED} none" in text
    assert f"BCI 1, 2 {FIX}, {GAPS} {RESTRICTED}" in Reader(page(document(2, samples=2))).text
    assert f"Random 1 {HALVES} {RESTRICTED} {INVENTED}" in text
    made["arms"]["bci"][0].update(given=[], cited=[], invented=[])
    assert (
        "BCI 1 None was near enough: the plain prompt was sent. none none"
        in Reader(page(made)).text
    )
    assert "cited but never given" not in Reader(page(document(1))).text


def test_many_names_are_folded() -> None:
    made = document(2)
    take = made["arms"]["bci"][0]
    take["given"] = [{**take["given"][0], "name": f"behavior_<{at}>"} for at in range(30)]
    take["cited"] = []
    whole = page(made)
    assert "<details><summary>30</summary>behavior_&lt;0&gt;, " in whole


def test_figures_are_rounded_as_on_the_screen() -> None:
    made = document(1)
    take = made["arms"]["plain"][0]
    take.update(seconds=1.99868, first_token_seconds=0.155862, price=0.0155862, input_tokens=1480)
    text = Reader(page(made)).text
    for told in ("2.0 s", "0.2 s", "$0.0156", "1,480"):
        assert told in text
    assert not {"1.99868", "0.155862", "0.0155862"} & set(text.split())


def test_arms_of_two_models_are_called_as_on_the_screen() -> None:
    made = document(2)
    made["asked"][1]["model"] = "student"
    assert "BCI · student, sample 1" in Reader(page(made)).text


def test_the_heading_is_no_raw_formula() -> None:
    made = document(1)
    title = "What is the remainder when $7^{100}$ is divided by $5$?"
    made.update(title=title, problem={**made["problem"], "text": title})
    whole = page(made)
    assert "<h1>Comparison 12</h1>" in whole
    told = "Comparison 12: What is the remainder when 7^{100} is divided by 5?"
    assert f"<title>{told}</title>" in whole
    assert "<msup>" in whole


def test_the_messages_are_exact() -> None:
    made = document(2)
    content = 'Solve <this> & that.\n  Twice  "over".'
    made["arms"]["plain"][0]["messages"] = [{"role": "user", "content": content}]
    assert content in "".join(Reader(page(made)).words)


def test_samples_that_were_asked_the_same_are_told_once(read: Reader) -> None:
    assert "Plain, sample 1, 2" in read.text
    # Twice with each of the two behaviors' arms' own words in front, once in the heading.
    assert sum(PROBLEM in word for word in read.words) == 3


def hostile(made: dict[str, Any]) -> dict[str, Any]:
    made.update(title=HOSTILE, by=HOSTILE, created=HOSTILE)
    made["problem"].update(text=HOSTILE, gold=HOSTILE)
    made["asked"][0].update(model=HOSTILE)
    made["settings"]["topic"] = HOSTILE
    for takes in made["arms"].values():
        for take in takes:
            take.update(text=HOSTILE, thinking=HOSTILE, answer=HOSTILE, error=HOSTILE, chunks=[])
            take.update(messages=[{"role": HOSTILE, "content": HOSTILE}], citations=[])
    return made


def test_no_text_gets_out() -> None:
    plain, read = Reader(page(document(2))), Reader(page(hostile(document(2))))
    assert len(read.inside["script"]) == len(plain.inside["script"]) == 2
    assert "img" not in {tag for tag, _ in read.found}
    assert json.loads(read.inside["script"][0])["title"] == HOSTILE
    assert read.words.count(HOSTILE) > 5


def test_characters_that_cannot_be_written_do_no_harm() -> None:
    made = document(2)
    made["arms"]["plain"][0].update(text="a\ud800b\u2028c", citations=[], error="\udfff")
    made["title"] = "\ud800"
    page(made).encode()
