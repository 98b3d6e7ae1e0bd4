"""Import: a file is read, what it would do is shown row by row, and only then it is done."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from core.handbook import files, importing, shelf
from core.handbook.importing import Imported, Met, Preview
from pages.ui import services
from pages.ui.diffs import diff_markdown
from pages.ui.errors import shown_errors
from pages.ui.handbook_choice import open_handbook
from pages.ui.state import curator

SHOWN = 200
NEW_HANDBOOK = "a new handbook"


@st.dialog("Import", width="large", icon=":material/upload:")
def import_dialog(slug: str) -> None:
    uploads = st.file_uploader(
        "A handbook file, or handbook.yaml together with behaviors.jsonl",
        ["jsonl", "json", "csv", "md", "markdown", "yaml", "yml"],
        accept_multiple_files=True,
        key="import_files",
        max_upload_size=files.MAX_BYTES // 1_000_000,
    )
    if not uploads:
        st.caption(
            "JSON Lines, JSON (name: instruction), CSV, or a Markdown list. Nothing is written "
            "before you have seen what it would do."
        )
        return
    with shown_errors():
        read = files.read_uploads({upload.name: upload.getvalue() for upload in uploads})
        _draw_import(read, slug, uploads[0].name)


def _draw_import(read: files.HandbookFile, slug: str, file_name: str) -> None:
    target, read = _draw_target(read, slug)
    preview = importing.preview(services.app().store, target, read)
    taken = _draw_preview(preview)
    status = st.segmented_control(
        "New ones come in as",
        ["accepted", "proposed"],
        default="accepted",
        required=True,
        key="import_status",
    )
    number = len(preview.new) + len(taken)
    if st.button(
        f"Import {number:,}",
        type="primary",
        disabled=not number,
        key="import_do",
        icon=":material/upload:",
    ):
        done = importing.import_read(
            services.app().store,
            target,
            read,
            by=curator(),
            why=file_name,
            status=status,
            replace=taken,
        )
        st.session_state["handbook_said"] = told(done)
        open_handbook(target)
        st.rerun()


def _draw_target(read: files.HandbookFile, slug: str) -> tuple[str, files.HandbookFile]:
    """The slug to import into, and the file under the title that was typed for a new one."""
    slugs = [summary.handbook.slug for summary in shelf.summaries(services.app().store)]
    into, title = st.columns(2)
    options = [*slugs, NEW_HANDBOOK]
    chosen = into.selectbox(
        "Into",
        options,
        index=options.index(slug) if slug in options else len(slugs),
        key="import_into",
    )
    if chosen != NEW_HANDBOOK:
        return chosen, read
    typed = title.text_input("Title of the new handbook", read.head.title, key="import_title")
    head = read.head.model_copy(update={"title": typed.strip()})
    return shelf.slug_for(typed), replace(read, head=head)


def _draw_preview(preview: Preview) -> set[str]:
    """The groups with their numbers; gives the names that take the file's text."""
    groups = {
        f"{len(preview.new):,} new": lambda: _draw_new(preview.new),
        f"{len(preview.changed):,} changed": lambda: None,
        f"{len(preview.clashing):,} clashing": lambda: None,
        f"{len(preview.same):,} there already": lambda: _draw_names(preview.same),
        f"{len(preview.bad):,} bad": lambda: _draw_bad(preview.bad),
    }
    tabs = st.tabs(list(groups))
    for tab, draw in zip(tabs, groups.values(), strict=True):
        with tab:
            draw()
    with tabs[1]:
        changed = _draw_met(preview.changed, "The same name, reworded or with another topic.", "c")
    with tabs[2]:
        clashing = _draw_met(preview.clashing, "The same name for something else.", "x")
    return changed | clashing


def _draw_new(rows: Sequence[files.Row]) -> None:
    unwritten = sum("unwritten" in row.marks for row in rows)
    if unwritten:
        st.caption(
            f"{unwritten:,} came without an instruction; their names stand in for one. They come "
            "in as proposals, marked."
        )
    _table(
        {
            "Name": [row.name for row in rows[:SHOWN]],
            "Instruction": [row.instruction for row in rows[:SHOWN]],
            "Topic": [row.topic for row in rows[:SHOWN]],
        },
        len(rows),
    )


def _draw_names(met: Sequence[Met]) -> None:
    _table({"Name": [one.row.name for one in met[:SHOWN]]}, len(met))


def _draw_bad(bad: Sequence[files.BadRow]) -> None:
    _table(
        {
            "Where": [f"{row.unit} {row.line}" for row in bad[:SHOWN]],
            "Why it is left out": [row.why for row in bad[:SHOWN]],
        },
        len(bad),
    )


def _draw_met(met: Sequence[Met], what: str, key: str) -> set[str]:
    if not met:
        st.caption("None.")
        return set()
    st.caption(f"{what} Yours stay as they are, unless you choose the file's.")
    everything = st.checkbox(f"Take the file's text for all {len(met):,}", key=f"import_all_{key}")
    if everything:
        return {one.row.name for one in met}
    taken = set()
    for one in met[:SHOWN]:
        if st.checkbox(f"`{one.row.name}`", key=f"import_{key}_{one.behavior.id}"):
            taken.add(one.row.name)
        st.markdown(diff_markdown(one.behavior.instruction, one.row.instruction))
        if one.behavior.topic != one.row.topic:
            st.caption(f"topic: {diff_markdown(one.behavior.topic, one.row.topic)}")
    return taken


def _table(columns: dict[str, list[Any]], total: int) -> None:
    if not total:
        st.caption("None.")
        return
    st.dataframe(columns, hide_index=True, height=260, alt="Rows of the file")
    if total > SHOWN:
        st.caption(f"The first {SHOWN} of {total:,}.")


def told(done: Imported) -> str:
    """One sentence on what an import did."""
    facts = [f"{len(done.added):,} added"]
    facts += [f"{len(done.proposed):,} proposed"] if done.proposed else []
    facts += [f"{len(done.replaced):,} replaced"] if done.replaced else []
    facts += [f"{len(done.clashing):,} left as they were"] if done.clashing else []
    facts += [f"{len(done.bad):,} bad rows left out"] if done.bad else []
    return f"Imported into {done.handbook.title}: {', '.join(facts)}. One undo takes it back."
