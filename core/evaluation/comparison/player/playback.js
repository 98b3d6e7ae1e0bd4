/* Time: how far each arm's recording has been played, and how fast it goes on. */

/*
 * Each arm has a clock in milliseconds; one that waits for its turn is below zero. Without clocks
 * all is shown as it is. `onChange` is called whenever something else is to be seen, `onBegin` when
 * the recordings begin anew.
 */
class Playback {
  constructor(onChange, onBegin) {
    Object.assign(this, { onChange, onBegin, recordings: [], offsets: [], end: 0, ranEnd: 0 });
    Object.assign(this, { speed: 1, byKey: false, asItRan: false, playing: false });
    this.showAll();
  }

  /* `offsets` tell how much later than the first of them each arm was asked. */
  load(recordings, offsets) {
    Object.assign(this, { recordings, offsets });
    this.end = Math.max(0, ...recordings.map((one) => one?.end ?? 0));
    this.ranEnd = Math.max(0, ...recordings.map((one, at) => (one?.end ?? 0) + offsets[at]));
  }

  showAll() {
    this.pause();
    Object.assign(this, { clocks: null, exact: [], fresh: true });
  }

  get canPlay() {
    return this.recordings.length > 0;
  }

  /* Whether all is shown that could be played. */
  get isWhole() {
    return !this.clocks && this.end > 0;
  }

  /* Whether it is about to begin, with nothing shown yet. */
  get isReady() {
    return Boolean(this.clocks) && !this.playing && this.position() <= 0;
  }

  offset(at) {
    return this.asItRan ? this.offsets[at] : 0;
  }

  total() {
    return this.asItRan ? this.ranEnd : this.end;
  }

  position() {
    if (!this.clocks) return this.total();
    const places = this.clocks.map((clock, at) => {
      return Math.min(clock, this.recordings[at]?.end ?? 0) + this.offset(at);
    });
    return Math.max(0, ...places.filter((_, at) => this.clocks[at] >= 0));
  }

  hasEnded() {
    return this.clocks.every((clock, at) => clock >= (this.recordings[at]?.end ?? 0));
  }

  seek(time) {
    this.pause();
    this.set(time);
    this.onChange();
  }

  set(time) {
    this.exact = [];
    this.fresh = false;
    this.clocks = this.recordings.map((_, at) => time - this.offset(at));
    if (time <= 0) this.onBegin();
  }

  toggle() {
    if (!this.canPlay) return;
    if (this.byKey) this.next();
    else if (this.playing) this.pause();
    else this.play();
    this.onChange();
  }

  play() {
    if (!this.clocks || this.hasEnded()) this.set(0);
    this.exact = [];
    this.playing = true;
    this.last = performance.now();
    this.frame = requestAnimationFrame((now) => this.advance(now));
  }

  /* Hidden pages get no frames: the time that passed meanwhile is not made up for. */
  advance(now) {
    if (!this.playing) return;
    const passed = Math.max(0, now - this.last) * this.speed;
    this.last = Math.max(now, this.last);
    this.clocks = this.clocks.map((clock) => clock + passed);
    if (this.hasEnded()) this.playing = false;
    else this.frame = requestAnimationFrame((later) => this.advance(later));
    this.onChange();
  }

  pause() {
    this.playing = false;
    cancelAnimationFrame(this.frame);
  }

  restart() {
    if (!this.canPlay) return;
    this.pause();
    this.set(0);
    if (!this.byKey) this.play();
    this.onChange();
  }

  /* The next paragraph of every arm. */
  next() {
    if (!this.canPlay) return;
    this.pause();
    if (!this.clocks) {
      if (!this.fresh) return;
      this.set(0);
    }
    this.recordings.forEach((recording, at) => {
      if (!recording) return;
      const { steps, end } = recording;
      const now = this.exact[at];
      const step = now ? steps[now.index + 1] : steps.find((one) => one.at > this.clocks[at]);
      this.exact[at] = step;
      this.clocks[at] = step ? step.at : Math.max(end, this.clocks[at]);
    });
    this.onChange();
  }

  /* Back to the paragraph before. */
  back() {
    if (!this.canPlay || (!this.clocks && !this.byKey)) return;
    this.pause();
    if (!this.clocks) this.set(this.total());
    this.recordings.forEach((recording, at) => {
      if (!recording) return;
      const { steps } = recording;
      const reached = steps.filter((one) => one.at <= this.clocks[at]);
      const now = this.exact[at] ?? reached.at(-1);
      const step = now && steps[now.index - 1];
      this.exact[at] = step;
      this.clocks[at] = step ? step.at : 0;
    });
    this.onChange();
  }

  setSpeed(speed) {
    this.byKey = speed === "by key";
    if (this.byKey) {
      this.pause();
      if (!this.clocks || this.hasEnded()) this.set(0);
    } else this.speed = speed;
    this.onChange();
  }

  setAsItRan(ran) {
    const ended = !this.clocks || this.hasEnded();
    const time = this.position();
    this.asItRan = ran;
    if (!ended) this.set(time);
    this.onChange();
  }
}
