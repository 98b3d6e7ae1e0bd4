"""`report`: what an evaluation came to, on the screen or as files."""

import csv
import json
from pathlib import Path
from typing import Any

import click

from core.cli.output import as_json_option, counted, show, workbench
from core.errors import BadInput
from core.evaluation.report.document import report as document_of
from core.evaluation.report.page import page
from core.evaluation.report.tables import flips_table, table


@click.command()
@click.argument("run", type=int)
@click.option("--html", type=click.Path(path_type=Path), help="Write a page that opens offline.")
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), help="Write the figures.")
@click.option("--flips", type=click.Path(path_type=Path), help="Write the flips, as CSV.")
@click.option("--export", type=click.Path(path_type=Path), help="Write all of it as JSON.")
@as_json_option
def report(
    run: int,
    html: Path | None,
    csv_file: Path | None,
    flips: Path | None,
    export: Path | None,
    as_json: bool,
) -> None:
    """The figures of an evaluation: accuracy against tokens, in pairs, with intervals."""
    with workbench() as app:
        made = document_of(app.store, run)
    try:
        if html:
            html.write_text(page(made), "utf-8")
        for path, rows in ((csv_file, table), (flips, flips_table)):
            if path:
                with path.open("w", encoding="utf-8", newline="") as written:
                    csv.writer(written).writerows(rows(made))
        if export:
            export.write_text(json.dumps(made, ensure_ascii=False), "utf-8")
    except OSError as error:
        raise BadInput(f"{error.filename} cannot be written: {error.strerror}.") from error
    show(made, as_json, report_lines(made))


def report_lines(made: dict[str, Any]) -> list[str]:
    lines = [f"Run {made['run']}: {made['title']}, {made['status']}. {made['note']}".rstrip(), ""]
    lines += [_arm_line(one) for one in made["arms"]]
    said = [*made["verdicts"], *made["contrast_verdicts"]]
    lines += ["", *(one["sentence"] for one in said)]
    return [*lines, "", *made["limits"]]


def _arm_line(one: dict[str, Any]) -> str:
    accuracy = "not graded" if one["accuracy"] is None else f"{one['accuracy']:.1%} right"
    tokens = one["output_tokens"]
    written = "tokens unknown" if tokens is None else f"{tokens:,.0f} tokens"
    f1 = "" if one["f1"] is None else f", token F1 {one['f1']:.1%}{_between(one['f1_interval'])}"
    return (
        f"{one['arm']} at {one['budget']:,}: {accuracy}{_between(one['accuracy_interval'])}{f1}, "
        f"{written}; of {counted(one['samples'], 'sample')} on {counted(one['n'], 'problem')} "
        f"{one['cut_off']:,} cut off, {one['errors']:,} failed"
    )


def _between(interval: list[float] | None) -> str:
    return "" if interval is None else f" ({interval[0]:.1%} to {interval[1]:.1%})"
