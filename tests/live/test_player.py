"""The player in a real browser: an exported page without a network, and the Streamlit component."""

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Route, expect

from core.evaluation.comparison import player
from core.evaluation.comparison.board import board
from core.evaluation.comparison.page import page
from core.llm import pieces
from core.llm.chat import WAITING
from tests.core.evaluation.comparison import (
    FIX,
    GAPS,
    INSTRUCTIONS,
    INVENTED,
    chunks,
    document,
)
from tests.live.served import PATIENCE, has_no_exception, serving_script

pytestmark = pytest.mark.live
APP = Path(__file__).with_name("player_app.py")
HOSTILE = "<img src=x onerror='window.broken = 1'><script>window.broken = 1</script>"
PROSE = " ".join(f"word{at} goes on here" for at in range(24))
# When each length of each reply was first on the screen, from the click on.
WATCH = """() => {
    window.watch?.disconnect();
    window.seen = [[], []];
    const texts = [...document.querySelectorAll('.vm-text')];
    const began = performance.now();
    window.watch = new MutationObserver(() => texts.forEach((text, at) => {
        const length = text.textContent.length;
        const last = window.seen[at].at(-1);
        if (!last || last[1] !== length) window.seen[at].push([performance.now() - began, length]);
    }));
    window.watch.observe(document.body, {subtree: true, childList: true, characterData: true});
    document.querySelector('.vm-play').click();
}"""


class Screen:
    """An exported page that was opened from the disk; whatever it asks the network for is noted."""

    def __init__(self, browser: Browser, path: Path, made: dict[str, Any]) -> None:
        path.write_text(page(made), "utf-8")
        self.own = path.as_uri()
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page: Page = browser.new_page(viewport={"width": 1440, "height": 900})
        self.page.set_default_timeout(PATIENCE)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._note)
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.route("**/*", self._refuse)
        self.page.goto(self.own)
        expect(self.columns.first).to_be_visible()

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _refuse(self, route: Route) -> None:
        if route.request.url == self.own:
            route.continue_()
        else:
            route.abort()

    @property
    def columns(self) -> Locator:
        return self.page.locator(".vm-column")

    def column(self, name: str) -> Locator:
        return self.page.get_by_role("region", name=f"Arm {name}", exact=True)

    def press(self, key: str) -> None:
        self.page.locator(".vm-player").focus()
        self.page.keyboard.press(key)

    def choose(self, name: str) -> None:
        self.page.locator(".vm-player").get_by_role("button", name=name).first.click()

    def drag_to(self, milliseconds: int) -> None:
        """What the time line tells when somebody drags it there."""
        self.page.locator(".vm-slider").evaluate(
            "(line, to) => { line.value = to; line.dispatchEvent(new Event('input')); }",
            milliseconds,
        )

    def close(self) -> None:
        assert self.complaints == []
        assert self.asked == [self.own]
        self.page.close()


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Any]:
    screens: list[Screen] = []

    def opening(made: dict[str, Any]) -> Screen:
        screens.append(Screen(browser, tmp_path / f"{len(screens)}.html", made))
        return screens[-1]

    yield opening
    for screen in screens:
        screen.close()


def prose() -> dict[str, Any]:
    """Two arms whose text on the screen is letter by letter what they wrote."""
    made = document(2)
    for take, pace in zip((takes[0] for takes in made["arms"].values()), (17, 26), strict=True):
        came = chunks("", PROSE, pace)
        take.update(text=PROSE, thinking="", citations=[], given=[], chunks=came)
        take.update(seconds=came[-1][0] / 1000 + 0.1, output_tokens=came[-1][3])
    return made


def test_it_opens_finished(opened: Any) -> None:
    screen = opened(document(4))
    expect(screen.columns).to_have_count(4)
    expect(screen.page.locator(".vm-badge")).to_have_text(
        "Recording · qwen2.5-coder-1.5b · 20 Nov 2026"
    )
    plain, random = screen.column("Plain"), screen.column("Random")
    for words in ("330", "182 reasoning + 148 answer", "ended by itself", "right", "6.5 s"):
        expect(plain.get_by_text(words, exact=True)).to_be_visible()
    expect(plain.get_by_text("96 (3 cached, 93 not)")).to_be_visible()
    expect(random.locator(".vm-result")).to_have_text("288wrongright answer: 144")
    # Nobody knows the price.
    expect(random.locator(".vm-facts")).to_contain_text("Priceunknown")


def test_formulas_are_drawn_and_not_their_source(opened: Any) -> None:
    text = opened(document(2)).column("Plain").locator(".vm-text")
    expect(text.locator("math[display=block]")).to_have_count(2)
    expect(text.locator("math .vm-mark-boxed")).to_have_count(1)
    expect(text).not_to_contain_text("$")
    expect(text).not_to_contain_text("\\")
    fraction = text.locator("mfrac").first.bounding_box()
    assert fraction
    assert fraction["height"] > 20
    namespace = "(one) => one.namespaceURI"
    assert text.locator("mfrac").first.evaluate(namespace).endswith("MathML")


def lateness(screen: Screen, made: dict[str, Any]) -> list[tuple[float, float]]:
    """Plays once: the recorded time of each chunk, and how much later it was on the screen."""
    screen.page.evaluate(WATCH)
    expect(screen.page.locator(".vm-play")).to_have_text("Play")
    found = []
    for at, takes in enumerate(made["arms"].values()):
        seen = [one for one in screen.page.evaluate("window.seen")[at] if one[0] > 20]
        assert [length for _, length in seen] == sorted(length for _, length in seen)
        length = 0
        for recorded, _, size, _ in takes[0]["chunks"]:
            length += size
            shown = next(moment for moment, there in seen if there >= length)
            found.append((recorded, shown - recorded))
    return found


def test_chunks_appear_when_they_did(opened: Any) -> None:
    """Never early, in order, and in time in one of three runs: other work may hold frames up."""
    made = prose()
    screen = opened(made)
    for _ in range(3):
        late = lateness(screen, made)
        assert min(by for _, by in late) > -5
        if all(by <= max(50, 0.1 * recorded) for recorded, by in late):
            return
    pytest.fail(f"latest by {max(by for _, by in late):.0f} ms")


def test_counts_grow_as_recorded_and_the_result_comes_last(opened: Any) -> None:
    made = document(2)
    came = made["arms"]["bci"][0]["chunks"]
    screen = opened(made)
    column = screen.column("BCI")
    screen.drag_to(came[len(came) // 2][0])
    known = [count for _, _, _, count in came[: len(came) // 2 + 1] if count is not None]
    expect(column.locator(".vm-figure-big .vm-figure-number")).to_have_text(str(known[-1]))
    expect(column.get_by_text("arriving", exact=True)).to_be_visible()
    for hidden in (".vm-result", ".vm-facts"):
        expect(column.locator(hidden)).to_be_hidden()
    expect(column.locator(".vm-lists")).to_have_text(re.compile("^Retrieved3"))
    screen.drag_to(came[-1][0] + 100)
    expect(column.locator(".vm-verdict")).to_have_text("right")
    expect(column.locator(".vm-lists")).to_contain_text("Retrieved, not cited1")
    # The other one is slower.
    expect(screen.column("Plain").locator(".vm-verdict")).to_be_hidden()


def test_counts_that_were_not_recorded_are_told_by_and_by_as_about(opened: Any) -> None:
    made = document(2)
    take = made["arms"]["bci"][0]
    take["chunks"] = [[*one[:3], None] for one in take["chunks"]]
    made["arms"]["plain"][0]["output_tokens"] = None
    screen = opened(made)
    number = screen.column("BCI").locator(".vm-figure-big .vm-figure-number")
    unknown = screen.column("Plain").locator(".vm-figure-big .vm-figure-number")
    expect(number).to_have_text("71")
    expect(unknown).to_have_text("unknown")
    screen.drag_to(1000)
    expect(number).to_have_text(re.compile(r"^≈ \d+$"))
    assert 0 < int(number.inner_text().removeprefix("≈ ")) < 71
    expect(unknown).not_to_have_text("unknown")


def test_the_speed_is_of_the_tokens_after_the_first(opened: Any) -> None:
    """As the table beneath tells it: the first one's time is not the others'."""
    made = prose()
    third = len(PROSE) // 3
    sizes = (third, third, len(PROSE) - 2 * third)
    came = [
        [at, "text", size, count]
        for at, size, count in zip((1000, 2000, 3000), sizes, (1, 11, 21), strict=True)
    ]
    take = made["arms"]["bci"][0]
    take.update(chunks=came, output_tokens=21, first_token_seconds=1.0, seconds=3.0)
    screen = opened(made)
    column = screen.column("BCI")
    rate = column.locator(".vm-figure", has_text="tokens/s").locator(".vm-figure-number")
    expect(rate).to_have_text("10")
    screen.drag_to(2000)
    expect(column.get_by_text("arriving", exact=True)).to_be_visible()
    expect(rate).to_have_text("10")


@pytest.mark.parametrize(
    ("price", "told"),
    [(0.0, "none"), (0.000004, "$0.000004"), (4.1234e-8, "$0.0000000412"), (0.00512, "$0.00512")],
)
def test_a_small_price_is_not_nothing(opened: Any, price: float, told: str) -> None:
    made = document(1)
    made["arms"]["plain"][0]["price"] = price
    facts = opened(made).column("Plain").locator(".vm-facts")
    expect(facts.locator(".vm-fact", has_text="Price").locator("dd")).to_have_text(told)


def test_a_press_that_changes_nothing_leaves_the_time_line_going(opened: Any) -> None:
    screen = opened(document(2))
    line = screen.page.locator(".vm-slider")
    most = line.evaluate("(line) => line.max")
    line.click()
    line.click()  # upon the thumb, which is there now
    line.click(button="right")
    screen.choose("By key")
    for _ in range(9):
        screen.press("ArrowRight")
    expect(screen.column("Plain").locator(".vm-verdict")).to_be_visible()
    expect(line).to_have_js_property("value", most)


def test_it_plays_four_times_as_fast(opened: Any) -> None:
    made = prose()
    screen = opened(made)
    screen.choose("Speed 4x")
    began = time.monotonic()
    screen.choose("Replay")
    expect(screen.page.locator(".vm-play")).to_have_text("Pause")
    expect(screen.page.locator(".vm-play")).to_have_text("Play")
    longest = max(takes[0]["seconds"] for takes in made["arms"].values())
    # A busy machine draws the end late; at its true pace it would take all of that time.
    assert longest / 4 <= time.monotonic() - began < longest


def test_pause_holds_and_restart_begins_again(opened: Any) -> None:
    screen = opened(prose())
    screen.choose("Replay")
    screen.page.wait_for_timeout(600)
    screen.choose("Pause")
    text = screen.column("BCI").locator(".vm-text")
    held = text.inner_text()
    assert 0 < len(held) < len(PROSE)
    screen.page.wait_for_timeout(200)
    assert text.inner_text() == held
    screen.choose("Restart")
    expect(screen.page.locator(".vm-play")).to_have_text("Pause")
    assert len(text.inner_text()) < len(held)


def test_by_key_each_press_shows_a_paragraph_of_every_arm(opened: Any) -> None:
    screen = opened(document(3))
    screen.choose("By key")
    texts = [screen.column(name).locator(".vm-text > .vm-block") for name in ("BCI", "Concise")]
    verdicts = [screen.column(name).locator(".vm-verdict") for name in ("BCI", "Concise", "Plain")]
    expect(texts[0]).to_have_count(0)
    screen.press("ArrowRight")
    expect(texts[0]).to_have_count(1)
    expect(texts[0].locator("math").first).to_be_visible()
    expect(texts[1]).to_have_count(1)
    expect(verdicts[0]).to_be_hidden()
    # A plain arm thinks first.
    expect(screen.column("Plain").get_by_role("button", name="Thinking")).to_be_visible()
    expect(screen.column("Plain").locator(".vm-text > .vm-block")).to_have_count(0)
    screen.press("Space")
    expect(texts[0]).to_have_count(2)
    expect(texts[1]).to_have_count(2)
    expect(verdicts[1]).to_be_visible()
    screen.press("ArrowLeft")
    expect(texts[0]).to_have_count(1)
    expect(verdicts[1]).to_be_hidden()
    screen.press("ArrowRight")
    expect(texts[0]).to_have_count(2)
    for _ in range(9):
        screen.press("ArrowRight")
    for verdict in verdicts:
        expect(verdict).to_be_visible()


def test_as_it_ran_arms_wait_for_their_turn(opened: Any) -> None:
    screen = opened(document(3))
    screen.drag_to(300)
    bci = screen.column("BCI")
    expect(bci.get_by_text("arriving", exact=True)).to_be_visible()
    screen.page.get_by_label("as it ran").check()
    expect(bci.get_by_text("waiting its turn", exact=True)).to_be_visible()
    # The second one began eight seconds after the first.
    screen.drag_to(8300)
    expect(bci.get_by_text("arriving", exact=True)).to_be_visible()
    expect(screen.column("Plain").locator(".vm-verdict")).to_be_visible()


def test_an_arm_that_never_began_waits_for_no_turn_in_a_replay(opened: Any) -> None:
    made = document(2)
    made["arms"]["bci"] = []
    screen = opened(made)
    never = screen.column("BCI").get_by_text("never began", exact=True)
    for moment in (300, 60_000):
        screen.drag_to(moment)
        expect(never).to_be_visible()


def test_thinking_is_folded_with_a_glimpse_of_it(opened: Any) -> None:
    screen = opened(document(2))
    column = screen.column("Plain")
    fold = column.get_by_role("button", name="Thinking")
    expect(fold).to_have_attribute("aria-expanded", "false")
    expect(column.locator(".vm-thought")).to_be_hidden()
    screen.drag_to(1500)
    expect(column.locator(".vm-glimpse")).to_contain_text(re.compile("arranged|circle|others"))
    fold.click()
    expect(column.locator(".vm-thought .vm-block").first).to_contain_text("7 people around")
    screen.drag_to(60_000)
    expect(column.locator(".vm-thought math").first).to_be_visible()


def test_samples_are_chosen_for_the_whole_board(opened: Any) -> None:
    made = document(2, samples=3)
    made["arms"]["bci"][1].update(text="Another reply.", citations=[], chunks=[])
    screen = opened(made)
    expect(screen.page.locator(".vm-tab")).to_have_text(["Sample 1", "Sample 2", "Sample 3"])
    screen.page.locator(".vm-tab").nth(1).click()
    expect(screen.column("BCI").locator(".vm-text")).to_have_text("Another reply.")
    screen.page.locator(".vm-tab").nth(2).click()
    expect(screen.column("BCI").locator(".vm-text")).to_contain_text("one of the four others")


@pytest.mark.parametrize("width", [1024, 1440])
def test_all_of_many_samples_can_be_reached(opened: Any, width: int) -> None:
    screen = opened(document(2, samples=64))
    screen.page.set_viewport_size({"width": width, "height": 900})
    assert screen.page.evaluate("document.documentElement.scrollWidth") == width
    last = screen.page.get_by_role("button", name="Sample 64", exact=True)
    last.click()
    expect(last).to_have_attribute("aria-pressed", "true")


def many_given(made: dict[str, Any], n: int = 40) -> dict[str, Any]:
    for take in made["arms"]["bci"]:
        given = take["given"]
        given += [{**given[0], "name": f"behavior_{at}"} for at in range(len(given), n)]
        take["retrieved"] = [one["name"] for one in given]
    return made


def test_a_long_list_is_folded_and_what_was_cited_is_not(opened: Any) -> None:
    screen = opened(many_given(document(2)))
    column = screen.column("BCI")
    fold = column.locator("summary")
    expect(fold).to_have_text("Retrieved, not cited38")
    expect(column.locator(".vm-list-cited .vm-chip")).to_have_text([FIX, GAPS])
    expect(column.get_by_text("behavior_39", exact=True)).to_be_hidden()
    assert column.bounding_box()["height"] < 900
    fold.focus()
    screen.page.keyboard.press("Space")  # and nothing is played
    expect(screen.page.locator(".vm-play")).to_have_text("Replay")
    column.get_by_text("behavior_39", exact=True).scroll_into_view_if_needed()
    expect(column.get_by_text("behavior_39", exact=True)).to_be_in_viewport()
    assert column.bounding_box()["height"] < 1100


def mounted(browser: Browser, made: dict[str, Any]) -> Page:
    """A page with nothing but the player of a board; `window.shown` is to be told of others."""
    screen = browser.new_page()
    screen.set_content("<div></div>")
    screen.add_script_tag(content=f"{player.SCRIPT}\nwindow.mount = mount;", type="module")
    screen.wait_for_function("() => Boolean(window.mount)")
    screen.evaluate(
        "(board) => { window.shown = mount(document.querySelector('div'), board); }", made
    )
    return screen


def live(**fields: Any) -> dict[str, Any]:
    """The board of two arms, the second of which is arriving and has these fields."""
    made = document(2, live=True)
    made["arms"]["bci"][0].update(fields)
    return board(made)


def figure(screen: Page, label: str) -> Locator:
    """A number over the second arm."""
    column = screen.get_by_role("region", name="Arm BCI", exact=True)
    return column.locator(".vm-figure", has_text=label).locator(".vm-figure-number")


def test_pieces_are_told_and_drawn_as_such_until_tokens_are_counted(browser: Browser) -> None:
    screen = mounted(browser, live(output_tokens=None, note=pieces.told(130)))
    row = screen.locator(".vm-race-row").nth(1)
    expect(figure(screen, "pieces so far")).to_have_text("130")
    expect(row).to_have_class(re.compile("vm-by-pieces"))
    expect(row.locator(".vm-bar-number")).to_have_text("130 pieces")
    assert row.locator(".vm-bar").bounding_box()["width"] > 50
    expect(screen.get_by_text("pieces, whose tokens are counted at the end")).to_be_visible()
    screen.evaluate("(board) => window.shown.update(board)", live(output_tokens=71))
    expect(figure(screen, "output tokens")).to_have_text("71")
    expect(row).not_to_have_class(re.compile("vm-by-pieces"))
    expect(screen.get_by_text("pieces, whose tokens are counted at the end")).to_be_hidden()


def test_live_the_time_is_the_replys_own_and_the_speed_that_after_the_first_token(
    browser: Browser,
) -> None:
    ago = {"started": (datetime.now(UTC) - timedelta(seconds=60)).isoformat()}
    unsent = {"text": "", "citations": [], "note": WAITING, "first_token_seconds": None}
    screen = mounted(browser, live(**ago, **unsent))
    expect(figure(screen, "time")).to_have_text("–")
    expect(screen.get_by_text(WAITING, exact=True)).to_be_visible()
    ago = {"started": (datetime.now(UTC) - timedelta(seconds=20)).isoformat()}
    arriving = {"output_tokens": 41, "first_token_seconds": 16.0}
    screen.evaluate("(board) => window.shown.update(board)", live(**ago, **arriving))
    expect(figure(screen, "time")).to_have_text(re.compile(r"^2\d\.\d s$"))
    expect(screen.get_by_text(re.compile(r"^16\.0 s reading, \d+\.\d s writing$"))).to_be_visible()
    # 40 tokens in 4 seconds and a little; of all 20 seconds it would be 2 a second.
    assert 2.5 < float(figure(screen, "tokens/s").inner_text()) <= 10


def test_a_list_that_was_opened_stays_open_while_a_reply_arrives(browser: Browser) -> None:
    def shown(arms: int, samples: int, text: str) -> dict[str, Any]:
        made = many_given(document(arms, samples=samples, live=bool(text)))
        if text:
            made["arms"]["bci"][-1].update(text=text, citations=[])
        return board(made)

    screen = mounted(browser, shown(2, 2, "One"))
    expect(screen.get_by_role("button", name="Sample 2")).to_have_attribute("aria-pressed", "true")
    screen.get_by_role("button", name="Sample 2").click()
    fold = screen.get_by_role("region", name="Arm BCI").locator("summary")
    expect(fold).to_have_text("Retrieved40")
    fold.click()
    screen.evaluate("(board) => window.shown.update(board)", shown(2, 2, "One, two"))
    expect(screen.get_by_text("behavior_9", exact=True)).to_be_visible()
    expect(fold).to_be_focused()
    screen.evaluate("(board) => window.shown.update(board)", shown(2, 2, ""))
    expect(fold).to_have_text("Retrieved, not cited38")
    expect(screen.get_by_text("behavior_9", exact=True)).to_be_visible()
    expect(screen.get_by_role("button", name="Sample 2")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("on_stage", [False, True])
def test_long_names_of_arms_can_be_told_apart(opened: Any, on_stage: bool) -> None:
    made = document(2)
    for one, model in zip(made["asked"], ("instruct-q4", "instruct-q8"), strict=True):
        one.update(kind="bci-hybrid", model=f"qwen2.5-coder-1.5b-with-a-long-name-{model}")
    screen = opened(made)
    if on_stage:
        screen.press("f")
    cut = "(all) => all.filter((one) => one.scrollWidth > one.clientWidth + 1).length"
    for words in (".vm-race-name", ".vm-figure-label"):
        assert screen.page.locator(words).evaluate_all(cut) == 0
    bars = [one.bounding_box() for one in screen.page.locator(".vm-track").all()]
    assert len({(bar["x"], bar["width"]) for bar in bars}) == 1


def test_a_long_word_of_the_problem_does_not_widen_the_page(opened: Any) -> None:
    made = document(2)
    made["problem"]["text"] = made["title"] = "W" * 400
    screen = opened(made)
    assert screen.page.evaluate("document.documentElement.scrollWidth") == 1440
    screen.press("f")
    problem = screen.page.locator(".vm-problem")
    assert problem.evaluate("(one) => one.scrollWidth <= one.clientWidth")


def test_the_instruction_is_shown_on_hover_and_on_focus(opened: Any) -> None:
    screen = opened(document(4))
    tip = screen.page.get_by_role("tooltip", include_hidden=True)
    cite = screen.column("BCI").locator(".vm-cite").nth(1)
    expect(cite).to_have_text(GAPS)
    expect(cite).to_have_attribute("title", INSTRUCTIONS[GAPS])
    cite.hover()
    expect(tip).to_be_visible()
    expect(tip).to_contain_text(INSTRUCTIONS[GAPS])
    screen.page.mouse.move(5, 5)
    expect(tip).to_be_hidden()
    expect(cite).to_have_attribute("title", INSTRUCTIONS[GAPS])
    cite.focus()
    expect(tip).to_contain_text(INSTRUCTIONS[GAPS])
    invented = screen.column("Random").locator(".vm-cite.vm-invented")
    expect(invented).to_have_text(INVENTED)
    invented.hover()
    expect(tip).to_contain_text("never given")


def test_a_note_on_the_way_is_where_it_was_offered(opened: Any) -> None:
    screen = opened(document(5))
    column = screen.column("BCI on the way")
    note = column.locator(".vm-inset")
    expect(note).to_contain_text(GAPS)
    before = note.evaluate("(note) => note.previousElementSibling.textContent")
    assert before.startswith("The four others sit first")
    screen.drag_to(3000)
    expect(note).to_have_count(0)


def test_on_the_stage_keys_play(opened: Any) -> None:
    screen = opened(prose())
    player = screen.page.locator(".vm-player")
    screen.press("f")
    expect(player).to_have_class(re.compile("vm-stage"))
    box = player.bounding_box()
    assert box
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 1440, 900)
    expect(screen.page.locator(".vm-problem")).to_be_visible()
    expect(screen.page.locator(".vm-speeds")).to_be_hidden()
    expect(screen.page.locator(".vm-badge")).to_be_visible()
    screen.page.keyboard.press("Space")
    screen.page.wait_for_timeout(500)
    screen.page.keyboard.press("Space")
    text = screen.column("BCI").locator(".vm-text")
    held = text.inner_text()
    assert 0 < len(held) < len(PROSE)
    screen.page.keyboard.press("ArrowRight")
    expect(screen.column("BCI").locator(".vm-verdict")).to_be_visible()
    screen.page.keyboard.press("r")
    expect(screen.column("BCI").locator(".vm-verdict")).to_be_hidden()
    screen.page.keyboard.press("Escape")
    expect(player).not_to_have_class(re.compile("vm-stage"))


def test_on_the_stage_nothing_is_seen_before_it_is_started(opened: Any) -> None:
    screen = opened(prose())
    column = screen.column("BCI")
    expect(column.locator(".vm-verdict")).to_be_visible()
    screen.press("f")
    expect(column.get_by_text("ready", exact=True)).to_be_visible()
    expect(column.locator(".vm-text")).to_have_text("")
    expect(column.locator(".vm-verdict")).to_be_hidden()
    expect(screen.page.locator(".vm-bar-number")).to_have_text(["", ""])
    screen.page.keyboard.press("Escape")  # not played: all is there as before
    expect(column.locator(".vm-verdict")).to_be_visible()
    screen.press("f")
    screen.page.keyboard.press("Space")
    expect(column.get_by_text("arriving", exact=True)).to_be_visible()
    expect(column.locator(".vm-verdict")).to_be_visible()
    screen.page.keyboard.press("Escape")  # played to its end: it stays
    screen.press("f")
    expect(column.locator(".vm-verdict")).to_be_visible()


def test_an_arm_that_was_given_no_behavior_says_what_was_sent(opened: Any) -> None:
    made = document(2)
    made["arms"]["bci"][0].update(given=[], retrieved=[], cited=[], citations=[])
    screen = opened(made)
    column = screen.column("BCI")
    expect(column.locator(".vm-about")).to_have_text(
        "None was near enough: the plain prompt was sent."
    )
    expect(column.locator(".vm-lists")).to_have_text("Retrieved0")
    expect(screen.column("Plain").locator(".vm-about")).to_have_text("Asked as it is.")
    expect(screen.column("Plain").locator(".vm-lists")).to_be_empty()


def test_keys_are_the_players_only_while_it_has_the_focus(opened: Any) -> None:
    screen = opened(document(2))
    screen.page.locator("summary").first.focus()
    screen.page.keyboard.press("f")
    expect(screen.page.locator(".vm-player")).not_to_have_class(re.compile("vm-stage"))


def test_what_a_model_wrote_stays_text(opened: Any) -> None:
    made = document(2)
    take = made["arms"]["plain"][0]
    take.update(text=HOSTILE, thinking=HOSTILE, answer=HOSTILE, error=HOSTILE)
    take.update(finish_reason="error", chunks=[])
    made["arms"]["bci"][0]["given"][0].update(name=HOSTILE, instruction=HOSTILE)
    made["asked"][0]["model"] = made["problem"]["text"] = HOSTILE
    screen = opened(made)
    column = screen.column(f"Plain · {HOSTILE}")
    column.get_by_role("button", name="Thinking").click()
    expect(column.locator(".vm-text")).to_have_text(HOSTILE)
    expect(column.locator(".vm-thought")).to_have_text(HOSTILE)
    assert screen.page.locator("img, .vm-player script").count() == 0
    assert screen.page.evaluate("window.broken") is None


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving_script(APP, tmp_path_factory.mktemp("player") / "server.log") as url:
        yield url


@pytest.fixture
def served(browser: Browser, address: str) -> Iterator[Any]:
    pages: list[Page] = []
    complaints: list[str] = []

    def opening(query: str, width: int = 1440) -> Page:
        made = browser.new_page(viewport={"width": width, "height": 768})
        made.set_default_timeout(PATIENCE)
        made.on("pageerror", lambda error: complaints.append(str(error)))
        made.goto(f"{address}/?{query}")
        expect(made.locator(".vm-column").first).to_be_visible(timeout=PATIENCE)
        pages.append(made)
        return made

    yield opening
    assert complaints == []
    for made in pages:
        has_no_exception(made)
        made.close()


def test_a_live_board_is_updated_in_place(served: Any) -> None:
    screen = served("mode=live&arms=2")
    first = screen.get_by_role("region", name="Arm Plain", exact=True)
    first.evaluate("(column) => { column.kept = true; }")
    first.get_by_role("button", name="Thinking").click()
    first.locator(".vm-reading").evaluate("(reading) => { reading.scrollTop = 60; }")
    expect(screen.locator(".vm-badge")).to_have_text("Live · qwen2.5-coder-1.5b")
    second = screen.get_by_role("region", name="Arm BCI", exact=True)
    expect(second.get_by_text("arriving", exact=True)).to_be_visible()
    expect(second.locator(".vm-cite").first).to_be_visible()
    # It ends, and is a recording from then on.
    expect(second.locator(".vm-verdict")).to_have_text("right")
    expect(screen.locator(".vm-play")).to_have_text("Replay")
    assert first.evaluate("(column) => column.kept")
    assert first.locator(".vm-reading").evaluate("(reading) => reading.scrollTop") == 60
    expect(first.locator(".vm-thought")).to_be_visible()
    expect(second.locator(".vm-text .vm-mark-boxed")).to_have_text("144")


def test_an_arm_is_stopped(served: Any) -> None:
    screen = served("mode=still")
    expect(screen.get_by_role("button", name="Stop Plain")).to_be_hidden()
    screen.get_by_role("button", name="Stop Concise").click()
    screen.get_by_role("button", name="Stop BCI").click()
    expect(screen.get_by_text("stopped: bci", exact=True)).to_be_visible()


def test_the_stage_covers_the_sidebar_and_r_is_not_streamlits(served: Any) -> None:
    screen = served("mode=done")
    screen.evaluate("() => { Element.prototype.requestFullscreen = () => Promise.reject('no'); }")
    screen.locator(".vm-stage-button").click()
    covered = "() => Boolean(document.elementFromPoint(20, 20).closest('.vm-player'))"
    assert screen.evaluate(covered)
    screen.keyboard.press("r")
    expect(screen.get_by_role("region", name="Arm Plain", exact=True)).to_contain_text("arriving")
    screen.keyboard.press("Escape")
    assert not screen.evaluate(covered)


def test_the_sample_that_is_shown_is_told(served: Any) -> None:
    screen = served("mode=done")
    expect(screen.get_by_text("sample: 0", exact=True)).to_be_visible()
    screen.get_by_role("button", name="Sample 2", exact=True).click()
    expect(screen.get_by_text("sample: 1", exact=True)).to_be_visible()
    tab = screen.get_by_role("button", name="Sample 2", exact=True)
    expect(tab).to_have_attribute("aria-pressed", "true")


def test_thoughts_that_arrive_get_their_form_when_somebody_reads_them(served: Any) -> None:
    screen = served("mode=still&arms=1")
    column = screen.get_by_role("region", name="Arm Plain", exact=True)
    expect(column.get_by_text("arriving", exact=True)).to_be_visible()
    column.get_by_role("button", name="Thinking").click()
    expect(column.locator(".vm-thought math").first).to_be_visible()
    expect(column.locator(".vm-thought .vm-arriving")).to_have_count(1)  # the last paragraph


def test_two_columns_fit_beside_the_sidebar(served: Any) -> None:
    screen = served("mode=still", width=1024)
    boxes = [one.bounding_box() for one in screen.locator(".vm-column").all()[:2]]
    assert boxes[0]["y"] == boxes[1]["y"]
    assert boxes[0]["x"] + boxes[0]["width"] < boxes[1]["x"]


def test_a_blind_pair_has_no_names_and_no_figures(served: Any) -> None:
    screen = served("mode=blind")
    expect(screen.locator(".vm-title")).to_have_text(["A", "B"])
    expect(screen.locator(".vm-cite, .vm-lists *, .vm-model:visible")).to_have_count(0)
    expect(screen.locator(".vm-player")).not_to_contain_text("qwen")
    for hidden in (".vm-figures", ".vm-race", ".vm-verdict", ".vm-controls"):
        expect(screen.locator(hidden).first).to_be_hidden()
    expect(screen.locator(".vm-answer-value").first).to_be_visible()
