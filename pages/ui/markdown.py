"""Model text on a screen: mathematics rendered on purpose, nothing else by accident.

Model output is untrusted. HTML stays text (Streamlit's default), images are never loaded, dollar
signs that are money stay dollar signs, and Streamlit's own colour and icon marks stay text.
"""

import re

from core.formulas import Token, tokens

_CODE = re.compile(r"(`[^`\n]+`)")
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!$<>|~:=])")


def model_markdown(text: str) -> str:
    """Markdown for `st.markdown` from what a model or a problem's author wrote."""
    out, end = [], 0
    for token in tokens(text):
        out += [_prose(text[end : token.start]), _rendered(token)]
        end = token.end
    return _without_images("".join([*out, _prose(text[end:])]))


def answer_markdown(answer: str) -> str:
    """A short answer: as mathematics where it holds LaTeX."""
    answer = " ".join(answer.split())
    if "$" not in answer and any(mark in answer for mark in "\\^_"):
        return _without_images(f"${answer}$")
    return model_markdown(answer)


def title_markdown(title: str) -> str:
    """One line, perhaps cut in the middle of a formula: whole formulas are rendered, and no other
    character has a meaning.
    """
    out, end = [], 0
    for token in tokens(title):
        if token.kind in ("inline", "display"):
            out += [escaped(title[end : token.start]), f"${token.source.strip()}$"]
            end = token.end
    return _without_images("".join([*out, escaped(title[end:])]))


def settled(text: str) -> tuple[str, str]:
    """A text that is still arriving: its complete paragraphs, and the rest to show as it is."""
    end = len(text)
    while (end := text.rfind("\n\n", 0, end)) >= 0:
        if _balanced(text[:end]):
            return text[:end], text[end:].lstrip("\n")
    return "", text


def escaped(text: str) -> str:
    """Text in which no character has a meaning in Markdown; line breaks are kept."""
    return _SPECIAL.sub(r"\\\1", text).replace("\n", "  \n")


def told(sentence: str) -> str:
    """A sentence of ours: as `escaped`, but what stands between backticks is code."""
    parts = _CODE.split(sentence)
    return "".join(part if at % 2 else escaped(part) for at, part in enumerate(parts))


def _rendered(token: Token) -> str:
    match token.kind:
        case "fence" | "code":
            return token.source
        case "drawing":
            return f"\n```asy\n{token.source.strip()}\n```\n"
        case "display":
            return _display(token.source, token.indent)
    return f"${token.source.strip()}$"


def _without_images(text: str) -> str:
    """No image anywhere: what we took for code or a formula, Markdown may read otherwise."""
    return text.replace("![", "! [")


def _display(formula: str, indent: str) -> str:
    """A formula on lines of its own, as deep as the list item it stands in."""
    lines = ["$$", *map(str.strip, formula.strip().splitlines()), "$$"]
    return "\n\n" + "\n".join(indent + line for line in lines if line) + "\n\n"


def _prose(text: str) -> str:
    text = text.replace("$", r"\$")
    text = re.sub(r":(?=[a-z][\w/+-]*[:\[])", r"\\:", text)
    return re.sub(r"(?m)^#{1,4} ", "##### ", text)


def _balanced(text: str) -> bool:
    """Whether no formula or block of code is open at the end."""
    return (
        text.count("```") % 2 == 0
        and text.count("$$") % 2 == 0
        and text.count(r"\[") <= text.count(r"\]")
        and text.count("[asy]") <= text.count("[/asy]")
    )
