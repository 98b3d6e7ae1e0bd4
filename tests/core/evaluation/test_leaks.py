"""The leak guard: what is the same in another dress is found, what only looks like it is not."""

import json
import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.evaluation.leaks import DEFAULT, KINDS, Leak, Leaks, find_leaks, made_from
from core.evaluation.leaks.answers import compared
from core.evaluation.leaks.concluding import concludes
from core.evaluation.leaks.text import Text
from core.evaluation.leaks.wording import formulas, numbers, tokens
from core.evaluation.problems import NewProblem, read_file
from core.handbook import shelf
from core.store import Store
from core.store import behaviors as behavior_rows
from core.store import runs as run_rows
from core.store.records import Behavior, Problem, now
from tests.core.evaluation.planted_leaks import (
    ANSWERED,
    APART,
    CARRYING,
    CARRYING_LATER,
    REWORDED,
    REWORDED_LATER,
)
from tests.real_data import real_file

HANDBOOKS = Path(__file__).parents[3] / "handbooks"


def problem(number: int, text: str, gold: str | None = None, **extra: Any) -> Problem:
    return Problem(number, "", text, gold, "", extra)


def behavior(instruction: str, number: int = 1) -> Behavior:
    name = f"behavior_{number}"
    fields = (name, instruction, "", None, [], "accepted", None, {}, [], "", None, {}, 1)
    return Behavior(number, 1, *fields, now(), now(), "ann")


def kinds(found: Sequence[Leak]) -> list[str]:
    return [leak.kind for leak in found]


def beside(text: str, other: str) -> list[str]:
    return kinds(find_leaks([problem(1, text)], [problem(2, other)], []))


# Wording


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"Find $\dfrac{1}{2} \cdot x$.", "find 1/2 * x"),
        (r"\left( 3, \frac12 \right)", r"\[(3,\; \tfrac{1}{2})\]"),
        ("It costs $1,234,567.", r"it costs \$1{,}234{,}567"),
        ("Twenty-four of the ten", "24 of the 10"),
        ("one hundred fifty and two thousand five hundred one", "150 and 2501"),
        ("six hundred thirty of the nine thousand", "630 of the 9000"),
        ("x − y ≤ 3", r"$x-y \le 3$"),
        ("an angle of 30°", r"an angle of $30^\circ$"),
        ("the $100^{\\mbox{th}}$ term", "the 100 term"),
        (".50 percent", "0.5%"),
        (r"Sides $a$ \textbf{and} $b$ [asy]draw((0,1)--(2,3));[/asy]", "sides a and b"),
        ("ｘ＝½", "x = 1/2"),
    ],
)
def test_one_wording_in_two_dresses(one: str, other: str) -> None:
    assert tokens(one) == tokens(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x+1", "x-1"),
        ("12", "1 2"),
        ("1.5", "15"),
        ("a three", "a four"),
        ("twenty five and one", "20 and 51"),
        ("five hundred hundred", "50000"),
        ("数学", "数字"),
    ],
)
def test_two_wordings(one: str, other: str) -> None:
    assert tokens(one) != tokens(other)


@given(st.text(max_size=80))
def test_any_text_has_a_wording_that_dress_does_not_change(text: str) -> None:
    found = tokens(text)
    assert all(found)
    words = re.sub(r"\s", " ", text)
    assert tokens(f"  {words}\n") == tokens(words)
    made = Text(text)
    assert made.numbers <= made.all_numbers
    assert all(len(run) > 1 for run in made.runs)


def test_numbers_that_tell() -> None:
    assert numbers(tokens("1, 2, 3, 4, 5, 6, 7, 8, and 20")) == {"8", "20"}
    assert numbers(tokens("0, 1 and 2")) == set()
    assert numbers(tokens("3 of 4, then 0.5")) == {"3", "4", "0.5"}


def test_formulas_are_told_from_words() -> None:
    text = tokens("If ax^2 - bx = c is a line, what is a of the 3 parts?")
    assert formulas(text) == [["ax", "^", "2", "-", "bx", "=", "c"]]


# Problems


@pytest.mark.parametrize("planted", [*REWORDED, *REWORDED_LATER])
def test_a_reworded_problem_is_found(planted: Any) -> None:
    assert beside(planted.planted, planted.source) == ["near problem"]
    assert beside(planted.source, planted.planted) == ["near problem"]
    assert beside(planted.source, planted.source) == ["same problem"]


@pytest.mark.parametrize("kind", APART)
def test_a_problem_on_one_pattern_is_another(kind: str) -> None:
    one, other = APART[kind]
    (found,) = beside(one, other)
    assert found.endswith(kind)
    assert found not in DEFAULT
    assert found in KINDS


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("10,080", "10080", True),
        (r"\dfrac{1}{2}", "0.5", True),
        ("033", "33", True),
        ("(3, 4)", r"\left( 3, 4 \right)", True),
        ("-4", "4", False),
        (r"\frac38", r"\frac58", False),
        ("12", "12 ways", None),
        ("x+1", "1+x", None),
        ("", "", None),
        (None, "4", None),
        ("1/0", "2", None),
    ],
)
def test_whether_two_answers_are_one(one: str | None, other: str | None, same: bool | None) -> None:
    assert compared(one, other).same is same
    assert compared(other, one) == compared(one, other)


def test_a_common_answer_tells_more_the_rarer_it_is() -> None:
    told = [compared(answer, answer).telling for answer in ("2", "7", "48", "10081", "10081/7001")]
    assert told == sorted(told)
    assert told[0] < told[1] < told[3] == told[4]


def test_one_answer_tells_a_rewording() -> None:
    def found(gold: str | None, other_gold: str | None) -> set[str]:
        one, other = problem(1, ANSWERED.planted, gold), problem(2, ANSWERED.source, other_gold)
        return {*kinds(find_leaks([one], [other], []))} & set(DEFAULT)

    assert found("4802", "4802") == {"near problem"}
    assert found("4802", None) == found(None, None) == found("4802", "4803") == set()


@pytest.mark.parametrize(
    ("gold", "kind"), [("1", "near problem"), ("2", "same setting, other question")]
)
def test_two_answers_tell_two_problems(gold: str, kind: str) -> None:
    asked, known = problem(1, REWORDED[0].planted, "1"), problem(2, REWORDED[0].source, gold)
    assert kinds(find_leaks([asked], [known], [])) == [kind]
    verbatim = problem(3, known.text, "1")
    assert kinds(find_leaks([verbatim], [known], [])) == ["same problem"]


@pytest.mark.parametrize(
    ("one", "other", "gold"),
    [
        (r"Compute $\sin 0$.", r"Compute $\tan 0$.", "0"),
        (r"Compute $\sin 180^\circ$.", r"Compute $\tan 180^\circ$.", "0"),
        ("Which of these is a prime number?", "Which of these is a composite number?", "A"),
        (
            "小明有5个苹果，又买了3个，现在一共有几个苹果？",
            "小红有6个苹果，又买了2个，现在一共有几个苹果？",
            "8",
        ),
    ],
)
def test_one_answer_does_not_make_two_short_problems_one(one: str, other: str, gold: str) -> None:
    def found(text: str, beside_it: str) -> set[str]:
        leaks = find_leaks([problem(1, text, gold)], [problem(2, beside_it, gold)], [])
        return {*kinds(leaks)} & set(DEFAULT)

    assert found(one, other) == found(other, one) == set()
    assert found(one, one) == {"same problem"}


@pytest.mark.parametrize(
    ("gold", "kind"), [("48", "same setting, other question"), ("4812", "near problem")]
)
def test_a_long_answer_in_common_outweighs_words_for_what_is_asked(gold: str, kind: str) -> None:
    one = "A garden is 12 by 7. What is the total of its sides?"
    asked, known = problem(1, one, gold), problem(2, one.replace("total", "perimeter"), gold)
    assert kinds(find_leaks([asked], [known], [])) == [kind]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "Let $f(x) = 2x-3$ and $g(x) = x+1$. What is the value of $g(f(5)-1)$?",
            "Let $p(t) = 2t-3$ and $h(t) = t+1$. What is the value of $h(p(5)-1)$?",
        ),
        (
            "Simplify the expression $x - 2(1+x) + 3(1-x) - 4(1+2x)$.",
            "Simplify the expression $w - 2(1+w) + 3(1-w) - 4(1+2w)$.",
        ),
    ],
)
def test_variables_of_other_names_hide_nothing(one: str, other: str) -> None:
    assert beside(one, other) == ["near problem"]
    assert "near problem" not in beside(one, other.replace("5", "6").replace("4", "7"))


def test_another_drawing_is_another_problem() -> None:
    text = "What is the area of the shaded triangle in this diagram, in square units? "
    one, other = (f"{text}[asy]draw((0,0)--({n},{n * 7}));[/asy]" for n in (3, 11))
    assert beside(one, other) == ["same wording, other numbers"]
    assert beside(one, one) == ["same problem"]
    assert beside(one, text) == ["same problem"]


texts = st.sampled_from([planted.source for planted in (*REWORDED, *REWORDED_LATER)])


@given(text=texts, seed=st.integers(0, 1000))
def test_dress_never_hides_a_problem(text: str, seed: int) -> None:
    rng = random.Random(seed)
    dressed = re.sub(" ", lambda _: rng.choice([" ", "  ", "\n"]), text)
    dressed = dressed.replace("\\frac", rng.choice(["\\frac", "\\dfrac", "\\tfrac"]))
    dressed = rng.choice([str, str.upper, str.title])(dressed) if "\\" not in text else dressed
    assert beside(dressed, text) == ["same problem"]


@given(text=texts, number=st.integers(1000, 9999))
def test_other_numbers_are_never_the_same_problem(text: str, number: int) -> None:
    changed = re.sub(r"\d[\d,\\!]*", lambda _: str(number), text)
    assert "same problem" not in beside(changed, text) or tokens(changed) == tokens(text)


def test_questions_are_compared_without_their_paragraphs() -> None:
    paragraphs = "Paris\nParis is the capital of France.\n\n" * 5
    asked = ["What river runs through Paris?", "Who founded the oldest bank of Rome?"]
    one, other = (
        problem(n, f"{paragraphs}Question: {text}", question=text) for n, text in enumerate(asked)
    )
    assert find_leaks([one], [other], []) == []
    assert kinds(find_leaks([one], [problem(9, asked[0])], [])) == ["same problem"]


def test_countdown_puzzles_are_their_numbers() -> None:
    def puzzle(number: int, *numbers: int, target: int) -> Problem:
        text = f"Make {target} of {', '.join(map(str, numbers))}, each of them once."
        return problem(number, text, task="countdown", numbers=list(numbers), target=target)

    known = puzzle(1, 19, 36, 55, target=74)
    assert kinds(find_leaks([puzzle(2, 55, 19, 36, target=74)], [known], [])) == ["same problem"]
    for other in (puzzle(3, 19, 36, 55, target=72), puzzle(4, 19, 36, 56, target=74)):
        assert find_leaks([other], [known], []) == []


# Behaviors


@pytest.mark.parametrize("planted", [*CARRYING, *CARRYING_LATER])
def test_a_behavior_that_carries_a_problem_is_found(planted: Any) -> None:
    asked = problem(1, planted.problem, planted.answer)
    others = [problem(9 + n, one.source) for n, one in enumerate((*REWORDED, *REWORDED_LATER))]
    (leak,) = find_leaks([asked], others, [behavior(planted.instruction, 7)])
    assert (leak.kind, leak.behavior_id, leak.other_id) == ("behavior carries it", 7, None)
    assert planted.instruction[:40] in leak.evidence


def test_the_starter_handbooks_carry_none_of_these() -> None:
    asked = [
        problem(n, one.problem, one.answer) for n, one in enumerate((*CARRYING, *CARRYING_LATER))
    ]
    assert find_leaks(asked, [], _starters()) == []


@pytest.mark.parametrize(
    "instruction",
    [
        "When two circles are externally tangent, the distance of their centers is the sum of the "
        "radii; use a right triangle to find the common tangents.",
        "When ages leave the same remainder for several divisors, subtract it and take the least "
        "common multiple of the divisors 2, 3, 4 and 6.",
        "An angle of 60° or 180° in a triangle: use the law of cosines with area in 2 parts.",
    ],
)
def test_a_general_behavior_carries_nothing(instruction: str) -> None:
    asked = [problem(n, one.problem, one.answer) for n, one in enumerate(CARRYING)]
    assert find_leaks(asked, [], [behavior(instruction)]) == []


@pytest.mark.parametrize(
    "instruction",
    [
        "Any power of one is one, whatever the exponent, even 7381920465.",
        "When the exponent is as long as 7381920465, look for what does not change.",
    ],
)
def test_a_long_number_is_enough(instruction: str) -> None:
    asked = problem(1, "What is $1^{7381920465}$?", "1")
    assert kinds(find_leaks([asked], [], [behavior(instruction)])) == ["behavior carries it"]
    other = problem(1, "What is $1^{7381920466}$?", "1")
    assert find_leaks([other], [], [behavior(instruction)]) == []


@pytest.mark.parametrize(
    ("text", "instruction"),
    [
        (
            "A city has 1,000,000 people; 40% own a car. How many cars are there?",
            "To convert square kilometers to square meters, multiply by 1,000,000.",
        ),
        (
            "A man owes 100,000 dollars at 5% interest a year. What does he pay for one year?",
            "One lakh is 100,000: convert it first.",
        ),
    ],
)
def test_a_long_round_number_is_not_enough(text: str, instruction: str) -> None:
    assert find_leaks([problem(1, text)], [], [behavior(instruction)]) == []
    particular = [part.replace("000", "235") for part in (text, instruction)]
    found = find_leaks([problem(1, particular[0])], [], [behavior(particular[1])])
    assert kinds(found) == ["behavior carries it"]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("The two legs give tan A = 2.", "2"),
        ("Both digits are prime, so 4 times 4 = 16 numbers.", "16"),
        ("Add them: the shaded total of 10.", "10"),
        (r"Halve it, giving $\frac{3}{8}$ of the whole.", r"\frac38"),
        ("Sort first; the answer is Walls and Bridges.", "Walls and Bridges"),
    ],
)
def test_a_sentence_that_ends_with_the_answer(text: str, answer: str) -> None:
    assert concludes(Text(text), tokens(answer))


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("The two legs give tan A = 2 + x.", "2"),
        ("Take 16 of them and go on with the rest of the list.", "16"),
        ("Rule out 10.", "10"),
        ("The total is 110.", "10"),
        ("", "10"),
        ("The total is 10.", ""),
    ],
)
def test_a_number_on_the_way_is_no_conclusion(text: str, answer: str) -> None:
    assert not concludes(Text(text), tokens(answer))


# What follows


def test_leaks_are_counted_by_problem_and_excluded_by_choice() -> None:
    def leak(number: int, kind: Any) -> Leak:
        return Leak(number, kind, 9, None, "why", "text")

    found = Leaks(
        (
            leak(1, "near problem"),
            leak(1, "near problem"),
            leak(1, "same wording, other numbers"),
            leak(2, "same wording, other numbers"),
            leak(3, "behavior carries it"),
        ),
        problems=10,
    )
    assert found.counts() == {
        "same problem": 0,
        "near problem": 1,
        "behavior carries it": 1,
        "same wording, other numbers": 2,
        "same setting, other question": 0,
    }
    assert found.excluded() == {1, 3}
    assert found.excluded(["same wording, other numbers"]) == {1, 2}
    assert found.excluded([]) == set()


def test_nothing_leaks_from_nothing() -> None:
    one = problem(1, REWORDED[0].source)
    assert find_leaks([], [one], [behavior("Think.")]) == []
    assert find_leaks([one], [], []) == []
    assert find_leaks([problem(2, "?")], [problem(3, "!")], []) == []


def test_a_handbook_was_made_from_its_runs_and_its_sources(store: Store) -> None:
    mine, other = (shelf.create(store, slug, by="ann") for slug in ("mine", "other"))
    with store.write() as session:
        ids = [
            run_rows.keep_problem(text, None, "", {}, session=session)
            for text in ("One?", "Two?", "Three?")
        ]
        runs = [
            run_rows.add_run(
                kind="solve", title="", handbook_id=book.id, problem_ids=wanted, params={},
                prompts={}, code_version="", by="ann", session=session,
            )
            for book, wanted in ((mine, ids[:1]), (other, ids[1:]))
        ]  # fmt: skip
        trace = run_rows.add_trace(
            run_id=runs[1].id, problem_id=ids[1], arm="strategist", stage="extract", sample=0,
            attempt=0, endpoint="x", model="x", params={}, prompt_hash="", messages=[],
            session=session,
        )  # fmt: skip
        copied = behavior_rows.add_behavior(
            handbook_id=mine.id, name="behavior_x", instruction="Think.", topic="",
            status="accepted", by="ann", session=session,
        )  # fmt: skip
        behavior_rows.add_source(
            behavior_id=copied.id, trace_id=trace.id, stage="extract", session=session
        )
    assert [one.text for one in made_from(store, "mine")] == ["One?", "Two?"]
    assert [one.text for one in made_from(store, "other")] == ["Two?", "Three?"]


# Real problems


@pytest.fixture(scope="module")
def trained() -> list[Problem]:
    return _kept(read_file(real_file("math_train_sample.jsonl")), 10_000)


def _kept(read: Sequence[NewProblem], first: int) -> list[Problem]:
    return [problem(first + n, one.text, one.gold) for n, one in enumerate(read)]


def _starters() -> list[Behavior]:
    lines = [
        line
        for path in sorted(HANDBOOKS.glob("*/behaviors.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]
    return [behavior(json.loads(line)["instruction"], n) for n, line in enumerate(lines)]


def test_clean_problems_are_hardly_ever_flagged(trained: list[Problem]) -> None:
    """Of 770 two are flagged, both rightly: MATH has them nearly the same in train and test."""
    names = ("math500_dev.jsonl", "aime_2022_2025.jsonl", "gsm8k_sample.jsonl")
    clean = _kept([one for name in names for one in read_file(real_file(name))], 0)
    found = Leaks(tuple(find_leaks(clean, trained, _starters())), len(clean))
    flagged = [one.text for one in clean if one.id in found.excluded()]
    assert len(clean) == 770
    assert len(flagged) <= 2
    assert sum(found.counts().values()) <= 20


def test_planted_among_real_ones_are_found(trained: list[Problem]) -> None:
    planted = (*REWORDED, *REWORDED_LATER)
    sources = [problem(n, one.source) for n, one in enumerate(planted)]
    asked = [problem(1000 + n, one.planted) for n, one in enumerate(planted)]
    found = find_leaks(asked, [*trained, *sources], _starters())
    hits = {leak.problem_id - 1000 for leak in found if leak.other_id == leak.problem_id - 1000}
    assert hits == set(range(len(planted)))


def test_carriers_among_real_ones_are_found(trained: list[Problem]) -> None:
    planted = (*CARRYING, *CARRYING_LATER)
    asked = [problem(n, one.problem, one.answer) for n, one in enumerate(planted)]
    held = [behavior(one.instruction, 1000 + n) for n, one in enumerate(planted)]
    found = find_leaks([*asked, *trained], [], [*held, *_starters()])
    carried = [leak for leak in found if leak.problem_id < 1000]
    assert {leak.problem_id for leak in carried} == set(range(len(planted)))
    assert all(leak.behavior_id == 1000 + leak.problem_id for leak in carried)
    # Behaviors made of one problem hardly ever look as if they were made of another.
    assert len({leak.problem_id for leak in found}) - len(planted) <= 5
