"""The map's plot in a real browser, on a screen of its own: plot_app.py."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

from tests.live.served import PATIENCE, has_no_exception, serving_script

pytestmark = pytest.mark.live
APP = Path(__file__).with_name("plot_app.py")
LEFT_HALF = [(-0.5, -0.5), (1.5, -0.5), (1.5, 4.5), (-0.5, 4.5)]
LEFT_IDS = [row + column for row in range(100, 125, 5) for column in (0, 1)]
# Ids of what stands out; nothing at all while every point looks the same.
STANDING_OUT = """() => {
    const trace = document.querySelector('.map-plot').data.find((one) => one.customdata);
    return trace.selectedpoints?.map((at) => trace.customdata[at]) ?? null;
}"""
OPACITIES = """() => document.querySelector('.map-plot').data
    .filter((one) => one.customdata).map((one) => one.marker.opacity ?? 1)"""
RANGES = """() => {
    const { xaxis, yaxis } = document.querySelector('.map-plot').layout;
    return [...xaxis.range, ...yaxis.range];
}"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving_script(APP, tmp_path_factory.mktemp("plot") / "server.log") as url:
        yield url


class Screen:
    """A page with the plot on it, and what the browser complained of."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.page: Page = browser.new_page(viewport={"width": 1440, "height": 900})
        self.page.set_default_timeout(PATIENCE)
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._note)
        self.page.goto(url)
        self.is_drawn()

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    @property
    def plot(self) -> Locator:
        return self.page.locator(".map-plot")

    def is_drawn(self) -> None:
        expect(self.plot.locator(".modebar-btn").first).to_be_visible()
        expect(self.plot).to_have_attribute("aria-busy", "false")

    def is_recolored(self) -> None:
        drawn = "() => document.querySelector('.map-plot').data.at(-1).marker.color === 'tomato'"
        self.page.wait_for_function(drawn, timeout=PATIENCE)
        self.is_drawn()

    def at(self, x: float, y: float, subplot: int = 0) -> tuple[float, float]:
        """Where a point of the figure is on the screen, while x and y reach from -1 to 5."""
        ground = self.plot.locator(".nsewdrag").nth(subplot).bounding_box()
        assert ground
        across, up = (x + 1) / 6, (y + 1) / 6
        return ground["x"] + across * ground["width"], ground["y"] + (1 - up) * ground["height"]

    def drag(self, *points: tuple[float, float], steps: int = 10) -> None:
        mouse = self.page.mouse
        mouse.move(*self.at(*points[0]))
        mouse.down()
        for point in points[1:]:
            mouse.move(*self.at(*point), steps=steps)
        mouse.up()

    def click(self, x: int, y: int) -> None:
        """As a person does: plotly takes a click for one on the point whose label it shows."""
        self.is_drawn()
        self.page.mouse.move(*self.at(x, y))
        expect(self.plot.locator(".hoverlayer")).to_contain_text(f"({x}, {y})")
        self.page.mouse.click(*self.at(x, y))

    def choose(self, mode: str) -> None:
        button = self.plot.locator(f".modebar-btn[data-title='{mode}']")
        button.click()
        expect(button).to_have_class(re.compile(r"\bactive\b"))

    def zoom(self) -> None:
        self.page.mouse.move(*self.at(2, 2))
        self.page.mouse.wheel(0, -300)
        self.page.wait_for_url(re.compile("camera="), timeout=PATIENCE)

    def parameter(self, name: str) -> str | None:
        return parse_qs(urlsplit(self.page.url).query).get(name, [None])[0]

    def says(self, text: str) -> None:
        expect(self.page.get_by_text(text, exact=True)).to_be_visible()

    def shows(self, ids: list[int] | None) -> None:
        condition = f"(ids) => JSON.stringify(({STANDING_OUT})()) === JSON.stringify(ids)"
        self.page.wait_for_function(condition, arg=ids, timeout=PATIENCE)

    def outlines(self, count: int) -> None:
        expect(self.plot.locator(".shapelayer path")).to_have_count(count)


@pytest.fixture
def screen(browser: Browser, address: str) -> Iterator[Screen]:
    made = Screen(browser, address)
    yield made
    has_no_exception(made.page)
    assert made.complaints == []
    made.page.close()


def test_points_are_drawn_and_can_be_clicked(screen: Screen) -> None:
    expect(screen.plot).to_have_attribute("aria-label", "Points on a grid")
    x, y = screen.at(3, 1)
    spot = screen.page.screenshot(clip={"x": x - 1, "y": y - 1, "width": 2, "height": 2})
    assert Image.open(io.BytesIO(spot)).convert("RGB").getpixel((1, 1)) == (70, 130, 180)
    screen.shows(None)
    screen.click(3, 1)
    screen.says("click: 108 False")
    screen.page.keyboard.down("Shift")
    screen.click(2, 2)
    screen.page.keyboard.up("Shift")
    screen.says("click: 112 True")


def test_a_lasso_is_drawn_told_and_taken_back(screen: Screen) -> None:
    screen.drag(*LEFT_HALF)
    screen.says(f"selected: {LEFT_IDS}")
    screen.shows(LEFT_IDS)
    screen.outlines(1)
    # A second one instead of the first.
    screen.drag((1.5, 1.5), (2.5, 1.5), (2.5, 2.5), (1.5, 2.5))
    screen.says("selected: [112]")
    screen.shows([112])
    screen.outlines(1)
    screen.page.mouse.dblclick(*screen.at(3.5, 3.5))
    screen.says("selected: []")
    screen.shows(None)
    screen.outlines(0)


def test_two_quick_clicks_on_two_points_take_nothing_back(screen: Screen) -> None:
    screen.drag(*LEFT_HALF)
    screen.outlines(1)  # drawn anew: Python has its word
    screen.page.evaluate(
        "() => { document.querySelector('.map-plot')._context.doubleClickDelay = 60000; }"
    )
    screen.click(3, 1)
    screen.says("click: 108 False")
    screen.click(2, 2)
    screen.says("click: 112 False")
    screen.says(f"selected: {LEFT_IDS}")
    screen.shows(LEFT_IDS)
    screen.outlines(1)


def test_a_box_has_four_corners_and_its_mode_stays(screen: Screen) -> None:
    screen.choose("Box Select")
    screen.drag((0.5, 0.5), (2.5, 1.5))
    screen.says("selected: [106, 107]")
    screen.says("corners: 4")
    screen.shows([106, 107])
    screen.drag((2.5, 2.5), (3.5, 3.5))
    screen.says("selected: [118]")
    screen.says("corners: 4")


def test_a_lasso_of_many_points_is_thinned(screen: Screen) -> None:
    teeth = [(0.1 * i, 4.5 - 0.3 * (i % 2)) for i in range(36)]
    screen.drag(*teeth, *[(x, y - 4) for x, y in reversed(teeth)], steps=1)
    screen.says("corners: 48")


def test_an_empty_lasso_selects_nothing_and_dims_all(screen: Screen) -> None:
    screen.drag((0.3, 0.3), (0.7, 0.3), (0.7, 0.7), (0.3, 0.7))
    screen.says("corners: 4")
    screen.says("selected: []")
    screen.shows([])


def test_selection_and_zoom_survive_a_new_figure(screen: Screen) -> None:
    screen.drag(*LEFT_HALF)
    screen.shows(LEFT_IDS)
    screen.zoom()
    before = screen.page.evaluate(RANGES)
    screen.page.get_by_role("button", name="Recolor").click()
    screen.is_recolored()
    screen.shows(LEFT_IDS)
    screen.outlines(1)
    assert screen.page.evaluate(RANGES) == pytest.approx(before)
    address = screen.page.url
    screen.page.mouse.move(*screen.at(2, 2))
    screen.page.mouse.wheel(0, 300)
    screen.page.wait_for_url(lambda url: url != address)


def test_the_camera_is_in_the_address_and_stays_there(screen: Screen) -> None:
    screen.zoom()
    screen.is_drawn()
    seen = screen.page.evaluate(RANGES)
    camera = screen.parameter("camera")
    assert camera
    assert [float(one) for one in camera.split(",")] == pytest.approx(seen, abs=0.001)
    # By Python, by a widget, and by somebody who does not know of it.
    screen.page.get_by_role("button", name="Address").click()
    screen.page.wait_for_url(lambda url: "other=1" in url and "camera=" in url)
    bound = screen.page.get_by_label("Bound")
    bound.fill("a,b c")
    bound.press("Enter")
    screen.page.wait_for_url(lambda url: "bound=" in url and "camera=" in url)
    assert screen.parameter("camera") == camera
    screen.page.evaluate("() => history.replaceState(null, '', '?other=1&bound=a%2Cb+c')")
    screen.page.wait_for_url(re.compile("camera="), timeout=PATIENCE)
    screen.page.reload()
    screen.is_drawn()
    assert screen.page.evaluate(RANGES) == pytest.approx(seen, abs=0.001)
    assert (screen.parameter("camera"), screen.parameter("bound")) == (camera, "a,b c")
    screen.plot.locator(".modebar-btn[data-title='Reset the view']").click()
    screen.page.wait_for_url(lambda url: "camera=" not in url, timeout=PATIENCE)
    condition = f"() => JSON.stringify(({RANGES})()) === '[-1,5,-1,5]'"
    screen.page.wait_for_function(condition, timeout=PATIENCE)


def test_the_area_is_there_when_the_page_is_opened_again(screen: Screen) -> None:
    screen.drag(*LEFT_HALF)
    screen.page.wait_for_url(re.compile("area="), timeout=PATIENCE)
    screen.page.reload()
    screen.is_drawn()
    screen.shows(LEFT_IDS)
    screen.outlines(1)
    # It came from Python, and can be taken back all the same.
    screen.page.mouse.dblclick(*screen.at(3.5, 3.5))
    screen.says("selected: []")
    screen.shows(None)


@pytest.mark.parametrize("camera", ["1,2,x,4", "1,1,2,3", "1,2,3", ""])
def test_a_camera_that_is_none_is_ignored(browser: Browser, address: str, camera: str) -> None:
    screen = Screen(browser, f"{address}/?camera={camera}")
    assert screen.page.evaluate(RANGES) == [-1, 5, -1, 5]
    assert screen.complaints == []
    screen.page.close()


def test_two_subplots_share_the_outline(browser: Browser, address: str) -> None:
    screen = Screen(browser, f"{address}/?kind=two")
    ground = screen.plot.locator(".nsewdrag").nth(1).bounding_box()
    assert ground
    screen.choose("Box Select")
    mouse = screen.page.mouse
    mouse.move(ground["x"] + ground["width"] * 0.4, ground["y"] + ground["height"] * 0.4)
    mouse.down()
    middle = (ground["x"] + ground["width"] * 0.6, ground["y"] + ground["height"] * 0.6)
    mouse.move(*middle, steps=5)
    mouse.up()
    screen.says("selected: [112]")
    screen.outlines(2)
    screen.shows([112])
    assert screen.complaints == []
    screen.page.close()


def test_three_dimensions_keep_their_own_camera(browser: Browser, address: str) -> None:
    outline = ";".join(f"{x},{y}" for x, y in LEFT_HALF)
    screen = Screen(browser, f"{address}/?kind=3d&camera=1,0.5,1.5,0,0,0.1&area={outline}")
    eye = "() => document.querySelector('.map-plot')._fullLayout.scene.camera.eye"
    assert screen.page.evaluate(eye) == {"x": 1, "y": 0.5, "z": 1.5}
    parts = "() => document.querySelector('.map-plot').data.map((one) => one.customdata.length)"
    assert screen.page.evaluate(parts) == [25 - len(LEFT_IDS), len(LEFT_IDS)]
    turn(screen)
    screen.page.wait_for_url(lambda url: "camera=1,0.5" not in url, timeout=PATIENCE)
    screen.page.get_by_role("button", name="Recolor").click()
    screen.is_recolored()
    address_before = screen.page.url
    turn(screen)
    screen.page.wait_for_url(lambda url: url != address_before, timeout=PATIENCE)
    screen.page.get_by_role("radio", name="auto").click()
    expect(screen.plot.locator(".nsewdrag").first).to_be_visible()
    screen.is_drawn()
    screen.page.wait_for_url(lambda url: "camera=" not in url, timeout=PATIENCE)
    screen.shows(LEFT_IDS)
    assert screen.complaints == []
    screen.page.close()


def test_an_outline_is_nothing_in_three_dimensions(browser: Browser, address: str) -> None:
    """It is flat: it neither selects there nor dims."""
    screen = Screen(browser, f"{address}/?kind=3d&area=7,7;8,7;8,8")
    assert screen.page.evaluate(OPACITIES) == [1]
    screen.page.close()


def turn(screen: Screen) -> None:
    """For half a second after a drawing plotly's camera lives in the future, and does not turn."""
    screen.is_drawn()
    screen.page.wait_for_function(
        """() => {
            const { view } = document.querySelector('.map-plot')._fullLayout.scene._scene.camera;
            return view.lastT() <= performance.now();
        }""",
        timeout=PATIENCE,
    )
    box = screen.plot.bounding_box()
    assert box
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    screen.page.mouse.move(*middle)
    screen.page.mouse.down()
    screen.page.mouse.move(middle[0] + 60, middle[1] - 20, steps=8)
    screen.page.mouse.up()


@pytest.mark.parametrize("kind", ["PNG", "SVG"])
def test_a_picture_is_saved_on_solid_ground(screen: Screen, kind: str) -> None:
    with screen.page.expect_download() as download:
        screen.plot.locator(f".modebar-btn[data-title='Save as {kind}']").click()
    assert download.value.suggested_filename == f"map.{kind.lower()}"
    picture = Path(download.value.path()).read_bytes()
    if kind == "SVG":
        assert picture.count(b'class="point ') == 25
        assert b"<image" not in picture
    else:
        corner = Image.open(io.BytesIO(picture)).convert("RGBA").getpixel((1, 1))
        assert corner == (253, 252, 249, 255)


def test_the_text_follows_the_theme(screen: Screen) -> None:
    color = "() => document.querySelector('.map-plot').layout.font.color"
    light = screen.page.evaluate(color)
    screen.page.emulate_media(color_scheme="dark")
    condition = f"(light) => ({color})() !== light"
    screen.page.wait_for_function(condition, arg=light, timeout=PATIENCE)


def test_a_missing_library_is_told(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.route("**/plotly.min.js*", lambda route: route.abort())
    page.goto(address)
    told = page.get_by_text("The drawing library did not arrive.")
    expect(told).to_be_visible(timeout=PATIENCE)
    page.close()
