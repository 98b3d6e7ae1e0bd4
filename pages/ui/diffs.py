"""Two wordings of a text, one over the other: what is gone struck out, what is new marked."""

from core.handbook.wording import word_diff
from pages.ui.markdown import escaped

LOOKS = {"same": "{}", "gone": ":red[~~{}~~]", "new": ":green[**{}**]"}


def diff_markdown(old: str, new: str) -> str:
    return "".join(_piece(how, text) for how, text in word_diff(old, new))


def _piece(how: str, text: str) -> str:
    """Marks touch the words, not the spaces around them, or Markdown does not see them."""
    core = text.strip()
    if not core:
        return text
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before}{LOOKS[how].format(escaped(core))}{after}"
