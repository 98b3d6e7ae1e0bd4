/* The bars of all arms beside each other. */

function swatch(side) {
  return el("span", `vm-swatch vm-bar-${side}`);
}

class Race {
  constructor() {
    this.rows = el("div", "vm-race-rows");
    this.scale = el("span", "vm-race-scale");
    this.legend = el("span", "vm-legend", swatch("reasoning"), "reasoning ", swatch("answer"), "answer");
    this.pieces = el("span", "vm-legend", swatch("pieces"), "pieces, whose tokens are counted at the end");
    const legends = [this.legend, this.pieces];
    const head = el("div", "vm-race-head", el("span", "", "Output tokens"), ...legends, this.scale);
    this.root = el("section", "vm-race", head, this.rows);
    this.root.setAttribute("role", "region");
    this.root.setAttribute("aria-label", "Output tokens of all arms");
    this.bars = [];
  }

  fill(arms) {
    this.bars = arms.map((arm, number) => {
      const reasoning = el("span", "vm-bar-reasoning");
      const answer = el("span", "vm-bar-answer");
      const numeral = el("span", "vm-bar-number");
      const bar = el("div", "vm-bar", reasoning, answer);
      const row = el("div", "vm-race-row", el("span", "vm-race-name", arm.title));
      row.append(el("div", "vm-track", bar, numeral));
      row.style.setProperty("--vm-arm", `var(--vm-arm-${(number % 6) + 1})`);
      return { row, reasoning, answer, bar, number: numeral };
    });
    this.rows.replaceChildren(...this.bars.map((bar) => bar.row));
  }

  draw(views, board) {
    const full = board.budget ? `the budget of ${tokens(board.budget)}` : tokens(board.most);
    put(this.scale, `full bar: ${full}`);
    show(this.legend, views.some((view) => view.take?.thinking.text));
    show(this.pieces, views.some((view) => view.pieces));
    views.forEach((view, at) => this.drawBar(this.bars[at], view, board.most));
  }

  drawBar(bar, view, most) {
    const { state, take, pieces } = view;
    const output = view.output ?? null;
    const length = output ?? pieces ?? 0;
    const begun = state === "arriving" || state === "ended";
    const reasoning = Math.min(view.reasoning ?? 0, output ?? 0);
    const part = (number) => `${Math.min(100, (100 * number) / most).toFixed(2)}%`;
    bar.bar.style.width = part(length);
    bar.reasoning.style.flexGrow = String(reasoning);
    bar.answer.style.flexGrow = String(length - reasoning);
    bar.number.style.left = part(length);
    const missing = pieces ? `${count(pieces)} pieces` : view.whole ? "unknown" : "";
    put(bar.number, begun ? (output === null ? missing : counted(output, view.about)) : "");
    bar.row.dataset.vmState = state;
    bar.row.dataset.vmVerdict = state === "ended" && take ? verdictName(take.correct) : "";
    bar.row.classList.toggle("vm-by-pieces", Boolean(pieces));
    bar.row.classList.toggle("vm-cut", state === "ended" && Boolean(take?.cut));
  }
}
