"""Right or wrong, and who decided: one small table for each kind of answer."""

import pytest

from core.evaluation.grading import Grade, Options, Task, grade, grade_answer

# (answer, gold)
SAME_WRITING = [
    ("42", "42"),
    (" 42. ", "42"),
    ("\\dfrac{1}{2}", "\\frac{1}{2}"),
    ("\\frac12", "\\frac{1}{2}"),
    ("\\left( 1, 2 \\right)", "(1,2)"),
    ("10,000", "10000"),
    ("1,234,567.5", "1234567.5"),
    ("x \\ge 3", "x\\geq3"),
    ("x ≥ 3", "x\\ge 3"),
    ("\\text{Evelyn}", "\\text{Evelyn}"),
    ("1 \\frac{1}{2}", "1\\frac{1}{2}"),
    ("\\$10", "10"),
    ("74°", "74^\\circ"),
    ("20:34:00", "20:34"),
    ("1{,}000", "1000"),
    ("√2", "\\sqrt{2}"),
    ("√(x+1)", "\\sqrt{x+1}"),
    ("½", "\\frac12"),
    ("\\emptyset", "\\varnothing"),
    ("1,2,\\ldots,10", "1, 2, ..., 10"),
    ("1,2,\\cdots,10", "1,2,\\dots,10"),
    ("5:30\\text{ p.m.}", "5:30 PM"),
    ("08:34 \\text{P.M.}", "20:34"),
    ("12:00 AM", "00:00"),
]
SAME_NUMBER = [
    ("0.5", "\\frac{1}{2}"),
    (".5", "1/2"),
    ("\\frac{2}{4}", "\\frac12"),
    ("3 \\frac{1}{2}", "\\frac{7}{2}"),
    ("1 1/2", "1.5"),
    ("-1 1/2", "-1.5"),
    ("4 + 4/9", "40/9"),
    ("1.2 \\times 10^{3}", "1200"),
    ("3.54e-07", "3.54*10^{-7}"),
    ("10^3", "1000"),
    ("33.5\\%", "0.335"),
    ("50\\%", "50"),
    ("4 4/9 percent", "40/900"),
    ("28 percent", "28\\%"),
    ("3.14159", "3.1416"),
    ("0.33333", "1/3"),
    ("10 square units", "10"),
    ("10\\text{ cm}^2", "10"),
    ("5 million", "5000000"),
    ("5 dollars", "\\$5"),
    ("74^\\circ", "74"),
    ("90 degrees", "90°"),
    ("2,74", "2.74"),
    ("0,111", "0.111"),
    ("1 000 000", "1,000,000"),
    ("−7", "-7.0"),
    ("½", "1/2"),
    ("2½", "2.5"),
    ("0.\\overline{3}", "1/3"),
    ("0.\\overline{27}", "3/11"),
    ("-0.1\\overline{6}", "-1/6"),
    ("33.\\bar{3}\\%", "1/3"),
]
OTHER_NUMBER = [
    ("41", "42"),
    ("-42", "42"),
    ("11/2", "1 1/2"),
    ("0.333", "\\frac{1}{3}"),
    ("3.14", "3.14159"),
    ("1000.95", "1000.99"),
    ("12345.4", "12345"),
    ("0.0000002", "0.0000001"),
    ("11 7/6", "11"),
    ("1 000 0/0", "1000"),
    ("4 4/9 percent", "40/9"),
    ("5 m", "5 cm"),
    ("5 cm^2", "5 cm"),
    ("5 million", "5"),
    ("0.\\overline{3}", "0.33"),
    ("75", "0.80"),
    ("1000000000000000000000000000001", "1000000000000000000000000000000"),
]
BY_MATH_VERIFY = [
    ("x = 5", "5"),
    ("2", "2 = y"),
    ("\\sqrt{8}", "2\\sqrt{2}"),
    ("(x+1)^2", "x^2+2x+1"),
    ("y = 2x + 3", "f(x) = 3 + 2x"),
    ("1/3, 1.732, 3.1416", "\\frac13, \\sqrt3, \\pi"),
    ("(3*sqrt(5))/7", "\\frac{3\\sqrt{5}}{7}"),
    ("√8", "2√2"),
    ("x=\\frac{3\\pm\\sqrt{17}}{4}", "\\frac{3\\pm\\sqrt{17}}{4}"),
    ("x=\\frac{3\\pm\\sqrt{17}}{4}", "\\frac{3+\\sqrt{17}}{4}, \\frac{3-\\sqrt{17}}{4}"),
    ("\\{0, \\pm\\sqrt{8}\\}", "-2\\sqrt{2}, 0, 2\\sqrt{2}"),
]
NOT_BY_MATH_VERIFY = [
    ("x = 2", "z = 2"),
    ("x^2+1", "x^2+2x+1"),
    ("(1,200)", "(1200)"),
    ("1.41", "\\sqrt{2}"),
    ("32, 349", "32349"),
    ("5:30", "5:30 PM"),
    ("x=\\frac{3\\pm\\sqrt{17}}{4}", "\\frac{3+\\sqrt{17}}{4}"),
    ("???", "42"),
]
SAME_STRUCTURE = [
    ("\\{3, 2, 1\\}", "\\{1,2,3\\}"),
    ("3, 1 and 2", "1,2,3"),
    ("1; 2", "2, 1"),
    ("(0.5, 2)", "(1/2, 2)"),
    ("[0, 0.5)", "[0, 1/2)"),
    ("(-\\infty,-8.0)\\cup (8,\\infty)", "(8,\\infty) \\cup (-\\infty,-8)"),
    ("\\pm 2021", "{-2021, 2021}"),
    ("(p,q) = (3.0, 2)", "(3, 2)"),
    ("\\begin{matrix} \\frac12 \\\\ 1 \\end{matrix}", "[0.5, 1]"),
    (
        "\\begin{pmatrix} 1 & 0.5 \\\\ 3 & 4 \\end{pmatrix}",
        "\\begin{bmatrix}1&1/2\\\\3&4\\end{bmatrix}",
    ),
]
OTHER_STRUCTURE = [
    ("(2,1)", "(1,2)"),
    ("(0, 2)", "(0, 1)"),
    ("\\{1, 2, 4\\}", "\\{1,2,3\\}"),
    ("\\{1, 2\\}", "\\{1,2,3\\}"),
    ("\\begin{pmatrix}1 & 2\\\\3 & 5\\end{pmatrix}", "\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}"),
]
BY_NAME: dict[str, list[tuple[str, str, bool]]] = {
    "exact": [(*pair, True) for pair in SAME_WRITING],
    "number": [
        *((*pair, True) for pair in SAME_NUMBER),
        *((*pair, False) for pair in OTHER_NUMBER),
    ],
    "structure": [
        *((*pair, True) for pair in SAME_STRUCTURE),
        *((*pair, False) for pair in OTHER_STRUCTURE),
    ],
    "math-verify": [
        *((*pair, True) for pair in BY_MATH_VERIFY),
        *((*pair, False) for pair in NOT_BY_MATH_VERIFY),
    ],
    "choice": [
        ("\\text{(B)}", "B", True),
        ("(B) 42", "B", True),
        ("**B.**", "(B)", True),
        ("option b", "B", True),
        ("C", "B", False),
    ],
    "text": [
        ("evelyn", "\\text{Evelyn}", True),
        ("$Even$", "\\text{even}", True),
        ("The cat!", "cat", True),
        ("Yes, because it is even.", "yes", True),
        ("True", "yes", True),
        ("No", "\\text{yes}", False),
        ("\\text{odd one}", "\\text{even one}", False),
        ("m", "M", False),
        ("(a)", "\\text{A}", False),
    ],
}
CASES = [(name, *case) for name, cases in BY_NAME.items() for case in cases]


@pytest.mark.parametrize(("grader", "answer", "gold", "correct"), CASES)
def test_who_decides_and_how(grader: str, answer: str, gold: str, correct: bool) -> None:
    assert grade_answer(answer, gold) == Grade(answer.strip(), correct, grader)
    assert grade(f"So it is $\\boxed{{{answer}}}$.", gold) == Grade(answer.strip(), correct, grader)


@pytest.mark.parametrize(("answer", "gold"), [("[0, 2)", "(0, 2)"), ("[0,2]", "(0,2)")])
def test_brackets_matter(answer: str, gold: str) -> None:
    assert grade_answer(answer, gold).correct is False


def test_a_backslash_at_the_end_is_no_part_of_the_answer() -> None:
    assert grade_answer("185\\", "185").grader == "exact"


@pytest.mark.parametrize("gold", [None, "", "  \n"])
def test_without_a_gold_answer_nothing_is_right_or_wrong(gold: str | None) -> None:
    assert grade("It is \\boxed{42}.", gold) == Grade("42", None, "none")
    assert grade("No answer here.", gold) == Grade(None, None, "none")


def test_no_answer_is_wrong() -> None:
    assert grade("We cannot know.", "42") == Grade(None, False, "no-answer")
    assert grade("It is \\boxed{4", "4") == Grade(None, False, "no-answer")
    assert grade_answer("  ", "4") == Grade(None, False, "no-answer")


def test_a_long_text_that_announces_nothing_gave_no_answer_unless_one_asks() -> None:
    """It may be a solution that was broken off: its last number is an answer by accident only."""
    broken_off = "We go on and on. " * 20 + "Then there are 42"
    assert grade(broken_off, "42").grader == "no-answer"
    assert grade(broken_off, "42", Task(options=Options(anywhere=True))).correct
    assert grade("There are 42", "42") == Grade("42", True, "exact")


def test_gold_answers_in_a_text_are_found_too() -> None:
    gold = "So the roots are \\(\\boxed{1}\\) and \\(\\boxed{-2}\\)."
    assert grade("\\boxed{-2, 1}", gold).correct
    assert grade("\\boxed{3}", "$3$").grader == "exact"


def test_a_text_that_is_the_gold_answer_is_right() -> None:
    gold = "$g(x) = x^a$ for some $a > 0$"
    assert grade(gold, gold) == Grade(gold, True, "exact")
    assert grade("The answer is 42!", "answer is 42").correct
    assert grade("The answer is 5!", "120").correct
    assert grade("\\boxed{5!}", "5").correct is False


def test_any_alias_will_do() -> None:
    task = Task(aliases=("NYC", "$8$"))
    assert grade_answer("nyc", "New York", task).correct
    assert grade_answer("8.0", "New York", task).correct
    assert not grade_answer("Boston", "New York", task).correct


CHOICES = [
    ("Let's see. It's not A, therefore I think it's B", "B", True),
    ("The answer is C not A", "C", True),
    ("réponse est C non A", "C", True),
    ("答案是D，不是B", "D", True),
    ("D. it can't be A or B", "D", True),
    ("C", "C Cecile", True),
    ("C", "(A) Cecile", False),
    ("I do not know", "A", False),
    ("\\boxed{b}", "B", True),
    ("\\boxed{\\text{(c)}}", "B", False),
    ("A is wrong.\n**Answer**: B", "B", True),
]


@pytest.mark.parametrize(("text", "gold", "correct"), CHOICES)
def test_choices(text: str, gold: str, correct: bool) -> None:
    assert grade(text, gold, Task("choice")).correct is correct


OPTIONS = [
    ({"include_percentage": True}, "0.5", "50", True),
    ({}, "0.5", "50", False),
    ({"precision": 3}, "0.333", "1/3", True),
    ({"strict": False}, "a+1", "b+1", True),
    ({}, "a+1", "b+1", False),
    ({"allow_set_relation_comp": True}, "1 < x < 2", "(1, 2)", True),
    ({"function": "reasoning_accuracy_reward"}, "It is \\boxed{4}", "4", False),
    ({"function": "reasoning_accuracy_reward"}, "Hm.</think>It is \\boxed{4}", "4", True),
    ({"reasoning_delimiters": ["</END>"]}, "\\boxed{4}</END>", "4", False),
    ({"reasoning_delimiters": ["</END>"]}, "Hm</END>\\boxed{4}", "4", True),
    ({"function": "compute_score"}, "\\boxed{4}" + " filler" * 50, "4", False),
    ({"strict_box_verify": True}, "The answer is 4", "4", False),
    ({"match_types": ["NativeLetters"]}, "So I say (B), at last", "B", True),
    ({"precision": "many", "strict": 3, "unknown": None}, "4", "4.0", True),
]


@pytest.mark.parametrize(("options", "text", "gold", "correct"), OPTIONS)
def test_options(options: dict[str, object], text: str, gold: str, correct: bool) -> None:
    assert grade(text, gold, Task().asked_for(options)).correct is correct
