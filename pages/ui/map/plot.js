/*
 * Draws a plotly figure and tells Python what was drawn around and what was clicked.
 *
 * Streamlit calls the function at the end of this file when the plot is mounted, and again whenever
 * its data or the theme changed. What is on the screen follows from the data and the camera alone:
 * each drawing sets the ranges, the outline and the selected points anew. Only what plotly keeps for
 * itself (drag mode, hidden legend entries) is left to its `uirevision`.
 *
 * Text from the figure goes only through plotly; nothing here writes HTML.
 */

const LIBRARY_SECONDS = 30;
const WATCH_MILLISECONDS = 500;
const GLIDE_MILLISECONDS = 2000;
const MOST_POINTS = 48;
const CLICK_PIXELS = 4;
const DIM = 0.15;
const FILE_NAME = "map";
const CLEAR = "rgba(0,0,0,0)";
const AXIS = /^[xy]axis\d*$/;
const MOVED = /^[xy]axis\d*\.(range|autorange)/;

// ---------------------------------------------------------------- plotly.js

let library = null;

function loadLibrary(address) {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    const fail = () => {
      library = null; // a later drawing tries again
      reject(new Error("The drawing library did not arrive. Reload the page to try again."));
    };
    const timer = setTimeout(fail, LIBRARY_SECONDS * 1000);
    script.onload = () => {
      clearTimeout(timer);
      resolve(window.Plotly);
    };
    script.onerror = fail;
    script.src = address;
    document.head.append(script);
  });
  return library;
}

// ---------------------------------------------------------------- arrays and numbers

const TYPES = {
  i1: Int8Array,
  u1: Uint8Array,
  i2: Int16Array,
  u2: Uint16Array,
  i4: Int32Array,
  u4: Uint32Array,
  f4: Float32Array,
  f8: Float64Array,
};

/* A plain list also where Python sent {dtype, bdata}. */
function listOf(values) {
  if (!values?.bdata) return values;
  const bytes = Uint8Array.from(atob(values.bdata), (one) => one.charCodeAt(0));
  return Array.from(new TYPES[values.dtype](bytes.buffer));
}

/* Decimals that leave four digits and more of what is between `low` and `high`. */
function decimals(low, high) {
  const span = Math.abs(high - low) || 1;
  return Math.min(12, Math.max(0, 4 - Math.floor(Math.log10(span))));
}

function rounded(value, places) {
  return Number(value.toFixed(places));
}

function roundedPoints(points) {
  const [xs, ys] = [points.map((point) => point[0]), points.map((point) => point[1])];
  const across = decimals(Math.min(...xs), Math.max(...xs));
  const up = decimals(Math.min(...ys), Math.max(...ys));
  return points.map(([x, y]) => [rounded(x, across), rounded(y, up)]);
}

function cornerSize([ax, ay], [bx, by], [cx, cy]) {
  return Math.abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay));
}

/* Leaves out the flattest corners first, so that the shape stays. */
function thinned(points) {
  const left = [...points];
  while (left.length > MOST_POINTS) {
    const sizes = left.map((point, at) =>
      cornerSize(left.at(at - 1), point, left[(at + 1) % left.length]),
    );
    left.splice(sizes.indexOf(Math.min(...sizes)), 1);
  }
  return left;
}

function distance(one, other) {
  return Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
}

/* What plotly tells about a lasso or a box, on whichever subplot it was drawn. */
function outlineOf(event) {
  const pairs = (found) => {
    const axes = Object.keys(found);
    return [found[axes.find((one) => one[0] === "x")], found[axes.find((one) => one[0] === "y")]];
  };
  if (event.lassoPoints) {
    const [xs, ys] = pairs(event.lassoPoints);
    return roundedPoints(thinned(xs.map((x, at) => [x, ys[at]])));
  }
  if (!event.range) return null;
  const [[x0, x1], [y0, y1]] = pairs(event.range);
  return roundedPoints([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]);
}

// ---------------------------------------------------------------- the camera in the address

function cameraInAddress() {
  return new URLSearchParams(location.search).get("camera");
}

/* Every other parameter stays letter by letter. Streamlit compares the whole string with its own,
 * and its own has commas encoded. */
function writeCamera(text) {
  if (cameraInAddress() === text) return;
  const kept = location.search.slice(1).split("&");
  const parts = kept.filter((part) => part && !part.startsWith("camera="));
  if (text !== null) parts.push(`camera=${encodeURIComponent(text)}`);
  const search = parts.length ? `?${parts.join("&")}` : "";
  history.replaceState(history.state, "", location.pathname + search + location.hash);
}

/* 2-D: x0,x1,y0,y1. 3-D: the eye and the center. Anything else is no camera. */
function cameraFrom(text, deep) {
  const numbers = (text || "").split(",").map((one) => (one.trim() ? Number(one) : NaN));
  const sound = numbers.length === (deep ? 6 : 4) && numbers.every(Number.isFinite);
  if (!sound) return null;
  if (deep) return numbers.slice(0, 3).some((one, at) => one !== numbers[at + 3]) ? numbers : null;
  return numbers[0] !== numbers[1] && numbers[2] !== numbers[3] ? numbers : null;
}

function cameraText(camera, deep) {
  if (!camera) return null;
  if (deep) return camera.map((one) => Number(one.toPrecision(4))).join(",");
  const places = [decimals(camera[0], camera[1]), decimals(camera[2], camera[3])];
  return camera.map((one, at) => rounded(one, places[at < 2 ? 0 : 1])).join(",");
}

// ---------------------------------------------------------------- the figure as it is drawn

function isDeep(figure) {
  return figure.data.some((trace) => trace.type === "scatter3d");
}

function canBePicked(trace) {
  return Number.isInteger(trace.customdata?.[0]);
}

function themeOf(element) {
  const style = getComputedStyle(element);
  const value = (name) => style.getPropertyValue(`--st-${name}`).trim();
  return {
    text: value("text-color"),
    ground: value("background-color"),
    raised: value("secondary-background-color"),
    border: value("border-color"),
    accent: value("primary-color"),
    font: value("font"),
  };
}

function themedAxis(axis, theme) {
  return { ...axis, gridcolor: theme.border, zerolinecolor: theme.border, linecolor: theme.border };
}

function themedScene(scene, theme) {
  const axes = ["xaxis", "yaxis", "zaxis"].map((name) => {
    return [name, { ...themedAxis(scene?.[name], theme), showbackground: false }];
  });
  const annotations = (scene?.annotations ?? []).map((note) => themedNote(note, theme));
  return { ...scene, bgcolor: CLEAR, ...Object.fromEntries(axes), annotations };
}

/* Names on the map stay readable over the points below them. */
function themedNote(note, theme) {
  const ground = /^#[0-9a-f]{6}$/i.test(theme.ground) ? `${theme.ground}b0` : CLEAR;
  return { ...note, bgcolor: ground };
}

function themed(layout, theme) {
  const label = { bgcolor: theme.raised, bordercolor: theme.border, align: "left" };
  return {
    ...layout,
    paper_bgcolor: CLEAR,
    plot_bgcolor: CLEAR,
    font: { ...layout.font, color: theme.text, family: theme.font },
    hoverlabel: { ...label, ...layout.hoverlabel, font: { color: theme.text, family: theme.font } },
    modebar: { ...layout.modebar, bgcolor: CLEAR, color: theme.text, activecolor: theme.accent },
    newselection: { line: { color: theme.text, width: 1.5, dash: "dot" } },
    annotations: (layout.annotations ?? []).map((note) => themedNote(note, theme)),
  };
}

function outlines(area, layout, theme) {
  const path = `M${area.map((point) => point.join(",")).join("L")}Z`;
  const line = { color: theme.text, width: 1.5, dash: "dot" };
  const suffixes = Object.keys(layout).filter((name) => /^xaxis\d*$/.test(name));
  return suffixes.map((name) => {
    const [xref, yref] = [`x${name.slice(5)}`, `y${name.slice(5)}`];
    return { type: "path", path, xref, yref, line, layer: "above" };
  });
}

/* The part of a 3-D trace at these places: plotly has no selectedpoints for those. */
function partOf(trace, places) {
  const pick = (values) => {
    const list = listOf(values);
    return Array.isArray(list) ? places.map((at) => list[at]) : values;
  };
  const part = { ...trace, marker: { ...trace.marker } };
  for (const name of ["x", "y", "z", "customdata", "text", "hovertext", "ids"]) {
    part[name] = pick(part[name]);
  }
  for (const name of ["color", "size", "symbol"]) part.marker[name] = pick(part.marker[name]);
  return part;
}

function splitTrace(trace, chosen) {
  const places = trace.customdata.map((_, at) => at);
  const inside = places.filter((at) => chosen.has(trace.customdata[at]));
  const outside = places.filter((at) => !chosen.has(trace.customdata[at]));
  const dimmed = partOf(trace, outside);
  dimmed.marker.opacity = DIM * (trace.marker?.opacity ?? 1);
  dimmed.showlegend = inside.length ? false : trace.showlegend;
  dimmed.legendgroup = trace.legendgroup ?? trace.name;
  const bright = { ...partOf(trace, inside), legendgroup: dimmed.legendgroup };
  return [dimmed, bright].filter((part) => part.customdata.length);
}

/* One trace, or two of them in 3-D, with what is chosen standing out. A copy: plotly writes what a
 * person selects into the trace it was given. */
function withChosen(trace, chosen) {
  if (!chosen || !canBePicked(trace)) return [{ ...trace }];
  if (trace.type === "scatter3d") return splitTrace(trace, chosen);
  const places = trace.customdata.map((id, at) => (chosen.has(id) ? at : -1));
  return [{ ...trace, selectedpoints: places.filter((at) => at >= 0) }];
}

// ---------------------------------------------------------------- one plot

class Plot {
  constructor(element) {
    this.element = element;
    this.turn = 0;
    this.drawings = 0;
    this.cameras = { flat: null, deep: null };
    this.configs = {};
    this.home = null; // what is seen of the figure when nobody moved it
    this.glidesUntil = 0; // in 3-D the camera goes on after a turn, for so long at most
    this.drawn = Promise.resolve();
    this.page = location.pathname;
    this.opened = cameraInAddress();
  }

  /* Streamlit's word on what is to be seen. Returns its number. */
  show(data, tell) {
    this.followGlide();
    if (data.figure !== this.data?.figure) this.read(data.figure);
    this.data = data;
    this.tell = tell;
    this.element.style.height = `${data.height}px`;
    this.element.setAttribute("aria-label", data.alt);
    this.redraw();
    return ++this.turn;
  }

  read(text) {
    this.figure = JSON.parse(text);
    for (const trace of this.figure.data) trace.customdata = listOf(trace.customdata);
    this.home = null;
    this.glidesUntil = 0;
    this.deep = isDeep(this.figure);
    this.kind = this.deep ? "deep" : "flat";
    const opened = cameraFrom(this.opened, this.deep);
    this.cameras[this.kind] ??= opened;
    if (opened) this.opened = null;
  }

  get camera() {
    return this.cameras[this.kind];
  }

  /* One after the other; the last one draws what was said last. */
  redraw() {
    this.drawn = this.drawn.then(() => this.draw()).catch((error) => this.complain(error));
  }

  complain(error) {
    if (this.listening) console.error(error); // the plot is there: leave it
    else if (!this.closed) this.element.textContent = error.message;
  }

  async draw() {
    this.plotly = await loadLibrary(this.data.library);
    if (this.closed) return;
    if (!this.listening) this.element.replaceChildren();
    this.busy(true);
    try {
      await this.drawAll();
    } finally {
      this.busy(false);
    }
  }

  busy(drawing) {
    this.drawing = drawing;
    this.element.setAttribute("aria-busy", String(drawing));
  }

  async drawAll() {
    const area = this.deep ? null : this.data.area;
    // An outline would widen ranges that plotly chooses: let it choose without one first.
    if (!area || !(this.camera || this.home)) await this.react(false);
    if (!this.camera) this.home ??= this.seen();
    if (area) await this.react(true);
    if (this.closed) return;
    if (!this.listening) this.listen();
    this.keepCamera();
  }

  react(outlined) {
    const { data, layout } = this.composed(outlined);
    return this.plotly.react(this.element, data, layout, this.config());
  }

  composed(outlined) {
    const { selected, area } = this.data;
    const chosen = (area && !this.deep) || selected.length ? new Set(selected) : null;
    const theme = themeOf(this.element);
    const layout = themed(this.figure.layout ?? {}, theme);
    this.drawings += 1;
    Object.assign(layout, {
      autosize: true,
      uirevision: this.kind,
      selectionrevision: this.drawings,
      selections: [],
    });
    if (this.deep) this.placeEye(layout, theme);
    else this.placeAxes(layout, theme, outlined ? area : null);
    return { data: this.figure.data.flatMap((trace) => withChosen(trace, chosen)), layout };
  }

  placeAxes(layout, theme, area) {
    layout.dragmode = "lasso";
    layout.xaxis ??= {};
    layout.yaxis ??= {};
    const ranges = this.camera ?? (area ? this.home : null);
    for (const name of Object.keys(layout).filter((one) => AXIS.test(one))) {
      layout[name] = { ...themedAxis(layout[name], theme), uirevision: this.drawings };
      if (!ranges) continue;
      layout[name].range = name[0] === "x" ? ranges.slice(0, 2) : ranges.slice(2);
      layout[name].autorange = false;
    }
    if (area) layout.shapes = [...(layout.shapes ?? []), ...outlines(area, layout, theme)];
  }

  placeEye(layout, theme) {
    layout.scene = { ...themedScene(layout.scene, theme), uirevision: this.drawings };
    if (!this.camera) return;
    const [x, y, z, cx, cy, cz] = this.camera;
    layout.scene.camera = {
      ...layout.scene.camera,
      eye: { x, y, z },
      center: { x: cx, y: cy, z: cz },
    };
  }

  /* The same object each time: plotly starts from scratch when its configuration changes. */
  config() {
    this.configs[this.kind] ??= this.newConfig();
    return this.configs[this.kind];
  }

  newConfig() {
    const { Icons } = this.plotly;
    const button = (name, title, icon, click) => ({ name, title, icon, click });
    const reset = button("reset", "Reset the view", Icons.home, () => this.reset());
    const drag = this.deep
      ? [["tableRotation", "pan3d", "zoom3d"], [reset]]
      : [["pan2d", "lasso2d", "select2d"], ["zoomIn2d", "zoomOut2d", reset]];
    const files = [
      button("png", "Save as PNG", Icons.camera, () => this.save("png")),
      button("svg", "Save as SVG", Icons.disk, () => this.save("svg")),
    ];
    return {
      displaylogo: false,
      displayModeBar: true,
      scrollZoom: true,
      doubleClick: false, // plotly would go back to the camera of the address
      modeBarButtons: [...drag, files],
    };
  }

  // -------------------------------------------------------------- what a person does

  listen() {
    this.listening = true;
    const { element } = this;
    element.on("plotly_relayout", (event) => this.noteMove(event));
    // To plotly two quick clicks are a double click wherever they are, also on two points.
    element.on("plotly_doubleclick", () => this.pressedTwice && this.reset());
    element.on("plotly_selected", (event) => event && this.tellArea(outlineOf(event)));
    element.on("plotly_deselect", () => (this.pressedTwice ? this.tellArea(null) : this.redraw()));
    element.on("plotly_click", (event) => this.noteClick(event.points[0]));
    this.onPress = (event) => {
      this.pressedTwice = Boolean(this.spot) && distance(this.spot, event) < CLICK_PIXELS;
      this.spot = { clientX: event.clientX, clientY: event.clientY };
      this.press = { shift: event.shiftKey, spot: this.spot, id: null };
    };
    this.onRelease = (event) => this.release(event);
    element.addEventListener("pointerdown", this.onPress, true);
    window.addEventListener("pointerup", this.onRelease, true);
    this.sizes = new ResizeObserver(() => this.fit());
    this.sizes.observe(element);
    // When Python changes the address, Streamlit puts its own idea of the whole of it there, without
    // the camera, and nothing tells when.
    this.watch = setInterval(() => {
      this.followGlide();
      this.keepCamera();
    }, WATCH_MILLISECONDS);
  }

  fit() {
    const shown = this.element.isConnected && this.element.offsetWidth > 0;
    if (shown && !this.drawing) this.plotly.Plots.resize(this.element);
  }

  tellArea(points) {
    if (this.drawing) return;
    const nothing = !points && !this.data.area && !this.data.selected.length;
    if (!nothing) this.tell("area", { points });
  }

  /* In 3-D plotly tells of a click all the while the button is held, also when turning. */
  noteClick(point) {
    const id = point?.customdata;
    if (!Number.isInteger(id)) return;
    if (this.deep) {
      if (this.press) this.press.id = id;
    } else this.tell("clicked", { id, shift: Boolean(this.press?.shift) });
  }

  release(event) {
    const { press } = this;
    if (!this.deep || !press) return;
    const still = distance(press.spot, event) < CLICK_PIXELS;
    if (press.id !== null && still) this.tell("clicked", { id: press.id, shift: press.shift });
    this.press = null;
  }

  noteMove(event) {
    // In 3-D plotly does not always name the camera.
    if (!this.deep && !Object.keys(event ?? {}).some((name) => MOVED.test(name))) return;
    if (this.deep) this.glidesUntil = performance.now() + GLIDE_MILLISECONDS;
    this.noteCamera();
  }

  noteCamera() {
    const seen = this.seen();
    const moved = cameraText(seen, this.deep) !== cameraText(this.home, this.deep);
    this.cameras[this.kind] = moved ? seen : null;
    this.keepCamera();
  }

  /* A camera that is let go of comes to rest some frames later, and plotly does not tell. */
  followGlide() {
    if (performance.now() < this.glidesUntil && !this.drawing) this.noteCamera();
  }

  /* The camera as it is now. In 3-D only the scene itself is sure to know it. */
  seen() {
    const { xaxis, yaxis, scene } = this.element._fullLayout;
    if (!this.deep) return [...xaxis.range, ...yaxis.range];
    const { eye, center } = scene._scene.getCamera();
    return [eye.x, eye.y, eye.z, center.x, center.y, center.z];
  }

  keepCamera() {
    // The address is another screen's a moment before the plot is taken away.
    if (location.pathname === this.page) writeCamera(cameraText(this.camera, this.deep));
  }

  reset() {
    this.glidesUntil = 0;
    this.cameras[this.kind] = null;
    this.redraw();
  }

  /* As it is on the screen, on solid ground. In an SVG, points are shapes and not a picture. */
  save(format) {
    const theme = themeOf(this.element);
    const { data, offsetWidth, offsetHeight } = this.element;
    const ground = { paper_bgcolor: theme.ground, plot_bgcolor: theme.ground };
    const layout = { ...this.element.layout, ...ground };
    if (this.deep) this.placeEye(layout, theme);
    const plain = (trace) => (trace.type === "scattergl" ? { ...trace, type: "scatter" } : trace);
    const figure = { data: format === "svg" ? data.map(plain) : data, layout };
    const size = { width: offsetWidth, height: offsetHeight, scale: format === "png" ? 2 : 1 };
    this.plotly.downloadImage(figure, { format, filename: FILE_NAME, ...size });
  }

  close() {
    this.closed = true;
    plots.delete(this.element);
    clearInterval(this.watch);
    this.sizes?.disconnect();
    window.removeEventListener("pointerup", this.onRelease, true);
    this.plotly?.purge(this.element);
  }
}

// ---------------------------------------------------------------- what Streamlit calls

const plots = new WeakMap();

export default function ({ parentElement, data, setTriggerValue }) {
  const element = parentElement.querySelector(".map-plot");
  const plot = plots.get(element) ?? new Plot(element);
  plots.set(element, plot);
  const turn = plot.show(data, setTriggerValue);
  // Streamlit also drops a call that was overtaken by the next one; the plot stays for that.
  return () => {
    if (plot.turn === turn) plot.close();
  };
}
