"""What changed between two states: of one handbook, or of two handbooks or files.

Compares what is accepted, and the head. Behaviors of one handbook are matched by their id; of two
handbooks by name, then by instruction (a renamed behavior). Keys of a file that this version does
not know are not compared.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.handbook import files
from core.handbook.likeness import plain
from core.handbook.versions import State, accepted
from core.handbook.wording import COARSE, word_diff
from core.store.records import Behavior, now

WORDING = ("name", "instruction", "avoid_when")
PLACE = ("topic", "tags")
LISTS = ("added", "removed", "reworded", "retopiced", "merged")
SAID = {
    "name": "Name",
    "instruction": "Instruction",
    "avoid_when": "Avoid when",
    "topic": "Topic",
    "tags": "Tags",
}
Pair = tuple[Behavior, Behavior]
# Marks of Markdown: an underscore unless inside a word; a colon that may begin an address, an icon
# or a colour; the dot of an address.
_MARK = re.compile(
    r"[&<>\\`*#~$\[\]{}|]|(?<![^\W_])_|_(?![^\W_])|:(?=\S)|(?<=\bwww)\.", re.IGNORECASE
)
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")


@dataclass(frozen=True)
class Difference:
    """Each list is sorted by topic, then name, as they are in the new state (else in the old one).

    A pair is (old, new); in `merged` it is (what is gone, what it was merged into). A behavior can
    be both reworded and retopiced. `head` maps a key to its old and new value.
    """

    added: list[Behavior]
    removed: list[Behavior]
    reworded: list[Pair]
    retopiced: list[Pair]
    merged: list[Pair]
    head: dict[str, tuple[Any, Any]]

    @property
    def counts(self) -> dict[str, int]:
        return {name: len(getattr(self, name)) for name in LISTS}

    @property
    def empty(self) -> bool:
        return not any(self.counts.values()) and not self.head


def difference(old: State, new: State) -> Difference:
    """From the old state to the new one."""
    olds, news = accepted(old), accepted(new)
    same_handbook = old.handbook_id is not None and old.handbook_id == new.handbook_id
    pairs = _pairs_by_id(olds, news) if same_handbook else _pairs_by_text(olds, news)
    kept_old, kept_new = {one.id for one, _ in pairs}, {one.id for _, one in pairs}
    gone = [behavior for behavior in olds if behavior.id not in kept_old]
    merged = _merges(gone, new) if same_handbook else []
    inside = {one.id for one, _ in merged}
    return Difference(
        added=[behavior for behavior in news if behavior.id not in kept_new],
        removed=[behavior for behavior in gone if behavior.id not in inside],
        reworded=_changed(pairs, WORDING),
        retopiced=_changed(pairs, PLACE),
        merged=_sorted(merged),
        head={
            key: (old.head.get(key), new.head.get(key))
            for key in files.HEAD_KEYS
            if old.head.get(key) != new.head.get(key)
        },
    )


def state_of_file(path: Path) -> State:
    """What a file holds, numbered in its order. Its bad rows are left out."""
    return state_of_read(files.read(path), path.stem)


def state_of_read(read: files.HandbookFile, slug: str) -> State:
    extra = read.head.model_extra or {}
    head = {**read.head.model_dump(include=set(files.HEAD_KEYS)), "extra": extra}
    behaviors = {number: _record(number, row) for number, row in enumerate(read.rows, start=1)}
    return State(None, slug, 0, head, behaviors)


def as_json(found: Difference) -> dict[str, Any]:
    return {
        "counts": found.counts,
        "head": {key: {"old": old, "new": new} for key, (old, new) in found.head.items()},
        "added": [_text(behavior) for behavior in found.added],
        "removed": [_text(behavior) for behavior in found.removed],
        "reworded": [_as_pair(pair, "old", "new") for pair in found.reworded],
        "retopiced": [_as_pair(pair, "old", "new") for pair in found.retopiced],
        "merged": [_as_pair(pair, "behavior", "into") for pair in found.merged],
    }


def markdown(found: Difference, old_title: str, new_title: str) -> str:
    """A report for people: ~~gone~~ **new**. Marks in the texts are shown, not followed."""
    counts = ", ".join(f"{number} {name}" for name, number in found.counts.items() if number)
    blocks = [
        f"# From {_escaped(old_title)} to {_escaped(new_title)}",
        "Nothing differs." if found.empty else f"{counts or 'No behavior differs'}.",
        _section("The handbook itself", _head_lines(found.head)),
        _section("Added", map(_told, found.added)),
        _section("Removed", map(_told, found.removed)),
        _section("Reworded", (_told_pair(*pair, WORDING) for pair in found.reworded)),
        _section("Retopiced", (_told_pair(*pair, PLACE) for pair in found.retopiced)),
        _section(
            "Merged",
            (f"- {_bold(gone.name)} into {_bold(into.name)}" for gone, into in found.merged),
        ),
    ]
    return "\n\n".join(filter(None, blocks)) + "\n"


def _section(title: str, items: Iterable[str]) -> str:
    text = "\n".join(items)
    return text and f"## {title}\n\n{text}"


def _head_lines(head: Mapping[str, tuple[Any, Any]]) -> Iterator[str]:
    for key, (old, new) in head.items():
        yield f"- {key.capitalize()}: {_word_by_word(_plain(old), _plain(new))}"


def _told(behavior: Behavior) -> str:
    lines = [f"- {_bold(behavior.name)}{_in_topic(behavior)}: {_escaped(behavior.instruction)}"]
    lines += [
        f"  - {SAID[name]}: {_escaped(_plain(value))}"
        for name in ("avoid_when", "tags")
        if (value := getattr(behavior, name))
    ]
    return "\n".join(lines)


def _told_pair(old: Behavior, new: Behavior, names: tuple[str, ...]) -> str:
    lines = [f"- {_bold(new.name)}{_in_topic(new)}"]
    for name in names:
        before, after = (_plain(getattr(one, name)) for one in (old, new))
        if before != after:
            lines.append(f"  - {SAID[name]}: {_word_by_word(before, after)}")
    return "\n".join(lines)


def _plain(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else value or ""


def _in_topic(behavior: Behavior) -> str:
    topic = _escaped(behavior.topic)
    return topic and f" ({topic})"


def _bold(text: str) -> str:
    return f"**{_escaped(text)}**"


def _word_by_word(old: str, new: str) -> str:
    """Marks stand around whole words, or Markdown does not see them beside punctuation."""
    old, new = _one_line(old), _one_line(new)
    if old == new:
        return f"{_marked(new)} (only spaces or invisible characters differ)"
    looks = {"same": "{}", "gone": "~~{}~~", "new": "**{}**"}
    pieces = [(how, text.strip()) for how, text in word_diff(old, new, words=COARSE)]
    return " ".join(looks[how].format(_marked(text)) for how, text in pieces if text)


def _escaped(text: str) -> str:
    return _marked(_one_line(text))


def _marked(text: str) -> str:
    return _MARK.sub(lambda mark: _ENTITIES.get(mark[0], f"\\{mark[0]}"), text)


def _one_line(text: str) -> str:
    return " ".join(_CONTROL.sub("", text).split())


def _pairs_by_id(olds: Iterable[Behavior], news: Iterable[Behavior]) -> list[Pair]:
    by_id = {behavior.id: behavior for behavior in news}
    return [(behavior, by_id[behavior.id]) for behavior in olds if behavior.id in by_id]


def _pairs_by_text(olds: Iterable[Behavior], news: Iterable[Behavior]) -> list[Pair]:
    by_name = {behavior.name: behavior for behavior in news}
    pairs = [(old, by_name.pop(old.name)) for old in olds if old.name in by_name]
    named = {old.id for old, _ in pairs}
    by_text: dict[str, list[Behavior]] = {}
    for behavior in by_name.values():
        by_text.setdefault(plain(behavior.instruction), []).append(behavior)
    for old in olds:
        if old.id not in named and (alike := by_text.get(plain(old.instruction))):
            pairs.append((old, alike.pop(0)))
    return pairs


def _merges(gone: Iterable[Behavior], new: State) -> list[Pair]:
    """Each with the accepted one it ended up in, by way of others if need be."""
    pairs = []
    for behavior in gone:
        way, last = {behavior.id}, new.behaviors.get(behavior.id)
        while last and last.merged_into and last.merged_into not in way:
            way.add(last.merged_into)
            last = new.behaviors.get(last.merged_into)
        if last and last.id != behavior.id and last.status == "accepted":
            pairs.append((behavior, last))
    return pairs


def _changed(pairs: Iterable[Pair], names: tuple[str, ...]) -> list[Pair]:
    return _sorted(
        (old, new)
        for old, new in pairs
        if any((getattr(old, name) or None) != (getattr(new, name) or None) for name in names)
    )


def _sorted(pairs: Iterable[Pair]) -> list[Pair]:
    return sorted(pairs, key=_in_file_order)


def _in_file_order(pair: Pair) -> tuple[str, ...]:
    old, new = pair
    return (new.topic, new.name, old.topic, old.name)


def _record(number: int, row: files.Row) -> Behavior:
    return Behavior(
        id=number,
        handbook_id=0,
        status="accepted",
        merged_into=None,
        marks=row.marks,
        apart=[],
        source_model="",
        source_correct=None,
        extra=row.model_extra or {},
        version=1,
        created=now(),
        changed=now(),
        by="",
        **{name: getattr(row, name) for name in files.ROW_KEYS},
    )


def _text(behavior: Behavior) -> dict[str, Any]:
    names = ("id", "name", "instruction", "topic", "avoid_when", "tags")
    return {name: getattr(behavior, name) for name in names}


def _as_pair(pair: Pair, first: str, second: str) -> Mapping[str, Any]:
    return {first: _text(pair[0]), second: _text(pair[1])}
