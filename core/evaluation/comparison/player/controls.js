/* What a replay is worked with: play, restart, speed, and the line of time. */

const SPEEDS = [1, 2, 4];

class Controls {
  constructor(playback) {
    this.playback = playback;
    this.playButton = button("vm-button vm-play", "Play", () => playback.toggle(), icon("play"));
    this.playButton.append(el("span", "vm-button-word", "Replay"));
    const restart = button("vm-button", "Restart (R)", () => playback.restart(), icon("restart"));
    const line = el("div", "vm-line", this.buildSlider(), (this.clockText = el("span", "vm-clock")));
    const parts = [this.playButton, restart, this.buildSpeeds(), line, this.buildRan()];
    this.root = el("div", "vm-controls", ...parts);
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", "Replay");
  }

  buildSpeeds() {
    this.speedButtons = [...SPEEDS, "by key"].map((speed) => {
      const label = speed === "by key" ? "By key: each press shows the next paragraph" : `Speed ${speed}x`;
      const word = speed === "by key" ? speed : `${speed}x`;
      return button("vm-speed", label, () => this.playback.setSpeed(speed), word);
    });
    const speeds = el("div", "vm-speeds", ...this.speedButtons);
    speeds.setAttribute("role", "group");
    speeds.setAttribute("aria-label", "Speed");
    return speeds;
  }

  buildSlider() {
    this.slider = el("input", "vm-slider");
    Object.assign(this.slider, { type: "range", min: "0", step: "1" });
    this.slider.setAttribute("aria-label", "Time line");
    this.slider.addEventListener("input", () => this.playback.seek(Number(this.slider.value)));
    this.slider.addEventListener("pointerdown", (event) => (this.dragging = event.button === 0));
    // A press that changes nothing ends without a "change".
    for (const end of ["change", "pointerup", "pointercancel", "lostpointercapture"]) {
      this.slider.addEventListener(end, () => (this.dragging = false));
    }
    return this.slider;
  }

  buildRan() {
    const box = el("input", "");
    box.type = "checkbox";
    box.addEventListener("change", () => this.playback.setAsItRan(box.checked));
    this.ran = el("label", "vm-ran", box, "as it ran");
    this.ran.title = "Arms wait for each other as they did; otherwise each runs on its own clock";
    return this.ran;
  }

  draw() {
    const { playing, byKey, clocks, offsets, speed } = this.playback;
    show(this.root, this.playback.end > 0);
    show(this.ran, offsets.some((offset) => offset > 500));
    this.drawButton(playing ? "pause" : byKey ? "next" : "play", playing, byKey, clocks);
    const total = this.playback.total();
    const at = this.playback.position();
    this.slider.max = String(Math.ceil(total));
    if (!this.dragging) this.slider.value = String(Math.round(at));
    this.slider.style.setProperty("--vm-done", `${total ? (100 * at) / total : 100}%`);
    this.slider.setAttribute("aria-valuetext", duration(at / 1000));
    put(this.clockText, `${duration(at / 1000)} / ${duration(total / 1000)}`);
    this.speedButtons.forEach((one, index) => {
      const chosen = byKey ? index === SPEEDS.length : SPEEDS[index] === speed;
      one.setAttribute("aria-pressed", String(chosen));
    });
  }

  drawButton(sign, playing, byKey, clocks) {
    if (this.sign !== sign) this.playButton.firstChild.replaceWith(icon(sign));
    this.sign = sign;
    const word = playing ? "Pause" : byKey ? "Next" : clocks ? "Play" : "Replay";
    put(this.playButton.lastChild, word);
    this.playButton.setAttribute("aria-label", word);
  }
}
