"""What a behavior's name and instruction must look like, and which marks a proposal can carry."""

import re
import unicodedata
from functools import lru_cache

NAME_RULE = re.compile(r"behavior_[a-z0-9]+(_[a-z0-9]+)*")
SLUG_RULE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
NAME_LENGTH = 64
SLUG_LENGTH = 64
INSTRUCTION_LENGTH = 500
# Mark -> what it tells a person.
MARKS = {
    "leak": "carries numbers, names or the answer of the problem",
    "specific": "restates the problem instead of a procedure",
    "trivial": "names an elementary operation everybody does anyway",
    "clash": "an accepted behavior has this name",
    "near-copy": "an accepted behavior says nearly the same",
    "rejected-before": "something like it was rejected; the wording differs",
    "unwritten": "came without an instruction of its own",
}


def name_fault(name: str) -> str | None:
    """Why this name will not do, or None."""
    if len(name) > NAME_LENGTH:
        return f"the name is longer than {NAME_LENGTH} characters"
    if not NAME_RULE.fullmatch(name):
        return "the name has to be behavior_ and words of a-z and 0-9 joined by underscores"
    return None


def line_fault(text: str, what: str) -> str | None:
    """Why this text cannot be an instruction or avoid_when, or None."""
    if not text.strip():
        return f"the {what} is empty"
    if len(text) > INSTRUCTION_LENGTH:
        return f"the {what} is longer than {INSTRUCTION_LENGTH} characters"
    if text.isprintable():  # quick, and most texts are
        return None
    categories = {unicodedata.category(character) for character in text}
    if categories & {"Cc", "Zl", "Zp"}:
        return f"the {what} has to be one line"
    if "Cs" in categories:
        return f"the {what} holds half a character"
    return None


def fault(name: str, instruction: str, avoid_when: str | None = None) -> str | None:
    """The first thing wrong with a behavior's text, or None."""
    return (
        name_fault(name)
        or line_fault(instruction, "instruction")
        or (line_fault(avoid_when, "avoid_when") if avoid_when else None)
    )


def slug_fault(slug: str) -> str | None:
    if len(slug) > SLUG_LENGTH or not SLUG_RULE.fullmatch(slug):
        return "a slug has at most 64 small letters, digits and single dashes, such as my-handbook"
    return None


def slug_of(title: str) -> str:
    """A slug made of a title: `Counting & more` -> `counting-more`."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:SLUG_LENGTH].strip("-")


@lru_cache(maxsize=1 << 17)
def normalised(text: str) -> str:
    """The text without case, accents, punctuation and extra spaces, for comparing."""
    if text.isascii():  # nearly all are, and this takes a tenth of the time
        return " ".join(re.findall(r"[a-z0-9]+", text.lower()))
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = "".join(part for part in parts if not unicodedata.combining(part))
    return " ".join(re.findall(r"[^\W_]+", plain))
