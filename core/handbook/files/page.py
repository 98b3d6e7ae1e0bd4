"""A Markdown page for people: what the handbook is, its topics, and each behavior in full.

The fields come from anybody. In them HTML and Markdown marks are escaped, so that a page shows what
was written and runs, loads and links nothing; only mathematics between dollar signs is meant. A
page is not read back: that is what the list in `core.handbook.files.markdown` is for.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from core.handbook.files.checks import one_line
from core.handbook.files.markdown import by_topic
from core.store.records import Behavior, Handbook

NO_TOPIC = "Without a topic"
# Money is no mathematics: no space inside the dollar signs, no digit behind them. Nor is anything
# with a backtick, which would begin code: Markdown looks for code first.
_INSIDE = r"(?:[^$`\\]|\\[^`])+"
_FORMULA = re.compile(
    rf"(?<![\\$])(?:\$\$(?!\$){_INSIDE}\$\$|\$(?![\s$]){_INSIDE}(?<!\s)\$)(?![\d$])"
)
# A space changes nothing in a formula, and parts what Markdown would take for HTML or for a link.
_HTML_OR_LINK = re.compile(r"(<)(?=[A-Za-z/!?])|(\])(?=[(\[])")
# Marks wherever they stand; an underscore unless it stands inside a word; a colon that may begin an
# address, an icon or an emoji; the dot of an address; what is a mark where a line begins.
_MARK = re.compile(
    r"[&<>\\`*#~$\[\]{}]|(?<![^\W_])_|_(?![^\W_])|:(?=\S)|(?<=\bwww)\.|\A[-+=]", re.IGNORECASE
)
_NUMBERED = re.compile(r"\A(\d{1,9})([.)])")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")


def text(handbook: Handbook, behaviors: Iterable[Behavior]) -> str:
    title = handbook.title if one_line(handbook.title) else handbook.slug
    topics = [(topic or NO_TOPIC, group) for topic, group in by_topic(behaviors)]
    contents, sections = _contents_and_sections(title, topics)
    blocks = [
        f"# {escaped(title)}",
        *map(escaped, re.split(r"\n\s*\n", handbook.description)),
        "\n".join(_facts(handbook, sum(len(group) for _, group in topics))),
        "## Contents" if topics else "",
        "\n".join(contents),
        *sections,
    ]
    return "\n\n".join(filter(None, blocks)) + "\n"


def escaped(text: str) -> str:
    """The text on one line, without any mark but the dollar signs of mathematics."""
    text = one_line(_CONTROL.sub("", text))
    parts, end = [], 0
    for formula in _FORMULA.finditer(text):
        parts += [_plain(text[end : formula.start()]), _parted(formula[0])]
        end = formula.end()
    return "".join([*parts, _plain(text[end:])])


def _plain(text: str) -> str:
    text = _MARK.sub(lambda mark: _ENTITIES.get(mark[0], f"\\{mark[0]}"), text)
    return _NUMBERED.sub(r"\1\\\2", text)


def _parted(formula: str) -> str:
    return _HTML_OR_LINK.sub(lambda found: f"{found[0]} ", formula)


def _facts(handbook: Handbook, count: int) -> Iterator[str]:
    facts = {
        "Language": handbook.language,
        "Licence": handbook.licence,
        "Authors": ", ".join(handbook.authors),
        "Made": handbook.made,
    }
    yield from (f"- {name}: {escaped(fact)}" for name, fact in facts.items() if one_line(fact))
    yield f"- Behaviors: {count}"


def _contents_and_sections(
    title: str, topics: list[tuple[str, list[Behavior]]]
) -> tuple[list[str], list[str]]:
    """Both at once: an anchor's name depends on all headings before it."""
    anchor = _anchors()
    for heading in (title, "Contents"):
        anchor(heading)
    contents, sections = [], []
    for topic, group in topics:
        contents.append(f"- [{escaped(topic)}](#{anchor(topic)}) ({len(group)})")
        sections.append(f"## {escaped(topic)}")
        for behavior in group:
            anchor(behavior.name)
            sections += _section(behavior)
    return contents, sections


def _section(behavior: Behavior) -> Iterator[str]:
    yield f"### {escaped(behavior.name)}"
    yield escaped(behavior.instruction)
    if behavior.avoid_when:
        yield f"Avoid when: {escaped(behavior.avoid_when)}"
    if tags := [escaped(tag) for tag in behavior.tags if one_line(tag)]:
        yield f"Tags: {', '.join(tags)}"


def _anchors() -> Callable[[str], str]:
    """Gives each heading the name that GitHub and its like give it; to be asked in their order."""
    used: Counter[str] = Counter()

    def anchor(heading: str) -> str:
        name = plain = re.sub(r"[^\w\- ]", "", one_line(heading).lower()).replace(" ", "-")
        while name in used:
            used[plain] += 1
            name = f"{plain}-{used[plain]}"
        used[name] = 0
        return name

    return anchor
