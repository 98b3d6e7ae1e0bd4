"""The tolerant parser: what comes out of tidy, untidy and hopeless replies."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import prompts
from core.handbook.rules import fault
from core.pipeline.extraction import SCHEMA, Candidate, Extraction, parse, tidy_name
from core.store.records import STAGES
from tests.core.handbook.strategies import json_values

ODD = "When a number is odd, subtract one before halving it."
EVEN = "When a number is even, halve it at once."
BOTH = [("behavior_make_even", ODD), ("behavior_halve_even", EVEN)]
TIDY = json.dumps({"behaviors": [{"name": name, "instruction": text} for name, text in BOTH]})
LIST = json.dumps([{"name": name, "instruction": text} for name, text in BOTH])
PROMPTS = tuple(prompts.load(stage).text for stage in STAGES)


def _pairs(extraction: Extraction) -> list[tuple[str, str]]:
    return [(candidate.name, candidate.instruction) for candidate in extraction.candidates]


REPLIES = {
    "as asked for": TIDY,
    "indented": json.dumps(json.loads(TIDY), indent=4),
    "in a fence": f"```json\n{TIDY}\n```",
    "in a bare fence": f"```\n{TIDY}\n```",
    "in a fence that stays open": f"```json\n{TIDY}",
    "with words around": f"Sure! Here are the behaviors:\n\n{TIDY}\n\nI hope this helps {{smile}}.",
    "with brackets before": f"As the review says [1], and for x in {{1, 2}}:\n{TIDY}",
    "with a set before": f"The digits {{3, 4, 5}} were used.\n{TIDY}",
    "with a list before": f"[Note] Behaviors follow.\n{TIDY}",
    "after thinking in JSON": f"{{}}\n[]\n{TIDY}",
    "a list": LIST,
    "a list of lists": f"[{LIST}]",
    "trailing commas": TIDY.replace("}]", "},]").replace("]}", "],}").replace('."}', '.",}'),
    "name -> text": json.dumps(dict(BOTH)),
    "behaviors: name -> text": json.dumps({"behaviors": dict(BOTH)}),
    "a list of name -> text": json.dumps([{name: text} for name, text in BOTH]),
    "behaviors in behaviors": json.dumps({"behaviors": {"behaviors": dict(BOTH)}}),
    "one object after another": "\n".join(json.dumps(each) for each in json.loads(LIST)),
    "objects joined by commas": ", ".join(json.dumps(each) for each in json.loads(LIST)),
    "a fence each": "\n".join(f"```json\n{json.dumps(each)}\n```" for each in json.loads(LIST)),
    "single quotes": TIDY.replace('"', "'"),
    "no quotes around keys": re.sub(r'"(behaviors|name|instruction)"', r"\1", TIDY),
    "other keys": LIST.replace('"name"', '"behavior"').replace('"instruction"', '"description"'),
    "titles": LIST.replace('"name"', '"title"').replace('"instruction"', '"text"'),
    "more keys": LIST.replace('"name"', '"id": 7, "why": "Because.", "name"'),
    "line ends inside": TIDY.replace(" before", "\\nbefore").replace(" at once", "\n\tat once"),
    "no prefix": TIDY.replace("behavior_", ""),
    "a British prefix": TIDY.replace("behavior_", "behaviour_"),
    "CamelCase": TIDY.replace("behavior_make_even", "MakeEven").replace(
        "behavior_halve_even", "behaviorHalveEven"
    ),
    "dashes and spaces": TIDY.replace("behavior_make_even", "Behavior-Make-Even").replace(
        "behavior_halve_even", "halve even"
    ),
    "markup in names": TIDY.replace("behavior_make_even", "**behavior_make_even**").replace(
        "behavior_halve_even", "`behavior_halve_even`"
    ),
    "cut off behind": TIDY[:-2],
    "cut off in the closing": TIDY[:-3],
    "a comma missing": TIDY.replace("}, {", "} {"),
    "comments": TIDY.replace("}, {", "}, // the next\n{"),
    "a byte order mark": "\ufeff" + TIDY,
}


@pytest.mark.parametrize("case", REPLIES)
def test_an_untidy_reply_is_read(case: str) -> None:
    extraction = parse(REPLIES[case])
    assert _pairs(extraction) == BOTH
    assert extraction.dropped == []


def test_what_was_whole_when_a_reply_was_cut_off_is_kept() -> None:
    for end in range(TIDY.index(ODD) + len(ODD) + 1, len(TIDY)):
        pairs = _pairs(parse(TIDY[:end]))
        assert pairs[0] == BOTH[0]
        for name, instruction in pairs[1:]:
            assert BOTH[1][0].startswith(name)
            assert EVEN.startswith(instruction)


@given(end=st.integers(0, len(TIDY)))
def test_a_reply_cut_off_anywhere_gives_nothing_new(end: int) -> None:
    for name, instruction in _pairs(parse(f"```json\n{TIDY[:end]}")):
        assert any(whole.startswith(name) and text.startswith(instruction) for whole, text in BOTH)


# LaTeX


LATEX = [
    r"When \frac{a}{b} is asked, cancel first.",
    r"When \times stands between \alpha and \beta, multiply.",
    r"If a \neq b, use \nu, \nabla and \not=.",
    r"Use \(x\) and \[y\], \{z\} and a \, b.",
    r"Write \binom{n}{k}, \bar{x}, \rho, \text{if}, \underline{u}, \right).",
    r"With $\sqrt{x^2}$ take \left| x \right|.",
    r"Take 5\% off, then \_ and \& and \#.",
]


@pytest.mark.parametrize("text", LATEX)
def test_latex_in_single_backslashes_is_kept(text: str) -> None:
    reply = f'{{"behavior_x": "{text}", "behavior_y": "{EVEN}"}}'
    assert _pairs(parse(reply)) == [("behavior_x", text), ("behavior_y", EVEN)]


@pytest.mark.parametrize("text", LATEX)
def test_latex_in_well_made_json_is_kept(text: str) -> None:
    assert _pairs(parse(json.dumps({"behavior_x": text}))) == [("behavior_x", text)]


def test_escapes_that_are_json_stay_escapes() -> None:
    reply = r'{"behavior_x": "First\nSecond\n\nThird \"so\" caf\u00e9 \/ done\t."}'
    assert _pairs(parse(reply)) == [("behavior_x", 'First Second Third "so" café / done .')]


# What is dropped, and why


def _dropped(reply: str, *texts: str) -> list[tuple[str, str]]:
    return [(gone.text, gone.why) for gone in parse(reply, texts).dropped]


@pytest.mark.parametrize(
    "reply",
    [
        *(
            "",
            "   \n",
            "I cannot do that.",
            "{",
            "[",
            "[]",
            "{}",
            "null",
            '{"behaviors": []}',
            "]}",
        ),
        *("```json\n```", "{{{{", "[1, 2, 3]", '["behavior_x"]', "\x00", "{'", '"', "\\"),
    ],
)
def test_nothing_at_all_is_said(reply: str) -> None:
    extraction = parse(reply)
    assert extraction.candidates == []
    assert [gone.why for gone in extraction.dropped] == ["no behaviors could be read in this reply"]


def test_a_name_that_comes_twice_is_kept_once() -> None:
    entries = [{"name": "behavior_x", "instruction": ODD}, {"name": "Behavior X", "text": EVEN}]
    extraction = parse(json.dumps(entries))
    assert _pairs(extraction) == [("behavior_x", ODD)]
    assert [(gone.text, gone.why) for gone in extraction.dropped] == [
        (f"Behavior X: {EVEN}", "the reply holds this name twice")
    ]


def test_the_example_of_the_prompt_is_no_behavior() -> None:
    example = re.search(r'(behavior_halve_\w+): ([^"\n]+\.)', "\n".join(PROMPTS))
    assert example, "the prompts have lost their example: this test needs another one"
    reply = json.dumps(
        {
            example[1]: "When told so, do it in your own words.",
            "behavior_own_name": example[2],
            "behavior_mine": ODD,
        }
    )
    assert _pairs(parse(reply)) == [
        (example[1], "When told so, do it in your own words."),
        ("behavior_own_name", example[2]),
        ("behavior_mine", ODD),
    ]
    extraction = parse(reply, PROMPTS)
    assert _pairs(extraction) == [("behavior_mine", ODD)]
    assert {gone.why for gone in extraction.dropped} == {"copied from the example in the prompt"}
    assert len(extraction.dropped) == 2


def test_the_form_in_the_extraction_prompt_is_no_behavior() -> None:
    form = next(line for line in PROMPTS[2].splitlines() if line.startswith('{"behaviors"'))
    assert parse(form, PROMPTS).candidates == []


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ({"name": "behavior_x"}, "an entry without a name or an instruction"),
        ({"name": 7, "instruction": ODD}, "an entry without a name or an instruction"),
        ({"name": "", "instruction": ODD}, "an entry without a name or an instruction"),
        ({"behavior_x": None}, "an entry without a name or an instruction"),
        ({"behavior_x": {"steps": [ODD]}}, "an entry without a name or an instruction"),
        ({"name": "???", "instruction": ODD}, "the name has to be behavior_ and words"),
        ({"name": "x" * 99, "instruction": ODD}, "the name is longer than 64 characters"),
        ({"behavior_x": "  "}, "the instruction is empty"),
        ({"behavior_x": "x " * 400}, "the instruction is longer than 500 characters"),
        ({"behavior_x": "a\0b"}, "the instruction has to be one line"),
    ],
)
def test_a_bad_entry_is_dropped_and_the_others_stay(entry: dict[str, Any], why: str) -> None:
    extraction = parse(json.dumps([entry, {"behavior_good": EVEN}]))
    assert _pairs(extraction) == [("behavior_good", EVEN)]
    (gone,) = extraction.dropped
    assert gone.why.startswith(why)


def test_half_a_character_ends_neither_here_nor_on_a_screen() -> None:
    reply = '[{"behavior_x": "When so, \\ud83d it."}, {"name": "\\udc00", "instruction": 7}]'
    extraction = parse(reply)
    assert _pairs(extraction) == [("behavior_x", "When so, ? it.")]
    for gone in extraction.dropped:
        gone.text.encode()


@pytest.mark.parametrize(
    "junk",
    [
        "[" * 900 + "]" * 900,
        "[" * 50_000,
        '{"a":' * 450 + "1" + "}" * 450,
        '{"behaviors":' * 450 + "1" + "}" * 450,
        '[{"name": ' * 300,
        '{"behavior_x": ' + "9" * 5000 + "}",
        '{"a"' * 300,
        "{'a': [\"b\\" * 300,
        "```json\n{" * 500,
    ],
    ids=range(9),
)
def test_hopeless_replies_end_in_a_sentence(junk: str) -> None:
    extraction = parse(junk)
    assert extraction.candidates == []
    assert extraction.dropped


# Any text at all


jsonish = st.lists(
    st.sampled_from(
        [
            *("{", "}", "[", "]", '"', "'", ":", ",", "\\", "\n", "```", "```json", "//", "null"),
            *("behaviors", "name", "instruction", "behavior_x", "When so, do so.", "\\frac", "1e9"),
        ]
    )
    | st.text(max_size=5)
).map("".join)


def _sound(extraction: Extraction, reply: str) -> bool:
    names = [candidate.name for candidate in extraction.candidates]
    return (
        bool(extraction.candidates or extraction.dropped)
        and len(set(names)) == len(names)
        and all(_in_order(candidate, reply) for candidate in extraction.candidates)
        and all(fault(name, instruction) is None for name, instruction in _pairs(extraction))
    )


def _in_order(candidate: Candidate, reply: str) -> bool:
    if candidate.start is None or candidate.end is None:
        return candidate.start is candidate.end
    return 0 <= candidate.start < candidate.end <= len(reply)


@given(reply=st.text())
def test_any_text_gives_sound_candidates_or_a_reason(reply: str) -> None:
    assert _sound(parse(reply, PROMPTS), reply)


@given(reply=jsonish)
def test_any_broken_json_gives_sound_candidates_or_a_reason(reply: str) -> None:
    assert _sound(parse(reply, PROMPTS), reply)


@given(data=json_values, before=st.text(max_size=20), cut=st.integers(0, 5))
def test_any_json_gives_sound_candidates_or_a_reason(data: Any, before: str, cut: int) -> None:
    text = before + json.dumps(data)
    reply = text[: len(text) - cut]
    assert _sound(parse(reply, PROMPTS), reply)


ENTRY = SCHEMA["properties"]["behaviors"]["items"]["properties"]
# No control characters: "\\rho" in JSON is LaTeX, not a return.
letters = st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])
entries = st.fixed_dictionaries(
    {
        key: st.from_regex(ENTRY[key]["pattern"], fullmatch=True, alphabet=letters)
        for key in ("name", "instruction")
    }
)


@given(data=st.lists(entries, min_size=1, max_size=5), ascii_only=st.booleans())
def test_a_reply_held_to_the_schema_is_read_whole(
    data: list[dict[str, str]], ascii_only: bool
) -> None:
    reply = json.dumps({"behaviors": data}, ensure_ascii=ascii_only)
    extraction = parse(reply)
    assert len(extraction.candidates) + len(extraction.dropped) == len(data)
    expected = {}
    for entry in data:
        name, instruction = entry["name"], " ".join(entry["instruction"].split())
        if fault(name, instruction) is None:
            expected.setdefault(name, instruction)
    assert dict(_pairs(extraction)) == expected


@given(raw=st.text())
def test_a_tidied_name_stays_as_it_is(raw: str) -> None:
    name = tidy_name(raw)
    assert tidy_name(name) == name
    assert name == "" or fault(name[:64].rstrip("_"), "Do so.") is None


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("behavior_x_y", "behavior_x_y"),
        (" Behavior: Count the pairs! ", "behavior_count_the_pairs"),
        ("countPairs2", "behavior_count_pairs2"),
        ("BEHAVIOR_COUNT", "behavior_count"),
        ("behavior__count__", "behavior_count"),
        ("behaviour-count", "behavior_count"),
        ("**`behavior_count`**", "behavior_count"),
        ("?", ""),
    ],
)
def test_tidy_name(raw: str, name: str) -> None:
    assert tidy_name(raw) == name


# The place in the reply


@pytest.mark.parametrize("case", ["as asked for", "indented", "with words around", "name -> text"])
def test_spans_go_from_the_name_to_the_instructions_end(case: str) -> None:
    reply = REPLIES[case]
    for candidate in parse(reply).candidates:
        assert candidate.start is not None
        cited = reply[candidate.start : candidate.end]
        assert cited.startswith(candidate.name)
        assert cited.endswith(candidate.instruction)
        assert cited.count("behavior_") == 1


def test_a_name_that_begins_another_is_found_at_its_own_place() -> None:
    reply = json.dumps({"behavior_halve_even": ODD, "behavior_halve": EVEN})
    longer, shorter = parse(reply).candidates
    assert reply[longer.start : longer.end].endswith(ODD)
    assert reply[shorter.start : shorter.end] == f'behavior_halve": "{EVEN}'


def test_a_name_that_was_talked_of_before_is_found_where_its_instruction_is() -> None:
    reply = f"First comes behavior_make_even, as the review says.\n{TIDY}"
    first, _second = parse(reply).candidates
    assert first.start == reply.rindex("behavior_make_even")


def test_a_name_that_was_repaired_is_found_as_it_was_written() -> None:
    reply = json.dumps({"Make even": ODD})
    (candidate,) = parse(reply).candidates
    assert reply[candidate.start : candidate.end] == f'Make even": "{ODD}'


def test_a_text_that_was_repaired_is_found_by_its_name() -> None:
    reply = '{"behavior_x": "When so,\\ndo\\nso\\nand\\nso."}'
    (candidate,) = parse(reply).candidates
    assert reply[candidate.start : candidate.end] == "behavior_x"


def test_such_a_name_is_not_found_inside_a_longer_one() -> None:
    reply = '{"behavior_x_y": "Do so.", "behavior_x": "When so,\\ndo\\nso\\nand\\nso."}'
    _longer, shorter = parse(reply).candidates
    assert shorter.start == reply.rindex("behavior_x")


@given(data=st.lists(entries, min_size=1, max_size=4, unique_by=lambda entry: entry["name"]))
def test_spans_of_any_reply_hold_their_name(data: list[dict[str, str]]) -> None:
    reply = json.dumps({"behaviors": data}, ensure_ascii=False)
    for candidate in parse(reply).candidates:
        assert candidate.start is not None
        cited = reply[candidate.start : candidate.end]
        assert re.match(rf"{candidate.name}(?!\w)", cited)
