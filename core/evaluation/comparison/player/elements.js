/*
 * Elements of the page, made from nodes (nodes.py) and for the player itself.
 *
 * What a model wrote gets in as text and as elements from the two lists below. Nothing here reads
 * HTML, and no attribute takes its value from a model but through a list.
 */

const MATHML = "http://www.w3.org/1998/Math/MathML";
const SVG = "http://www.w3.org/2000/svg";
const MATHML_TAGS = new Set(
  ("math mrow mi mn mo ms mtext mspace mstyle mfrac msqrt mroot msub msup msubsup munder mover " +
    "munderover mtable mtr mtd mpadded mphantom").split(" "),
);
const PROSE_TAGS = new Set(
  "p ul ol li blockquote table thead tbody tr th td em strong s code pre br hr".split(" "),
);
const MATHML_ATTRIBUTES = new Set(
  ("display stretchy fence form accent accentunder displaystyle scriptlevel linethickness " +
    "columnalign movablelimits mathvariant lspace rspace width height depth voffset minsize " +
    "maxsize").split(" "),
);
const MARKS = {
  mark: new Set("heading plain source boxed up down through".split(" ")),
  line: new Set(["below", "right"]),
};
const ICONS = {
  play: "M5 3.2v9.6L13 8z",
  pause: "M4 3h3v10H4zM9 3h3v10H9z",
  restart: "M8 3a5 5 0 1 0 4.9 6h-1.6A3.5 3.5 0 1 1 8 4.5c1 0 1.8.4 2.5 1L8.5 7.5H13V3l-1.5 1.5A5 5 0 0 0 8 3z",
  next: "M3 3.2v9.6L10 8zM11 3h2v10h-2z",
  stage: "M2 2h5v1.6H3.6V7H2zM9 2h5v5h-1.6V3.6H9zM2 9h1.6v3.4H7V14H2zM12.4 9H14v5H9v-1.6h3.4z",
  fold: "M5.5 3.5 10 8l-4.5 4.5-1.1-1.1L7.8 8 4.4 4.6z",
};

function el(tag, name, ...children) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  made.append(...children);
  return made;
}

function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("vm-icon", `vm-icon-${name}`);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

function button(name, label, onClick, ...children) {
  const made = el("button", name, ...children);
  made.type = "button";
  made.setAttribute("aria-label", label);
  made.title = label;
  made.addEventListener("click", onClick);
  return made;
}

/* Writes only what is new: most of the screen stays as it is at most frames. */
function put(element, text) {
  if (element.vmText === text) return;
  element.vmText = text;
  element.textContent = text;
}

function show(element, visible) {
  if (element.hidden === visible) element.hidden = !visible;
}

/* An element, or text, from a node of nodes.py. */
function build(node) {
  if (typeof node === "string") return document.createTextNode(node);
  const [tag, attributes, ...children] = node;
  if (tag === "cite") return citation(attributes, children);
  const math = MATHML_TAGS.has(tag);
  if (!math && !PROSE_TAGS.has(tag)) return document.createTextNode(children.filter(isText).join(""));
  const made = math ? document.createElementNS(MATHML, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name in MARKS) {
      const known = String(value).split(" ").filter((mark) => MARKS[name].has(mark));
      made.classList.add(...known.map((mark) => `vm-${name}-${mark}`));
    } else if (math && MATHML_ATTRIBUTES.has(name)) made.setAttribute(name, value);
    else if (tag === "ol" && name === "start") made.start = Number(value) || 1;
    else if (name === "align") made.classList.add("vm-align-right");
  }
  made.append(...children.map(build));
  return tag === "table" ? el("div", "vm-table", made) : made;
}

function isText(node) {
  return typeof node === "string";
}

/* What is said of it is in `title` until the page's own note takes its place. */
function citation({ name, instruction, given }, children) {
  const written = children.filter(isText).join("");
  const made = el("span", given ? "vm-cite" : "vm-cite vm-invented", ...breakable(written));
  describe(made, name, given ? instruction : "never given");
  return made;
}

/* Names may break where one of their words ends. */
function breakable(name) {
  const pieces = name.split(/(?<=_)/);
  return pieces.flatMap((piece, at) => (at ? [document.createElement("wbr"), piece] : [piece]));
}

function describe(element, name, words) {
  element.tabIndex = 0;
  element.setAttribute("role", "note");
  element.setAttribute("aria-label", words ? `${name}: ${words}` : name);
  element.title = words || name;
  element.vmTip = { name, words };
}

function isTyping(target) {
  if (target.isContentEditable || target.tagName === "TEXTAREA" || target.tagName === "SELECT") return true;
  return target.tagName === "INPUT" && !["range", "checkbox", "radio", "button"].includes(target.type);
}
