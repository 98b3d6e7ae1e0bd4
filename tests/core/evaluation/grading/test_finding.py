"""Where a text's final answer stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.evaluation.grading.boxes import last_boxed
from core.evaluation.grading.finding import final_answer
from core.evaluation.grading.values import unannounced

plain = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="{}\\"), max_size=8)
balanced = st.recursive(
    plain | st.sampled_from(["\\}", "\\{", "\\\\", "\\frac", "\\text "]),
    lambda inner: (
        st.lists(inner, max_size=3).map("".join) | inner.map(lambda text: "{" + text + "}")
    ),
    max_leaves=8,
)


@given(inside=balanced, before=plain, after=plain)
def test_the_inside_of_a_box_is_taken_whole(inside: str, before: str, after: str) -> None:
    found = last_boxed(f"{before}\\boxed{{{inside}}}{after}")
    assert found == (inside.strip() or None)


@given(first=balanced, last=balanced.filter(str.strip), between=plain)
def test_of_several_boxes_the_last_counts(first: str, last: str, between: str) -> None:
    text = f"\\boxed{{{first}}}{between} so \\boxed{{{last}}}"
    assert last_boxed(text) == last.strip()


@given(text=st.text() | balanced)
def test_any_text_has_an_answer_or_none(text: str) -> None:
    answer = final_answer(text)
    assert answer is None or (answer.strip() and answer in text)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (r"So $\boxed{\frac{1}{2}}$.", r"\frac{1}{2}"),
        (r"\boxed{\left\{ x : x^{2^{3}} > 0 \right\}}", r"\left\{ x : x^{2^{3}} > 0 \right\}"),
        (r"First \boxed{3}, no: \boxed{4}.", "4"),
        (r"\boxed{ 5 }", "5"),
        (r"\boxed {6}", "6"),
        (r"\boxed 7", "7"),
        (r"It is $\boxed 7$.", "7"),
        (r"\boxed\frac12", r"\frac12"),
        (r"\fbox{8}", "8"),
        (r"\fboxed{9}", "9"),
        (r"\boxed{\boxed{10}}", "10"),
        ("\\boxed{\n\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}\n}", None),
        (r"\boxed{\text{cut \} here}}", r"\text{cut \} here}"),
        (r"\boxed{1}, then cut off in \boxed{2", "1"),
        (r"\boxed{1}, then nothing in \boxed{}", "1"),
        (r"\(\boxed{1}\) and \(\boxed{-2}\).", "1, -2"),
        (r"$\boxed{1} \quad \text{or} \quad \boxed{2}$", "1, 2"),
        (r"\boxed{3}. So \boxed{3}", "3"),
        (r"\boxed{\frac{1}{2}", None),
        (r"\boxed{}", None),
        (r"\boxed", None),
        ("It is boxed{3}.", None),
        ("", None),
    ],
)
def test_boxes(text: str, answer: str | None) -> None:
    if "pmatrix" in text:
        answer = text.removeprefix("\\boxed{").removesuffix("}").strip()
    assert last_boxed(text) == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("The answer is 42.", "42"),
        ("the final answer is: $42$.", "42"),
        ("Final answer: **42**", "42"),
        ("**Final Answer:** 42", "42"),
        ("**Final Answer**\n42", "42"),
        ("**Answer**: 42", "42"),
        ("*Answer*: 42", "42"),
        ("__Answer__: 42", "42"),
        ("## Answer\n42", "42"),
        ("**Answer**\n\n42", "42"),
        ("**答案**：42", "42"),
        ("**Final Answer**: X", "X"),
        ("__Final Answer__\n\n42", "42"),
        ("The answer is **St. Louis**, as said.", "St. Louis"),
        ("The answer is 2**10 = 1024.", "2**10 = 1024"),
        ("The answer is therefore 42", "42"),
        ("The answer is, therefore, Paris.", "Paris"),
        ("The answer is approximately 3.14", "3.14"),
        ("The answer is clearly 42", "42"),
        ("The answer is about 42 dollars", "42 dollars"),
        ("The answer is about the French Revolution", "about the French Revolution"),
        ("### Final answer\n\n$\\frac{1}{2}$", r"\frac{1}{2}"),
        ("Answer: 3.5. That is all.", "3.5"),
        ("She sells 9 * 2 = <<9*2=18>>18 eggs.\n#### 18", "18"),
        ("#### $1,200", "1,200"),
        ("#### -3\n", "-3"),
        ("The answer is 3. Wait. The answer is 4.", "4"),
        ("The answer is 3. Wait. The answer is no.", "no"),
        ("Final answer: **42**\n\nSo the answer is consistent with the data.", "42"),
        ("Final answer: Paris\n\nThe answer is supported by 3 texts.", "Paris"),
        ("The answer is 3. Answer: the Battle of Hastings", "the Battle of Hastings"),
        ("Final Answer: The final answer is $5$. I hope it is correct.", "5"),
        ("The answer is 3, and in a box: \\boxed{4}", "4"),
        ("The answer is $\\frac{5}{6}$ of the cake.", "\\frac{5}{6}"),
        ("Final answer: the largest $n$ is 34.", "34"),
        ("The answer is 42 because the others are too small.", "42"),
        ("The answer is B because the others are too small.", "B"),
        ("<think>Is it 3?</think>The answer is 4.", "4"),
        ("<answer>54</answer>", "54"),
        ("<answer>It is $\\boxed{54}$.</answer>", "54"),
        ("La réponse est C.", "C"),
        ("因此，答案是D。", "D"),
        ("答案：每份应该是 (\\frac{2}{5}) 吨", "\\frac{2}{5}"),
        ("Answer: with 4 boxes of 3 each = 12 apples altogether.", "12"),
        ("Answer: the largest 3-digit number is 986.", "986"),
        ("Answer: she has to pay 220 dollars in 12 months.", "220"),
    ],
)
def test_announced_answers(text: str, answer: str) -> None:
    assert final_answer(text) == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("The answer is **5** and **-5**.", "5 and -5"),
        ("Answer: **4** or **6**", "4 or 6"),
        ("**Answer:** **2** hours **30** minutes", "2 hours 30 minutes"),
        ("Final answer: **a** = 2, **b** = 3", "a = 2, b = 3"),
        ("The final answer is **x** = 3.", "x = 3"),
        ("The answer is **x** = 2**3 + 2**2.", "x = 2**3 + 2**2"),
        ("The answer is **not** 5 but 6.", "not 5 but 6"),
        ("The answer is **5**, **6**.", "5, 6"),
        ("The answer is **St. Louis** and **Paris**. I am sure.", "St. Louis and Paris"),
    ],
)
def test_a_bold_part_is_not_the_whole_answer(text: str, answer: str) -> None:
    assert final_answer(text) == answer


@pytest.mark.parametrize(
    "after",
    [
        "",
        ".",
        ". 3 of them were checked.",
        ", as said.",
        " (the capital)",
        " (0.5 + 1)",
        " because 40 + 2 = 42.",
        ", which is large and old.",
        ", it was founded in 1923.",
    ],
)
@pytest.mark.parametrize("answer", ["St. Louis", "42"])
def test_what_follows_a_bold_answer_and_adds_none_is_left_out(answer: str, after: str) -> None:
    assert final_answer(f"The answer is **{answer}**{after}") == answer
    assert final_answer(f"The answer is **{answer}.** This is well known.") == answer


@pytest.mark.parametrize(
    "text",
    [
        "We add both numbers and get forty-two, which we wanted to show.",
        "The answer is that nobody can say, as the problem tells neither how large the circle is "
        "nor where its center lies.",
        "My answer depends on x.",
        "#### Step 1: read the problem",
        "#### 1. Reading the problem",
        "The final answer is $\\boxed{",
        "The final answer is \\boxed{\\frac{1}{2}",
        "The answer is 3.\nSo the final answer is:\n",
        "Final answer: .",
        "<think>The answer is 3.",
        "<answer>cut off",
    ],
)
def test_prose_and_what_was_cut_off_are_no_answer(text: str) -> None:
    assert final_answer(text) is None


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("It was 10, but now it is 1,000.99m²", "1,000.99"),
        ("353 g - 79 g = 274 g. Donc, il a déjà 79 g de cire.", "79"),
        ("12000升/40升/分钟=300分钟。因此，水池中水将在300分钟内被放完。", "300"),
        ("Here we have $x = 2$ and $y = 3$", "x = 2, y = 3"),
        ("It is \\( 9 \\).", "9"),
        ("First $7$, then 8.", "8"),
        ("half of it: 1/2", "1/2"),
        ("that makes 4 4/9 percent", "4 4/9 percent"),
        ("x2 and y3", None),
        ("no number", None),
    ],
)
def test_the_last_formula_or_number(text: str, answer: str | None) -> None:
    assert unannounced(text) == answer


@pytest.mark.parametrize(
    "part",
    [
        "\\boxed{",
        "\\boxed{1}",
        "<answer>",
        "answer is ",
        "$",
        "\\(",
        "{",
        "}",
        "#### 1",
        "(",
        "1 ",
        "**",
    ],
)
def test_a_long_text_takes_no_longer_than_its_length(part: str) -> None:
    """A quadratic search would take minutes over a megabyte; the test would run into its limit."""
    text = part * (1_000_000 // len(part))
    assert len(final_answer(text) or "") <= len(text)
    assert len(unannounced(text) or "") <= len(text)
