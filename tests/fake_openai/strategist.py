"""Plays a sensible strategist: a boxed answer, a review, and behaviors that fit the problem."""

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from tests.fake_openai.reading import Asked, asked
from tests.fake_openai.replies import Reply, ThinkingForm

DEEDS = (
    ("group_equal", "group the equal ones before working out any of them"),
    ("name_unknown", "give the unknown quantity a letter and write down what is said of it"),
    ("draw_diagram", "draw a diagram and label every length that is known"),
    ("work_backwards", "start from the final state and undo one step after the other"),
    ("split_cases", "split it into cases that exclude each other and treat each alone"),
    ("look_symmetry", "look for a symmetry and treat only one of the mirrored halves"),
    ("bound_first", "find an upper and a lower bound before searching between them"),
    ("check_parity", "compare the parity of both sides before solving any further"),
)
THINGS = ("sums", "ratios", "angles", "remainders", "sequences", "intervals", "polygons", "digits")
SUM = re.compile(r"(\d+) \+ (\d+)")


@dataclass(frozen=True)
class Strategist:
    """An `answer` for the server. `delay` and `first_delay` as in `Reply`."""

    delay: float = 0.0
    first_delay: float = 0.0
    thinking_form: ThinkingForm | None = "reasoning_content"
    chunk_size: int = 5

    def __call__(self, body: dict[str, Any]) -> Reply:
        question = asked(body)
        if question is None:
            return self._reply(_plain(body))
        if question.stage == "solve":
            return self._reply(solution(question.problem), f"Let me see. {question.problem[:40]}")
        if question.stage == "reflect":
            return self._reply(review(question), "Was that solution any good?")
        return self._reply(_verdict() if question.stage == "judge" else listing(question.problem))

    def _reply(self, text: str, thinking: str = "") -> Reply:
        return Reply(
            text=text,
            thinking=thinking,
            thinking_form=self.thinking_form if thinking else None,
            chunk_size=self.chunk_size,
            delay=self.delay,
            first_delay=self.first_delay,
        )


def solution(problem: str) -> str:
    r"""Adds up "a + b"; every other problem has the answer 42."""
    found = SUM.search(problem)
    answer = int(found[1]) + int(found[2]) if found else 42
    return f"We look at what is given.\nEach step follows.\nThe answer is $\\boxed{{{answer}}}$."


def review(question: Asked) -> str:
    lines = [f"{name}: {instruction}" for name, instruction in behaviors(question.problem)]
    return "\n".join(["1. Correctness: the answer is right.", "3. New behaviors:", *lines])


def listing(problem: str) -> str:
    rows = [{"name": name, "instruction": text} for name, text in behaviors(problem)]
    return json.dumps({"behaviors": rows}, indent=1)


def behaviors(problem: str) -> list[tuple[str, str]]:
    """Two (name, instruction) pairs that depend on the problem, and on nothing else."""
    digest = hashlib.sha256(problem.encode()).digest()
    first = digest[0] % len(DEEDS)
    thing = THINGS[digest[1] % len(THINGS)]
    chosen = (DEEDS[first], DEEDS[(first + 1 + digest[2] % (len(DEEDS) - 1)) % len(DEEDS)])
    return [
        (f"behavior_{name}_{thing}", f"When a problem is about {thing}, {deed}.")
        for name, deed in chosen
    ]


def _plain(body: dict[str, Any]) -> str:
    """What a request gets that holds none of our prompts: a number, as JSON where it has to be."""
    return '{"answer": 42}' if "response_format" in body else "There are 42."


def _verdict() -> str:
    return json.dumps({"leak": False, "specific": False, "trivial": False})
