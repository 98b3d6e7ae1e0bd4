"""The board: what the player draws of a comparison, and what a blind one keeps to itself."""

import json
import re
from typing import Any

import pytest

from core.evaluation.comparison.board import about, board, titles
from core.evaluation.comparison.nodes import plain
from core.llm import pieces
from core.llm.chat import WAITING
from tests.core.evaluation.comparison import (
    BUDGET,
    FIX,
    GAPS,
    INSTRUCTIONS,
    INVENTED,
    REPLIES,
    RESTRICTED,
    document,
)

KINDS = (
    *("plain", "concise", "bci", "bci-topic", "bci-embedding", "bci-hybrid", "bci-fixed"),
    *("bci-dynamic", "random", "names-only"),
)


def take_of(made: dict[str, Any], arm: str, sample: int = 0) -> dict[str, Any]:
    (found,) = [one for one in made["arms"] if one["arm"] == arm]
    return dict(found["takes"][sample])


def names(behaviors: list[dict[str, Any]]) -> list[str]:
    return [one["name"] for one in behaviors]


def test_it_is_plain_json() -> None:
    made = board(document(6, samples=2))
    assert json.loads(json.dumps(made)) == made


def test_arms_are_columns_in_their_order() -> None:
    made = board(document(3))
    assert [one["arm"] for one in made["arms"]] == ["plain", "bci", "concise"]
    assert [one["title"] for one in made["arms"]] == ["Plain", "BCI", "Concise"]
    assert made["budget"] == made["most"] == BUDGET


def test_arms_of_one_kind_are_told_apart() -> None:
    made = document(2)
    for one in made["asked"]:
        one["kind"] = "plain"
    assert [one["title"] for one in board(made)["arms"]] == ["Plain (plain)", "Plain (bci)"]


def test_with_two_models_each_arm_is_named_with_its_own() -> None:
    asked = [
        {"arm": "plain", "kind": "plain", "model": "big"},
        {"arm": "plain@small", "kind": "plain", "model": "small"},
    ]
    assert titles(asked) == {"plain": "Plain · big", "plain@small": "Plain · small"}


def test_each_kind_says_what_it_is() -> None:
    assert all(about(kind) for kind in KINDS)
    assert about("bci") == about("bci-embedding")
    assert about("nobody knows") == ""


def test_figures_are_as_they_were_counted() -> None:
    take = take_of(board(document(2)), "bci")
    assert (take["input"], take["cached"], take["price"]) == (308, 64, None)
    assert take["output"] == document(2)["arms"]["bci"][0]["output_tokens"]
    assert plain(take["answer"]) == "144"
    assert take["correct"] is True


def test_what_nobody_counted_stays_unknown() -> None:
    made = document(2)
    counts = ("input_tokens", "cached_tokens", "reasoning_tokens", "output_tokens", "seconds")
    made["arms"]["plain"][0].update(dict.fromkeys(counts))
    take = take_of(board(made), "plain")
    assert [take[name] for name in ("input", "cached", "reasoning", "output", "seconds")] == (
        [None] * 5
    )


@pytest.mark.parametrize(
    ("reason", "error", "said"),
    [
        ("stop", None, "ended by itself"),
        ("length", None, "cut off by the budget"),
        ("cancelled", None, "stopped"),
        ("error", "The endpoint is gone.", "The endpoint is gone."),
        ("error", None, "failed"),
        (None, None, "broken off"),
    ],
)
def test_why_it_ended(reason: str | None, error: str | None, said: str) -> None:
    made = document(2)
    made["arms"]["plain"][0].update(finish_reason=reason, error=error)
    assert take_of(board(made), "plain")["finished"] == said


def test_the_three_lists() -> None:
    lists = take_of(board(document(4)), "bci")["lists"]
    assert names(lists["cited"]) == [FIX, GAPS]
    assert names(lists["uncited"]) == [RESTRICTED]
    assert lists["cited"][0]["instruction"] == INSTRUCTIONS[FIX]
    assert names(take_of(board(document(4)), "random")["lists"]["invented"]) == [INVENTED]


def test_citations_carry_their_instruction() -> None:
    blocks = take_of(board(document(2)), "bci")["text"]["blocks"]
    written = json.dumps(blocks)
    assert written.count('"cite"') == 2
    assert INSTRUCTIONS[GAPS] in written


def test_a_note_on_the_way_ends_the_paragraph_before_it() -> None:
    take = take_of(board(document(5)), "bci-dynamic")
    (note,) = take["offered"]
    assert note["name"] == GAPS
    assert note["at"] in {block["end"] for block in take["text"]["blocks"]}


def test_while_it_arrives() -> None:
    made = board(document(3, live=True))
    assert made["live"]
    assert take_of(made, "plain")["state"] == "ended"
    arriving = take_of(made, "bci")
    assert arriving["state"] == "arriving"
    assert arriving["finished"] == ""
    assert [block["nodes"] is None for block in arriving["text"]["blocks"]] == [False, True]
    assert made["arms"][2]["takes"] == []


def test_before_the_first_token() -> None:
    made = document(2, live=True)
    made["arms"]["bci"][0].update(
        text="", citations=[], note="reading the prompt: 30 of 400 tokens"
    )
    take = take_of(board(made), "bci")
    assert (take["state"], take["note"]) == ("reading", "reading the prompt: 30 of 400 tokens")
    assert take_of(board(made, hide=["bci"]), "A")["note"] == ""


def test_before_the_request_is_sent_it_waits() -> None:
    made = document(2, live=True)
    made["arms"]["bci"][0].update(text="", citations=[], note=WAITING)
    assert take_of(board(made), "bci")["state"] == "waiting"


def test_what_nobody_counts_yet_is_told_in_pieces() -> None:
    made = document(2, live=True)
    made["settings"]["budget"] = None
    for take in (made["arms"]["plain"][0], made["arms"]["bci"][0]):
        take["output_tokens"] = None
    made["arms"]["bci"][0]["note"] = pieces.told(1_234)
    shown = board(made)
    assert take_of(shown, "bci")["pieces"] == shown["most"] == 1_234
    assert take_of(shown, "plain")["pieces"] is None
    assert "pieces" not in take_of(board(made, hide=["bci"]), "A")


def test_an_arm_without_behaviors_says_so_in_the_place_of_what_it_usually_gets() -> None:
    made = document(2, live=True)
    assert take_of(board(made), "bci")["about"] == ""
    made["arms"]["bci"][0]["given"] = []
    assert "None was near enough" in take_of(board(made), "bci")["about"]
    assert "about" not in take_of(board(made, hide=["bci"]), "A")


def test_thoughts_are_drawn_when_they_are_complete() -> None:
    made = document(2, live=True)
    thinking = made["arms"]["plain"][0]["thinking"]
    made["arms"]["bci"][0]["thinking"] = thinking
    assert all(b["nodes"] is None for b in take_of(board(made), "bci")["thinking"]["blocks"])
    assert all(b["nodes"] for b in take_of(board(document(2)), "plain")["thinking"]["blocks"])


def test_while_somebody_reads_them_whole_paragraphs_of_thoughts_are_drawn() -> None:
    made = document(2, live=True)
    made["arms"]["bci"][0]["thinking"] = made["arms"]["plain"][0]["thinking"]
    read = take_of(board(made, unfolded=["bci"]), "bci")["thinking"]["blocks"]
    assert [block["nodes"] is None for block in read] == [False] * (len(read) - 1) + [True]


def test_samples_are_those_that_were_asked_for() -> None:
    made = document(2, samples=3)
    made["arms"]["bci"] = made["arms"]["bci"][:1]
    shown = board(made)
    assert shown["samples"] == 3
    assert [len(one["takes"]) for one in shown["arms"]] == [3, 1]


def test_without_a_budget_the_longest_reply_fills_the_bar() -> None:
    made = document(2)
    made["settings"]["budget"] = None
    assert board(made)["most"] == made["arms"]["plain"][0]["output_tokens"]


def test_a_blind_board_gives_nothing_away() -> None:
    made = document(3)
    made["arms"]["bci"][0].update(finish_reason="error", error="qwen2.5-coder-1.5b is gone")
    shown = board(made, hide=["bci", "plain"])
    assert [one["title"] for one in shown["arms"]] == ["A", "B"]
    words, hidden = plain_words(REPLIES["bci"]), plain_text(take_of(shown, "A")).strip()
    assert "behavior_" in words
    assert "behavior_" not in hidden
    take_keys = set(take_of(shown, "A"))
    assert not take_keys & {"input", "cached", "price", "lists"}
    assert not take_keys & {"output", "reasoning", "seconds", "first", "correct"}
    assert take_of(shown, "A")["chunks"] == []  # their number and pace would tell the length
    for one in shown["arms"]:
        for take in one["takes"]:
            take.pop("text"), take.pop("thinking")  # the reply's own words
    written = json.dumps(shown)
    for word in ("qwen", "BCI", "bci", "Plain", 'plain"', "behavior", "similarity", made["title"]):
        assert word not in written
    assert '"cite"' not in written


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**behavior_x**: seat them.", "seat them."),
        ("**behavior_x:** seat them.", "seat them."),
        ("1. `behavior_x`: seat them.", "seat them."),
        ("First. behavior_x: seat them.", "First. seat them."),
        ("By **behavior_x**, seat them (behavior_x).", "By this, seat them (this)."),
    ],
)
def test_a_name_is_no_giveaway(text: str, shown: str) -> None:
    made = document(3)
    marks = [
        {"side": "text", "start": one.start(), "end": one.end(), "name": "x", "given": True}
        for one in re.finditer("behavior_x", text)
    ]
    made["arms"]["bci"][0].update(text=text, citations=marks)
    hidden = board(made, hide=["bci", "plain"])
    blocks = take_of(hidden, "A")["text"]["blocks"]
    assert "".join(plain(block["nodes"]) for block in blocks).strip() == shown


def plain_text(take: dict[str, Any]) -> str:
    return "".join(plain(block["nodes"]) for block in take["text"]["blocks"])[:40]


def plain_words(reply: str) -> str:
    return reply.replace("*", "")[:40].strip()


def test_hidden_arms_that_are_not_there_are_left_out() -> None:
    assert [one["arm"] for one in board(document(2), hide=["nobody", "bci"])["arms"]] == ["A"]


def test_a_comparison_that_has_not_begun() -> None:
    made = document(2)
    made.update(status="queued", arms={"plain": [], "bci": []})
    shown = board(made)
    assert shown["live"]
    assert [one["takes"] for one in shown["arms"]] == [[], []]


def test_hostile_words_stay_words() -> None:
    made = document(2)
    made["arms"]["plain"][0].update(text="<script>alert(1)</script>", answer="<b>", citations=[])
    take = take_of(board(made), "plain")
    assert take["text"]["blocks"][0]["nodes"] == [["p", {}, "<script>alert(1)</script>"]]
    assert take["answer"] == ["<b>"]
