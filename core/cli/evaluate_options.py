"""What a person asked `evaluate` for: the options as they were given, and which of them count."""

from dataclasses import dataclass

import click
from click.core import ParameterSource

from core.errors import BadInput

# What `--resume` uses; a model only for the arms that are added.
RESUMING = {"run_id", "as_json", "arms", "budgets", "samples", "spend_at_most", "leaks"}


@dataclass(frozen=True)
class Asked:
    """The options as they were given; None where they were not."""

    problems: str | None
    slug: str | None
    model: str | None
    arms: str | None
    budgets: str | None
    samples: int | None
    limit: int | None
    draw: int
    leaks: str
    k: int | None
    at_least: float | None
    fixed: str | None
    spend_at_most: float | None
    forced: bool
    judge: str
    parts: bool
    curation: bool
    temperature: float
    top_p: float
    seed: int

    @property
    def chosen_budgets(self) -> tuple[int, ...] | None:
        if self.budgets is None:
            return None
        try:
            told = [one.replace("_", "") for one in self.budgets.split(",") if one.strip()]
            found = sorted({int(one) for one in told})
        except ValueError as error:
            raise BadInput(
                f"Budgets are whole numbers with commas between, not {self.budgets!r}."
            ) from error
        if not found:
            raise BadInput("Name at least one budget, as in --budgets 1024,2048.")
        return tuple(found)


def need_resuming_only(asked: Asked) -> None:
    """Raises where an option was given that `--resume` does not use."""
    context = click.get_current_context()
    used = RESUMING | ({"model"} if asked.arms else set())
    unused = [
        parameter.opts[0]
        for parameter in context.command.params
        if parameter.name not in used
        and context.get_parameter_source(parameter.name or "") is not ParameterSource.DEFAULT
    ]
    if unused:
        raise BadInput(
            f"--resume goes on with the run as it was begun, so leave out {', '.join(unused)}. "
            "What can be added: --arms (with --model for another one), --budgets, --samples, "
            "--spend-at-most; and --leaks keep."
        )
