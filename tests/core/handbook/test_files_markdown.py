"""Markdown: a list that is read back, and a page on which nothing is rendered by accident."""

import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.handbook import files
from core.handbook.files.page import escaped
from core.store.records import Behavior, Handbook
from tests.core.handbook.strategies import (
    MARKS,
    as_handbook,
    as_record,
    behavior_lists,
    books,
    texts,
)


def _read(text: str) -> files.HandbookFile:
    return files.read_uploads({"x.md": text.encode()})


def _written(kind: str, behaviors: list[Behavior], **head: Any) -> str:
    (text,) = files.contents(kind, as_handbook(head), behaviors).values()
    return text


# The list


def test_the_list_as_it_is_written() -> None:
    behaviors = [
        as_record({"name": "behavior_b", "instruction": "Do $b_1$.", "topic": "Two\nlines"}),
        as_record({"name": "behavior_c", "instruction": "Do c.", "tags": ["x", "y z"]}),
        as_record({"name": "behavior_a", "instruction": "Do a.", "avoid_when": "Never."}),
    ]
    text = """\
# Algebra

- behavior_a: Do a.
  - avoid when: Never.
- behavior_c: Do c.
  - tags: x; y z

## Two lines

- behavior_b: Do $b_1$.
"""
    assert _written("markdown", behaviors) == text


@given(behaviors=behavior_lists)
def test_the_list_keeps_every_text_that_has_one_line(behaviors: list[Behavior]) -> None:
    read = _read(_written("markdown", behaviors))
    assert read.bad == []
    assert {row.name: (row.instruction, row.avoid_when) for row in read.rows} == {
        behavior.name: (behavior.instruction, behavior.avoid_when) for behavior in behaviors
    }
    for row in read.rows:
        behavior = next(each for each in behaviors if each.name == row.name)
        assert row.topic == " ".join(behavior.topic.split())
        assert row.tags == [" ".join(tag.split()) for tag in behavior.tags]


@pytest.mark.parametrize(
    "item",
    [
        "- behavior_x: Do x: then y.",
        "* behavior_x: Do x: then y.",
        "+ behavior_x :Do x: then y.  ",
        "  - behavior_x:   Do x: then y.\t",
        "3. behavior_x: Do x: then y.",
        "- **behavior_x**: Do x: then y.",
        "- **behavior_x:** Do x: then y.",
        "- `behavior_x`: Do x: then y.",
        "* **`behavior_x`**: Do x: then y.",
        "- behavior_x: Do x:\n  then y.",
        "- behavior_x:\n    Do x:\n    then y.\n",
    ],
)
def test_items_are_written_in_many_ways(item: str) -> None:
    read = _read(item)
    assert read.bad == []
    assert [(row.name, row.instruction) for row in read.rows] == [("behavior_x", "Do x: then y.")]


def test_marks_in_an_instruction_are_its_own() -> None:
    (row,) = _read("- **behavior_x**: **Do** `x` \\(a\\) <b> &amp; *y*").rows
    assert row.instruction == "**Do** `x` \\(a\\) <b> &amp; *y*"


def test_headings_set_topics_and_other_lines_are_passed_over() -> None:
    text = """\
Some words first.
# The   title
- behavior_a: Do a.

Words between, and a list of something else:
- see: there
- nothing

## Sums and parts
- behavior_b: Do b.
  - note: passed over
  - **Avoid when:** in
    haste.
  - Tags: x; y

  An indented word on its own.
##
- behavior_c: Do c.
## Last ##
### Deeper
- behavior_d: Do d.
# Another part
- behavior_e: Do e.
"""
    read = _read(text)
    assert read.bad == []
    assert read.head.title == "The title"
    assert [(row.name[-1], row.instruction, row.topic) for row in read.rows] == [
        ("a", "Do a.", ""),
        ("b", "Do b.", "Sums and parts"),
        ("c", "Do c.", ""),
        ("d", "Do d.", "Last ##"),
        ("e", "Do e.", ""),
    ]
    assert (read.rows[1].avoid_when, read.rows[1].tags) == ("in haste.", ["x", "y"])


def test_a_list_without_a_title_is_called_after_its_file() -> None:
    assert files.read_uploads({"my-list.md": b"- behavior_a: Do a."}).head.title == "my-list"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("- behavior_x Do x.", "this looks like a behavior, but an item is written `- behavior_n"),
        ("- behavior_x - Do x.", "this looks like a behavior"),
        ("behavior_x: Do x.", "this looks like a behavior"),
        ("| behavior_x | Do x. |", "this looks like a behavior"),
        ("### behavior_x", "this looks like a behavior"),
        ("- [behavior_x](#x): Do x.", "this looks like a behavior"),
        ("- **behavior_x: Do x.", "this looks like a behavior"),
        ("- behavior_X: Do x.", "the name has to be behavior_ and words of a-z"),
        ("- Behavior_x: Do x.", "the name has to be behavior_ and words of a-z"),
        ("- behaviour_x: Do x.", "the name has to be behavior_ and words of a-z"),
        ("- behavior-x: Do x.", "the name has to be behavior_ and words of a-z"),
        ("- behavior_x:", "the instruction is empty"),
        ("- behavior_x: " + "x" * 501, "the instruction is longer than 500"),
        ("- behavior_x: a\0b", "the instruction has to be one line"),
        ("- behavior_a: Again.", "a second behavior_a (first in line 1)"),
    ],
)
def test_what_looks_like_an_item_is_a_bad_row(line: str, why: str) -> None:
    read = _read(f"- behavior_a: Do a.\r\n\r\n{line}\r\n  - tags: of that\r\n- behavior_z: Do z.")
    assert [(row.name, row.tags) for row in read.rows] == [("behavior_a", []), ("behavior_z", [])]
    assert [bad.line for bad in read.bad] == [3]
    assert read.bad[0].why.startswith(why)


@given(text=st.text(max_size=200) | st.text("-* behavior_x:#`.1\n", max_size=60))
def test_no_text_breaks_the_reading_of_a_list(text: str) -> None:
    assert _read(f"- behavior_a: Do a.\n\n{text}").rows[0].instruction == "Do a."


# The page


def test_the_page_as_it_is_written() -> None:
    behaviors = [
        as_record({"name": "behavior_a", "instruction": "Do a.", "topic": "Counting & more"}),
        as_record(
            {
                "name": "behavior_b",
                "instruction": "Rewrite $ax^2<b$ [now].",
                "avoid_when": "It costs $5.",
                "tags": ["x_y", "*"],
                "topic": "Contents",
            }
        ),
        as_record({"name": "behavior_c", "instruction": "1. Do c."}),
    ]
    head = {"description": "One\nline.\n\n# Two", "authors": ["Ann", "Béla"], "licence": "MIT"}
    text = """\
# Algebra

One line.

\\# Two

- Language: en
- Licence: MIT
- Authors: Ann, Béla
- Behaviors: 3

## Contents

- [Without a topic](#without-a-topic) (1)
- [Contents](#contents-1) (1)
- [Counting &amp; more](#counting--more) (1)

## Without a topic

### behavior_c

1\\. Do c.

## Contents

### behavior_b

Rewrite $ax^2< b$ \\[now\\].

Avoid when: It costs \\$5.

Tags: x_y, \\*

## Counting &amp; more

### behavior_a

Do a.
"""
    assert _written("page", behaviors, **head) == text


def test_no_two_topics_share_an_anchor() -> None:
    topics = ["a", "A", "a 1", "A-1", "?", "!", "algebra", "contents"]
    behaviors = [
        as_record({"name": f"behavior_{i}", "instruction": "Do.", "topic": topic})
        for i, topic in enumerate(topics)
    ]
    anchors = re.findall(r"\]\(#(.*)\) \(1\)", _written("page", behaviors))
    assert len({*anchors, "algebra", "contents"}) == len(topics) + 2


def test_an_empty_handbook_has_a_page_too() -> None:
    assert _written("page", [], title="\n") == "# algebra\n\n- Language: en\n- Behaviors: 0\n"


@pytest.mark.parametrize(
    "text",
    [
        "$x$",
        "$$\\frac{a_1}{b}$$",
        "so $a*b$ and $c_i [d]$, too",
        "$\\$5$",
        "$x < y$",
    ],
)
def test_mathematics_is_left_alone(text: str) -> None:
    assert escaped(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("&lt;b&gt;", "&amp;lt;b&amp;gt;"),
        ("$<script>alert(1)</script>$", "$< script>alert(1)< /script>$"),
        ("$<!-- x$", "$< !-- x$"),
        ("![x](http://e/a.png)", "!\\[x\\](http\\://e/a.png)"),
        ("$[x](javascript:y)$", "$[x] (javascript:y)$"),
        ("from $5 to $7", "from \\$5 to \\$7"),
        ("$5-$7", "\\$5-\\$7"),
        ("$a`b$ and $c`d$", "\\$a\\`b\\$ and \\$c\\`d\\$"),
        ("\\$x\\$", "\\\\\\$x\\\\\\$"),
        (":smile: a: b", "\\:smile: a: b"),
        ("see www.x.org", "see www\\.x.org"),
        ("snake_case _em_ __b__", "snake_case \\_em\\_ \\_\\_b\\_\\_"),
        ("{: onclick=x}", "\\{: onclick=x\\}"),
        ("- a", "\\- a"),
        ("12) a", "12\\) a"),
        ("a\nb\0c\x1b[0m", "a bc\\[0m"),
    ],
)
def test_marks_are_escaped(text: str, shown: str) -> None:
    assert escaped(text) == shown


PIECES = ["<script>", "</b>", "$", "![x](http://e/s.png)", "`", "**", "a", "\\", " ", "<!--", "\n"]


@given(text=st.lists(st.sampled_from(PIECES), max_size=9).map("".join) | st.text(MARKS) | texts)
@example(text="$a$<b>$c$")
def test_no_text_opens_html_code_or_a_link(text: str) -> None:
    shown = escaped(text)
    assert not re.search(r"<[A-Za-z/!?]", shown)
    assert not re.search(r"(?<!\\)(\\\\)*`", shown)
    assert not re.search(r"(?<!\\)(\\\\)*\]\(", shown)
    assert not re.search(r"[\x00-\x1f\x85\u2028\u2029]", shown)


@given(book=books, behaviors=behavior_lists)
def test_every_behavior_stands_on_the_page_once(book: Handbook, behaviors: list[Behavior]) -> None:
    (text,) = files.contents("page", book, behaviors).values()
    headings = [line.removeprefix("### ") for line in text.split("\n") if line.startswith("### ")]
    assert sorted(headings) == sorted(behavior.name for behavior in behaviors)
    linked = re.findall(r"(?m)^- \[.*\]\(#(.*)\) \((\d+)\)$", text)
    assert len({name for name, _ in linked}) == len({" ".join(b.topic.split()) for b in behaviors})
    assert sum(int(count) for _, count in linked) == len(behaviors)
