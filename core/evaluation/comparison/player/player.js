/*
 * Draws a comparison of up to six arms: live, replayed from its recording, and on a stage.
 *
 * It draws a board (board.py). What is on the screen follows from the board, the sample, and each
 * arm's clock; a live board has no clock.
 */

const COLUMN_PIXELS = 270;
const STAGE_COLUMN_PIXELS = 310;
const LONGEST_WAIT = 2 * 3600 * 1000;
const LIVE_TICK = 500; // only the clocks: what arrives is drawn at once

class Player {
  constructor(root, board, hooks) {
    Object.assign(this, { root, hooks, columns: [], sample: 0, toldSample: 0, picked: false });
    this.liveSince = new Map();
    this.playback = new Playback(
      () => this.draw(),
      () => this.columns.forEach((column) => column.follow()),
    );
    this.build();
    this.listen();
    this.update(board);
  }

  // -------------------------------------------------------------- what is there

  build() {
    this.badge = el("span", "vm-badge");
    this.tabs = el("div", "vm-tabs");
    this.tabs.setAttribute("role", "group");
    this.tabs.setAttribute("aria-label", "Sample");
    this.stageButton = button("vm-button vm-stage-button", "Stage (F)", () => this.toggleStage(), icon("stage"));
    this.stageButton.append(el("span", "vm-button-word", "Stage"));
    const bar = el("div", "vm-toolbar", this.badge, this.tabs, el("span", "vm-gap"), this.stageButton);
    this.controls = new Controls(this.playback);
    this.problem = el("div", "vm-problem");
    this.race = new Race();
    this.grid = el("div", "vm-columns");
    this.tip = new Tip(this.root);
    this.root.classList.add("vm-player");
    this.root.tabIndex = 0;
    this.root.setAttribute("role", "region");
    this.root.setAttribute("aria-label", "Comparison of arms");
    this.root.setAttribute("aria-live", "off");
    const parts = [this.controls.root, this.problem, this.race.root, this.grid, this.tip.note];
    this.root.replaceChildren(bar, ...parts);
  }

  // -------------------------------------------------------------- what is told

  update(board) {
    const before = this.board;
    this.board = board;
    const names = board.arms.map((arm) => arm.arm);
    if (names.join("\n") !== before?.arms.map((arm) => arm.arm).join("\n")) this.rebuild();
    board.arms.forEach((arm, at) => this.columns[at].rename(arm));
    const key = JSON.stringify([board.run, board.created, board.live]);
    if (key !== this.boardKey) this.newBoard(board, key);
    if (board.live && !this.picked) this.sample = arrivingSample(board) ?? this.sample;
    this.sample = Math.min(this.sample, board.samples - 1);
    this.choose();
    this.drawHead();
    this.draw();
    this.tickLive();
    this.tellSample();
  }

  newBoard(board, key) {
    const followed = this.boardKey && JSON.parse(this.boardKey)[0] === board.run;
    this.boardKey = key;
    this.playback.showAll();
    if (!followed) Object.assign(this, { sample: 0, picked: false });
    this.problem.replaceChildren(...board.problem.flatMap((block) => (block.nodes ?? []).map(build)));
  }

  rebuild() {
    const onStop = (name) => this.hooks.onStop?.(name);
    this.columns = this.board.arms.map((arm, at) => new Column(arm, at, onStop, () => this.tellUnfolded()));
    this.grid.replaceChildren(...this.columns.map((column) => column.root));
    this.race.fill(this.board.arms);
    this.arrange();
  }

  /* The takes of the sample that is shown, and their recordings. */
  choose() {
    const takes = this.board.arms.map((arm) => arm.takes.find((take) => take.sample === this.sample) ?? null);
    const same = this.takes?.length === takes.length && takes.every((take, at) => take === this.takes[at]);
    if (same) return;
    this.takes = takes;
    const started = takes.map((take) => Date.parse(take?.started ?? ""));
    const first = Math.min(...started.filter(Number.isFinite));
    const offsets = started.map((time) => (Number.isFinite(time) ? time - first : 0));
    this.playback.load(this.board.live ? [] : takes.map((take) => take && new Recording(take)), offsets);
  }

  pick(sample) {
    Object.assign(this, { sample, picked: true });
    this.playback.showAll();
    for (const column of this.columns) column.follow();
    this.choose();
    this.drawHead();
    this.draw();
    this.tellSample();
  }

  // -------------------------------------------------------------- what is told to others

  /* A vote is for the sample that is shown. */
  tellSample() {
    if (this.board.live || this.sample === this.toldSample) return;
    this.toldSample = this.sample;
    this.hooks.onSample?.(this.sample);
  }

  /* Thoughts that arrive come with their formulas only where somebody reads them. */
  tellUnfolded() {
    if (!this.board.live) return;
    this.hooks.onUnfold?.(this.columns.filter((column) => column.isUnfolded).map((column) => column.name));
  }

  // -------------------------------------------------------------- drawing

  drawHead() {
    const { board } = this;
    const models = board.models.length > 2 ? `${board.models.length} models` : board.models.join(", ");
    const recorded = board.imported ? "Imported recording" : "Recording";
    const kind = board.live ? "Live" : board.arms.some((arm) => arm.takes.length) ? recorded : "No replies";
    put(this.badge, [kind, models, board.live ? "" : day(board.created)].filter(Boolean).join(" · "));
    this.badge.classList.toggle("vm-badge-live", board.live);
    show(this.race.root, !board.blind);
    if (this.tabs.childElementCount !== (board.samples > 1 ? board.samples : 0)) this.fillTabs();
    [...this.tabs.children].forEach((tab, at) => tab.setAttribute("aria-pressed", String(at === this.sample)));
  }

  fillTabs() {
    const numbers = this.board.samples > 1 ? [...Array(this.board.samples).keys()] : [];
    this.tabs.replaceChildren(
      ...numbers.map((at) => {
        const word = el("span", "vm-tab-word", "Sample ");
        return button("vm-tab", `Sample ${at + 1}`, () => this.pick(at), word, String(at + 1));
      }),
    );
  }

  draw() {
    const { board, playback } = this;
    const views = this.takes.map((take, at) => {
      const clock = playback.clocks ? playback.clocks[at] : null;
      const view = viewOf(take, playback.recordings[at], clock, playback.exact[at], board.live);
      if (view.state === "reading" && playback.isReady) return { ...view, state: "ready" };
      return take && board.live ? this.withTime(view, board.arms[at].arm) : view;
    });
    const stoppable = board.live && Boolean(this.hooks.onStop);
    views.forEach((view, at) => this.columns[at].draw(view, board.gold, stoppable));
    this.race.draw(views, board);
    this.controls.draw();
  }

  // -------------------------------------------------------------- live

  withTime(view, arm) {
    if (view.seconds !== null || view.state === "waiting") return view;
    const seconds = this.liveSeconds(arm, view.take);
    const writing = view.first === null ? 0 : seconds - view.first;
    return { ...view, seconds, speed: speedAfterFirst(view.output, writing, SPEED_SETTLES) };
  }

  /* A request tells its time when it ends; until then it is measured from when it was sent. */
  liveSeconds(arm, take) {
    if (take.state === "ended") return null;
    const key = `${arm} ${take.sample} ${take.started}`;
    if (!this.liveSince.has(key)) {
      const passed = Date.now() - Date.parse(take.started ?? "");
      this.liveSince.set(key, performance.now() - (passed >= 0 && passed < LONGEST_WAIT ? passed : 0));
    }
    return (performance.now() - this.liveSince.get(key)) / 1000;
  }

  tickLive() {
    clearInterval(this.ticking);
    if (this.board.live) this.ticking = setInterval(() => this.draw(), LIVE_TICK);
  }

  // -------------------------------------------------------------- the stage

  get onStage() {
    return this.root.classList.contains("vm-stage");
  }

  toggleStage() {
    if (this.onStage) this.leaveStage();
    else this.enterStage();
  }

  enterStage() {
    this.root.classList.add("vm-stage");
    this.stageButton.setAttribute("aria-label", "Leave the stage (Esc)");
    this.stageButton.title = "Leave the stage (Esc)";
    this.arrange();
    this.root.focus({ preventScroll: true });
    // Nobody is to see the end before it was played.
    if (!this.board.live && this.playback.isWhole) this.playback.seek(0);
    // Where nobody allows it the window is filled, and that is all.
    this.root.requestFullscreen?.().catch(() => {});
    this.tip.hide();
  }

  leaveStage() {
    this.root.classList.remove("vm-stage");
    this.stageButton.setAttribute("aria-label", "Stage (F)");
    this.stageButton.title = "Stage (F)";
    if (this.playback.isReady) {
      this.playback.showAll();
      this.draw();
    }
    if (document.fullscreenElement === this.root) document.exitFullscreen().catch(() => {});
    this.arrange();
    this.tip.hide();
  }

  /* Rows as even as they can be: four arms are two and two, not three and one. */
  arrange() {
    const least = this.onStage ? STAGE_COLUMN_PIXELS : COLUMN_PIXELS;
    const arms = Math.max(1, this.columns.length);
    const fitting = Math.max(1, Math.floor((this.grid.clientWidth + 16) / (least + 16)));
    const rows = Math.ceil(arms / fitting);
    this.root.style.setProperty("--vm-across", String(Math.ceil(arms / rows)));
    this.root.classList.toggle("vm-crowded", rows > 1);
  }

  // -------------------------------------------------------------- what a person does

  listen() {
    this.onKey = (event) => this.key(event);
    this.onFullscreen = () => {
      const left = this.wasFull && document.fullscreenElement !== this.root;
      this.wasFull = document.fullscreenElement === this.root;
      if (left && this.onStage) this.leaveStage();
    };
    // In front of Streamlit's own keys: R would run the screen again.
    window.addEventListener("keydown", this.onKey, true);
    document.addEventListener("fullscreenchange", this.onFullscreen);
    this.root.addEventListener("click", (event) => {
      // Keys go to the player again after a click, not to the button that was clicked.
      const worked = event.target.closest(".vm-controls button");
      if (event.detail && (this.onStage || worked)) this.root.focus({ preventScroll: true });
    });
    this.grid.addEventListener("scroll", () => this.tip.hide(), true);
    this.sizes = new ResizeObserver(() => this.arrange());
    this.sizes.observe(this.root);
  }

  key(event) {
    const inside = this.root.contains(document.activeElement);
    if (!(inside || this.onStage) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event.target)) return;
    const action = this.actionOf(event);
    if (!action) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!event.repeat || event.key === "ArrowRight") action();
  }

  actionOf(event) {
    const onButton = event.target.closest?.("button, input, label, summary");
    switch (event.key) {
      case " ":
        return onButton ? null : () => this.playback.toggle();
      case "ArrowRight":
        return event.target === this.controls.slider ? null : () => this.playback.next();
      case "ArrowLeft":
        return event.target === this.controls.slider ? null : () => this.playback.back();
      case "r":
      case "R":
        return () => this.playback.restart();
      case "f":
      case "F":
        return () => this.toggleStage();
      case "Escape":
        if (this.tip.isShown) return () => this.tip.hide();
        return this.onStage ? () => this.leaveStage() : null;
      default:
        return null;
    }
  }

  destroy() {
    this.playback.pause();
    clearInterval(this.ticking);
    this.sizes.disconnect();
    window.removeEventListener("keydown", this.onKey, true);
    document.removeEventListener("fullscreenchange", this.onFullscreen);
    if (this.onStage) this.leaveStage();
    this.root.replaceChildren();
  }
}
