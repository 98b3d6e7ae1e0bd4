"""Valid behaviors and handbooks of every shape, for property-based tests; records out of files."""

from typing import Any

from hypothesis import strategies as st

from core.handbook.files import HEAD_KEYS, ROW_KEYS, Head, Row
from core.handbook.rules import INSTRUCTION_LENGTH, NAME_LENGTH
from core.store.records import Behavior, Handbook, now

# What means something in one of the formats: to a spreadsheet, to Markdown, to YAML, to JSON.
MARKS = "=+-@'\"`;,:|#*_~!$&<>()[]{}\\/%^.0 aj\u00a0\ufeff"
LINE_ENDS = "\t\r\n\0\x0b\x0c\x1c\x1e\x85\u2028\u2029"
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.text(
    MARKS + LINE_ENDS, max_size=12
)
lines = (
    st.text(
        st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]),
        min_size=1,
        max_size=INSTRUCTION_LENGTH,
    )
    | st.text(MARKS, min_size=1, max_size=12)
).filter(str.strip)
names = (
    st.lists(st.text("abcxyz019", min_size=1, max_size=10), min_size=1, max_size=8)
    .map(lambda words: "_".join(["behavior", *words]))
    .filter(lambda name: len(name) <= NAME_LENGTH)
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


def _unknown(known: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    keys = texts.filter(lambda key: key not in known)
    return st.dictionaries(keys, json_values, max_size=3)


def as_record(fields: dict[str, Any]) -> Behavior:
    always = {
        "id": 1,
        "handbook_id": 1,
        "topic": "",
        "avoid_when": None,
        "tags": [],
        "status": "accepted",
        "merged_into": None,
        "marks": {},
        "apart": [],
        "source_model": "",
        "source_correct": None,
        "extra": {},
        "version": 1,
        "created": now(),
        "changed": now(),
        "by": "tester",
    }
    return Behavior(**{**always, **fields})


def as_handbook(fields: dict[str, Any]) -> Handbook:
    always = {
        "id": 1,
        "slug": "algebra",
        "extra": {},
        "archived": False,
        "created": now(),
        "changed": now(),
    }
    plain = {"description": "", "language": "en", "licence": "", "authors": [], "made": ""}
    return Handbook(**{**always, **plain, "title": "Algebra", **fields})


def record_of(row: Row) -> Behavior:
    """What an import makes of the row."""
    return as_record({**{key: getattr(row, key) for key in ROW_KEYS}, "extra": row.model_extra})


def handbook_of(head: Head) -> Handbook:
    """What an import makes of the head."""
    return as_handbook(
        {**{key: getattr(head, key) for key in HEAD_KEYS}, "extra": head.model_extra}
    )


behaviors = st.fixed_dictionaries(
    {"name": names, "instruction": lines},
    optional={
        "topic": texts,
        "avoid_when": st.none() | lines,
        "tags": st.lists(texts, max_size=3),
        "extra": _unknown(ROW_KEYS),
    },
).map(as_record)
books = st.fixed_dictionaries(
    {"title": texts.filter(bool)},
    optional={
        "description": texts,
        "language": texts,
        "licence": texts,
        "authors": st.lists(texts, max_size=3),
        "made": texts,
        "extra": _unknown(HEAD_KEYS),
    },
).map(as_handbook)
behavior_lists = st.lists(behaviors, max_size=6, unique_by=lambda behavior: behavior.name)
