"""The prompts of the three stages, from a problem and the texts of the stages before."""

from core import prompts
from core.llm.chat import Message
from core.store.records import Problem, Stage


def messages(stage: Stage, problem: Problem, texts: dict[Stage, str]) -> list[Message]:
    """What a stage is asked. `texts` holds the final texts of the stages before it."""
    match stage:
        case "solve":
            return prompts.load("solve").messages(problem=problem.text)
        case "reflect":
            return prompts.load("reflect").messages(problem=problem.text, solution=texts["solve"])
        case "extract":
            return prompts.load("extract").messages(
                problem=problem.text, solution=texts["solve"], reflection=texts["reflect"]
            )
