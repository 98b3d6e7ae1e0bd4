"""What holds of every number, list and text that is compared, whatever it looks like."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from core.evaluation.grading import grade_answer
from core.evaluation.grading.number import number, value_of
from core.evaluation.grading.structure import structure

numbers = st.fractions(max_denominator=10_000).filter(lambda value: abs(value) < 10**12)


def _disguises(value: Fraction) -> list[str]:
    sign, top, bottom = "-" * (value < 0), abs(value.numerator), value.denominator
    whole, rest = divmod(top, bottom)
    found = [
        f"{sign}{top}/{bottom}",
        f"{sign}\\frac{{{top}}}{{{bottom}}}",
        f"$\\dfrac{{{sign}{top}}}{{{bottom}}}$",
        f"\\frac{{{3 * top}}}{{{sign}{3 * bottom}}}",
        f"{sign}{top} / {bottom}\\text{{ km}}",
    ]
    if whole and rest:
        found += [f"{sign}{whole} {rest}/{bottom}", f"{sign}{whole}\\frac{{{rest}}}{{{bottom}}}"]
    if bottom == 1:
        found += [f"{sign}{top:,}", f"{sign}{top}.00", f"{sign}{top} apples", f"{sign}{top}."]
    return found


@given(value=numbers)
def test_a_number_is_itself_in_every_disguise(value: Fraction) -> None:
    for disguise in _disguises(value):
        found = number(disguise)
        assert found, disguise
        assert found.value == value, disguise
        assert grade_answer(disguise, str(value)).correct is True


@given(value=numbers, step=st.sampled_from([1, -1, Fraction(1, 7), 1000]))
def test_a_changed_number_is_never_equal(value: Fraction, step: Fraction) -> None:
    for disguise in _disguises(value + step):
        assert grade_answer(disguise, str(value)).correct is False


@given(digits=st.integers(1, 10**15), places=st.integers(1, 6))
def test_another_digit_is_another_decimal(digits: int, places: int) -> None:
    one, other = (f"{Decimal(d).scaleb(-places):.{places}f}" for d in (digits, digits + 1))
    assert grade_answer(one, other).correct is False


@given(parts=st.lists(st.integers(-999, 999), min_size=2, max_size=8), data=st.data())
def test_a_set_has_no_order_and_a_tuple_has(parts: list[int], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(parts))
    one, other = (", ".join(map(str, some)) for some in (parts, shuffled))
    assert grade_answer(f"\\{{{one}\\}}", f"\\{{{other}\\}}").correct is True
    assert grade_answer(f"({one})", f"({other})").correct is (parts == shuffled)


@given(text=st.text("0123456789+-*/^_{}()[]\\=,;.|&%xyπ$ \n\u2028\ud7ff", max_size=30))
def test_any_text_is_read_without_an_exception(text: str) -> None:
    structure(text)
    assert value_of(text) is None or isinstance(value_of(text), Fraction)
    assert grade_answer(text, text).correct is (True if text.strip() else None)
