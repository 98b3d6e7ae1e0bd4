"""The command line, thin over the functions the screens call too.

`--json` prints one document on standard output; everything else goes to standard error. It ends
with 0 when done, 2 on wrong use or bad input, 1 on anything else, also if items of a run failed.
"""

import logging
import sys

import click

from core.cli.bench import bench
from core.cli.compare import compare
from core.cli.evaluate import evaluate
from core.cli.grade import grade
from core.cli.handbook import handbook
from core.cli.logs import logs
from core.cli.models import models
from core.cli.problems import problems
from core.cli.report import report
from core.cli.retrieve import retrieve
from core.cli.review import review
from core.cli.runs import runs
from core.cli.solve import solve
from core.errors import BadInput, VademecumError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def commands() -> None:
    """Build, curate and prove behavior handbooks for LLM reasoning."""


for command in (
    *(models, solve, handbook, review, retrieve, compare, grade, evaluate, report),
    *(problems, logs, runs, bench),
):
    commands.add_command(command)


def main() -> None:
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    try:
        commands.main(prog_name="python -m core", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except VademecumError as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(2 if isinstance(error, BadInput) else 1)
    except (click.Abort, KeyboardInterrupt):
        print("Stopped. `runs resume` goes on from here.", file=sys.stderr)
        sys.exit(1)
