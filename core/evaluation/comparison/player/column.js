/* One arm: its figures, its reply, and what became of its behaviors. */

const NEAR_THE_END = 28; // pixels
const GLIMPSE = 160; // characters
const LONGEST_OPEN_LIST = 6; // behaviors

class Column {
  constructor(arm, number, onStop, onUnfold) {
    this.number = number;
    this.following = true;
    this.build(arm, onStop, onUnfold);
  }

  build(arm, onStop, onUnfold) {
    this.title = el("h3", "vm-title");
    this.about = el("p", "vm-about");
    this.model = el("p", "vm-model");
    this.stop = button("vm-stop", "Stop", () => onStop(this.name), "Stop");
    this.output = el("span", "vm-figure-number");
    this.outputLabel = el("span", "vm-figure-label");
    this.pace = el("span", "vm-figure-split");
    this.split = el("span", "vm-figure-split");
    this.time = el("span", "vm-figure-number");
    this.rate = el("span", "vm-figure-number");
    const figure = (number, label, name = "") => el("div", `vm-figure ${name}`, number, label);
    this.figures = el(
      "div",
      "vm-figures",
      figure(this.output, this.outputLabel, "vm-figure-big"),
      figure(this.time, el("span", "vm-figure-label", "time")),
      figure(this.rate, el("span", "vm-figure-label", "tokens/s")),
      this.pace,
      this.split,
    );
    this.stateDot = el("span", "vm-dot");
    this.stateText = el("span", "vm-state-text");
    this.state = el("div", "vm-state", this.stateDot, this.stateText);
    this.answer = el("span", "vm-answer-value");
    this.verdict = el("span", "vm-verdict");
    this.gold = el("span", "vm-gold");
    this.result = el("div", "vm-result", this.answer, this.verdict, this.gold);
    this.facts = el("dl", "vm-facts");
    this.outcome = el("div", "vm-outcome", this.result, this.facts);
    const top = el("div", "vm-top", this.title, this.stop);
    const head = el("header", "vm-head", top, this.about, this.model);
    const status = el("div", "vm-status", this.state, this.outcome);
    this.lists = el("div", "vm-lists");
    this.root = el("section", "vm-column", head, this.figures, status, this.buildReading(onUnfold), this.lists);
    this.root.setAttribute("role", "region");
    this.root.style.setProperty("--vm-arm", `var(--vm-arm-${(this.number % 6) + 1})`);
    this.rename(arm);
  }

  buildReading(onUnfold) {
    this.glimpse = el("span", "vm-glimpse");
    this.foldLabel = el("span", "vm-fold-label", "Thinking");
    this.fold = el("button", "vm-fold", icon("fold"), this.foldLabel, this.glimpse);
    this.fold.type = "button";
    this.fold.addEventListener("click", () => {
      this.unfold(this.thought.hidden);
      onUnfold();
    });
    this.thought = el("div", "vm-thought");
    this.thinking = el("div", "vm-thinking", this.fold, this.thought);
    this.text = el("div", "vm-text");
    this.reading = el("div", "vm-reading", this.thinking, this.text);
    this.reading.tabIndex = 0;
    this.reading.setAttribute("role", "group");
    this.reading.addEventListener("scroll", () => {
      const { scrollTop, clientHeight, scrollHeight } = this.reading;
      this.following = scrollTop + clientHeight >= scrollHeight - NEAR_THE_END;
    });
    this.thoughtFlow = new Flow(this.thought);
    this.textFlow = new Flow(this.text);
    this.unfold(false);
    return this.reading;
  }

  get isUnfolded() {
    return !this.thought.hidden;
  }

  unfold(open) {
    show(this.thought, open);
    this.fold.setAttribute("aria-expanded", String(open));
    if (this.view) this.draw(this.view);
  }

  rename(arm) {
    this.name = arm.arm;
    this.retrieving = arm.retrieving;
    this.usually = arm.about;
    put(this.title, arm.title);
    put(this.model, arm.model);
    show(this.model, Boolean(arm.model));
    this.root.setAttribute("aria-label", `Arm ${arm.title}`);
    this.reading.setAttribute("aria-label", `Reply of ${arm.title}`);
    this.label = arm.title;
  }

  /* Another reply begins at its end again. */
  follow() {
    this.following = true;
  }

  draw(view, gold = this.shownGold, stoppable = this.stoppable) {
    const before = this.view;
    Object.assign(this, { view, shownGold: gold, stoppable });
    const { take, state } = view;
    this.root.dataset.vmState = state;
    // What this reply lacked is told in the place of what such an arm usually gets.
    const about = take?.about || this.usually;
    put(this.about, about);
    show(this.about, Boolean(about));
    this.drawFigures(view);
    put(this.stateText, stateWords(view));
    show(this.state, state !== "ended");
    show(this.stop, Boolean(stoppable) && state !== "ended" && state !== "never");
    this.stop.setAttribute("aria-label", `Stop ${this.label}`);
    if (before?.take !== take || before?.state !== state) {
      this.drawOutcome(view);
      this.drawLists(view);
    }
    this.drawReading(view);
  }

  drawFigures(view) {
    const { state, take, output, about, pieces } = view;
    show(this.figures, !isBlind(take));
    const begun = state === "arriving" || state === "ended";
    // In a replay the count comes with a later chunk or at the end: it is not yet known, not unknown.
    const missing = view.whole ? "unknown" : "–";
    const number = pieces ? count(pieces) : (output ?? null) === null ? missing : counted(output, about);
    put(this.output, begun ? number : "–");
    put(this.outputLabel, pieces ? "pieces so far" : "output tokens");
    put(this.pace, begun ? paceWords(view) : "");
    this.output.classList.toggle("vm-word", begun && view.whole === true && (output ?? null) === null);
    put(this.split, take && begun ? this.splitWords(view) : "");
    put(this.time, take && !["waiting", "ready"].includes(state) ? duration(view.seconds) : "–");
    put(this.rate, view.speed ? view.speed.toFixed(view.speed < 10 ? 1 : 0) : "–");
  }

  splitWords({ take, output, reasoning, text, whole }) {
    if (!take.thinking.text || (output ?? null) === null) return "";
    if ((reasoning ?? null) === null) return whole ? "reasoning unknown" : "";
    if (!text) return "all reasoning";
    return `${count(reasoning)} reasoning + ${count(Math.max(0, output - reasoning))} answer`;
  }

  drawOutcome({ take, state }) {
    show(this.outcome, state === "ended" && Boolean(take));
    this.facts.replaceChildren();
    if (state !== "ended" || !take) return;
    this.answer.replaceChildren(...(take.answer ? take.answer.map(build) : ["no answer found"]));
    this.answer.classList.toggle("vm-none", !take.answer);
    show(this.verdict, !isBlind(take));
    put(this.verdict, verdictWords(take.correct));
    this.verdict.className = `vm-verdict vm-${verdictName(take.correct)}`;
    this.gold.replaceChildren();
    if (take.correct === false && this.shownGold) {
      this.gold.append("right answer: ", ...this.shownGold.map(build));
    }
    this.addFact("Finish", take.finished, take.failed || take.cut ? "vm-warn" : "");
    if ("input" in take) this.addFact("Input tokens", inputTokens(take));
    if ("price" in take) this.addFact("Price", money(take.price));
  }

  addFact(name, value, mark = "") {
    this.facts.append(el("div", "vm-fact", el("dt", "", name), el("dd", mark, value)));
  }

  /* A live board brings the same lists again and again: who reads in them is not to lose the place. */
  drawLists({ take, state }) {
    const key = JSON.stringify([take?.lists, state === "ended", this.retrieving]);
    if (key === this.listsKey) return;
    this.listsKey = key;
    this.lists.replaceChildren();
    if (!take?.lists) return;
    const { given, cited, uncited, invented } = take.lists;
    const word = this.retrieving ? "Retrieved" : "Given";
    if (state !== "ended") {
      this.addList(word, given);
      return;
    }
    if (!given.length) this.addList(word, given);
    else {
      this.addList(`${word} and cited`, cited, "vm-list-cited");
      this.addList(`${word}, not cited`, uncited);
    }
    if (given.length || invented.length) this.addList("Cited but never given", invented, "vm-list-invented");
  }

  addList(name, behaviors, mark = "") {
    if (!behaviors.length && mark === "" && name === "Given") return;
    const heading = el("h4", "vm-list-name", name, el("span", "vm-list-count", String(behaviors.length)));
    if (!behaviors.length) {
      this.lists.append(el("div", `vm-list ${mark} vm-list-empty`, heading));
      return;
    }
    const names = el("ul", "", ...behaviors.map((one) => el("li", "", chip(one, mark))));
    const folds = mark === "" && behaviors.length > LONGEST_OPEN_LIST;
    this.lists.append(folds ? this.foldedList(heading, names) : el("div", `vm-list ${mark}`, heading, names));
  }

  /* What was not used is there for who asks for it; what was cited or invented is never folded. */
  foldedList(heading, names) {
    const list = el("details", "vm-list", el("summary", "vm-list-fold", icon("fold"), heading), names);
    list.open = Boolean(this.listOpen);
    list.addEventListener("toggle", () => (this.listOpen = list.open));
    return list;
  }

  drawReading({ take, state, text = 0, thinking = 0 }) {
    if (take !== this.readTake) {
      this.readTake = take;
      this.characters = take && {
        text: new Characters(take.text.text),
        thinking: new Characters(take.thinking.text),
      };
    }
    const nothing = { blocks: [] };
    const reply = take ? `${take.sample} ${take.started} ${take.state === "ended"}` : "";
    if (reply !== this.reply) {
      this.reply = reply;
      this.thoughtFlow.clear();
      this.textFlow.clear();
    }
    const textEnd = Math.min(text, this.characters?.text.length ?? 0);
    const thinkingEnd = Math.min(thinking, this.characters?.thinking.length ?? 0);
    show(this.thinking, thinkingEnd > 0);
    let changed = false;
    if (thinkingEnd) {
      const arriving = state === "arriving" && !textEnd;
      const glimpse = this.characters.thinking.slice(Math.max(0, thinkingEnd - GLIMPSE), thinkingEnd);
      put(this.glimpse, arriving ? glimpse.replace(/\s+/g, " ") : "");
      this.thinking.classList.toggle("vm-is-arriving", arriving);
      if (!this.thought.hidden) {
        changed = this.thoughtFlow.show(take.thinking, this.characters.thinking, thinkingEnd);
      }
    } else this.thoughtFlow.show(nothing, null, 0);
    changed = this.textFlow.show(take?.text ?? nothing, this.characters?.text, textEnd, take?.offered) || changed;
    this.text.classList.toggle("vm-is-arriving", state === "arriving" && textEnd > 0);
    const arrived = state === "arriving" || this.wasArriving;
    if (changed && this.following && arrived) this.reading.scrollTop = this.reading.scrollHeight;
    this.wasArriving = state === "arriving";
  }
}

function chip(behavior, mark) {
  const made = el("span", "vm-chip", ...breakable(behavior.name));
  const words = mark === "vm-list-invented" ? "never given" : behavior.instruction ?? "";
  describe(made, behavior.name, [words, behavior.why].filter(Boolean).join(" · "));
  return made;
}

/* A blind board tells nothing that was measured. */
function isBlind(take) {
  return Boolean(take) && !("output" in take);
}

/* How the time was spent until now. */
function paceWords({ seconds, first }) {
  if ((seconds ?? null) === null || (first ?? null) === null) return "";
  return `${duration(first)} reading, ${duration(Math.max(0, seconds - first))} writing`;
}

function stateWords({ state, take }) {
  if (state === "waiting") return (take?.state === "waiting" && take.note) || "waiting its turn";
  if (state === "never") return "never began";
  if (state === "ready") return "ready";
  return take?.note && state === "reading" ? take.note : state === "reading" ? "reading the prompt" : "arriving";
}

function verdictName(correct) {
  return correct === true ? "right" : correct === false ? "wrong" : "ungraded";
}

function verdictWords(correct) {
  return correct === true ? "right" : correct === false ? "wrong" : "not graded";
}
