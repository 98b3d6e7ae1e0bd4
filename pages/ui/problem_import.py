"""Taking in a problem set: how its rows are read is guessed, shown, and can be changed."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.errors import BadInput
from core.evaluation import problems, sets
from core.evaluation.problems import Columns, Mapped, Mapping, NewProblem, Rows, hugging_face
from pages.ui import services
from pages.ui.errors import shown_errors
from pages.ui.markdown import answer_markdown, escaped, model_markdown
from pages.ui.state import curator

BAD_SHOWN = 10
SOURCES = ("A file", "Hugging Face")
ASKED = "problems_asked"


@dataclass(frozen=True)
class Found:
    """Rows, what they are from, and what a set of them is called where nobody says otherwise."""

    rows: Rows
    source: str
    name: str
    split: str = ""


@st.dialog("Import problems", width="large", icon=":material/upload:")
def import_problems(chosen_key: str) -> None:
    """`chosen_key` is where the screen keeps the name of its chosen set: it becomes this one."""
    source = st.segmented_control(
        "From",
        SOURCES,
        default=SOURCES[0],
        required=True,
        key="problems_source",
        label_visibility="collapsed",
    )
    with shown_errors():
        found = _upload() if source == SOURCES[0] else _fetch()
        if found is not None:
            _draw_found(found, chosen_key)


def _upload() -> Found | None:
    file = st.file_uploader(
        "A file with one problem a row", ["jsonl", "json", "csv", "parquet"], key="problems_file"
    )
    if file is None:
        st.caption(
            "JSON Lines, JSON, CSV or Parquet. Sets that everybody uses are recognised: "
            + ", ".join(one.name for one in problems.MAPPINGS[:-1])
            + "."
        )
        return None
    rows = problems.read(file.name, file.getvalue())
    return Found(rows, file.name, file.name.rpartition(".")[0][:64] or "problems")


def _fetch() -> Found | None:
    """The part of a data set that was asked for last; typing another name fetches nothing yet."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        typed = st.text_input(
            "Data set",
            key="problems_hub",
            placeholder="owner/name, owner/name:split or owner/name/config:split",
        )
        if st.button("Fetch", icon=":material/cloud_download:", key="problems_fetch"):
            st.session_state[ASKED] = typed
    st.caption("From Hugging Face, or the mirror that HF_ENDPOINT names. Nothing of it is run.")
    asked = st.session_state.get(ASKED, "").strip()
    if not asked or asked != typed.strip():
        return None
    wanted = hugging_face.PREFIX + asked.removeprefix(hugging_face.PREFIX)
    rows, part = _fetched(hugging_face.address(wanted))
    return Found(rows, part.name, part.name[:64], part.split)


@st.cache_resource(max_entries=2, show_spinner="Fetching …")
def _fetched(wanted: hugging_face.Address) -> tuple[Rows, hugging_face.Address]:
    return hugging_face.fetch(wanted)


def _draw_found(found: Found, chosen_key: str) -> None:
    """How the rows are read, the first of them, and the button that takes them in."""
    if found.rows.note:
        st.caption(f":material/warning: {escaped(found.rows.note)}")
    guess = problems.guess_mapping(found.rows.rows, found.source)
    left, right = st.columns(2)
    name = left.text_input("Name of the set", found.name, key=f"problems_name_{found.source}")
    mapping = right.selectbox(
        "Read as",
        problems.MAPPINGS,
        problems.MAPPINGS.index(guess),
        format_func=lambda one: one.name,
        key=f"problems_mapping_{found.source}",
    )
    st.caption(escaped(mapping.about))
    columns = _choose_columns(found, mapping)
    if columns is None:
        st.caption(":material/arrow_upward: Say which column holds the problem.")
        return
    mapped = problems.map_rows(found.rows, mapping, columns)
    _draw_mapped(mapped)
    with st.container(horizontal=True, vertical_alignment="center"):
        wanted = st.button(
            f"Import {len(mapped.problems) - mapped.repeated:,}",
            type="primary",
            icon=":material/upload:",
            disabled=not mapped.problems,
            key="problems_do",
        )
        if mapped.problems and not wanted:
            draw_replaced(name, mapped.problems)
    if wanted:
        made = sets.import_set(
            services.app().store, name, mapped.problems, by=curator(), split=found.split
        )
        st.session_state[chosen_key] = made.name
        st.rerun()


def draw_replaced(name: str, found: Sequence[NewProblem]) -> None:
    """What an import of these would put aside."""
    if size := sets.replaced_by(services.app().store, name, found):
        held = f"{size:,} problem{'s' * (size != 1)}"
        st.caption(f":material/warning: replaces the set of this name ({held})")


def _choose_columns(found: Found, mapping: Mapping) -> Columns | None:
    """The guessed columns, to be changed; None where nobody knows which one holds the problem."""
    names = problems.column_names(found.rows.rows)
    try:
        guess = mapping.columns(found.rows.rows)
    except BadInput:
        guess = None
    parts = {"text": "Problems from", "gold": "Answers from", "topic": "Topics from"}
    chosen: dict[str, str | None] = {}
    for place, (part, label) in zip(st.columns(3), parts.items(), strict=True):
        name = getattr(guess, part, None)
        chosen[part] = place.selectbox(
            label,
            names,
            names.index(name) if name else None,
            key=f"problems_{part}_{found.source}_{mapping.name}",
            placeholder="no column",
        )
    text = chosen["text"]
    return Columns(text, chosen["gold"], chosen["topic"]) if text else None


def _draw_mapped(mapped: Mapped) -> None:
    if mapped.problems:
        first = mapped.problems[0]
        with st.container(border=True, height=240):
            st.caption("The first one, as it will be")
            st.markdown(model_markdown(first.text), anchors=False)
            facts = [escaped(first.topic)] if first.topic else []
            facts += [f"answer {answer_markdown(first.gold)}"] if first.gold else ["no answer"]
            st.caption(" · ".join(facts))
    if mapped.repeated:
        rows = "1 row repeats" if mapped.repeated == 1 else f"{mapped.repeated:,} rows repeat"
        st.caption(f":material/info: {rows} another one: each problem is kept once.")
    if mapped.bad:
        with st.expander(f"Rows that are left out: {len(mapped.bad):,}", icon=":material/warning:"):
            for bad in mapped.bad[:BAD_SHOWN]:
                st.caption(f"Row {bad.number} {escaped(bad.why)}.")
            if len(mapped.bad) > BAD_SHOWN:
                st.caption(f"and {len(mapped.bad) - BAD_SHOWN:,} more")
