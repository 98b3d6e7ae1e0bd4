/* What was to be seen of a reply at each moment. */

const SPEED_SETTLES = 0.3; // seconds: before that a speed tells nothing

/* Where a take was at each moment of its own clock, in milliseconds since its request. */
class Recording {
  constructor(take) {
    let [last, text, thinking, output, reasoning] = [0, 0, 0, null, null];
    this.marks = take.chunks.map(([at, side, size, known]) => {
      last = Math.max(last, at);
      if (side === "thinking") thinking += size;
      else text += size;
      if (known !== null && known !== undefined) output = known;
      if (side === "thinking") reasoning = output;
      return { at: last, text, thinking, output, reasoning };
    });
    const counted = this.marks.slice(0, -1).some((mark) => mark.output !== null);
    if (take.output && !counted) this.estimate(take.output);
    this.end = Math.max(last, (take.seconds ?? 0) * 1000);
    this.steps = this.stepsOf(take.text.blocks);
  }

  /* Where only the end was counted: about how many tokens there were before, by characters. */
  estimate(total) {
    const { text, thinking } = this.marks.at(-1) ?? {};
    const all = text + thinking;
    for (const mark of this.marks) {
      mark.output = Math.round((total * (mark.text + mark.thinking)) / all);
      if (!mark.text) mark.reasoning = mark.output;
      mark.about = true;
    }
  }

  /* The last mark that is reached; null before the first. */
  at(clock) {
    let [low, high] = [0, this.marks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.marks[middle].at <= clock) low = middle + 1;
      else high = middle;
    }
    return low ? this.marks[low - 1] : null;
  }

  /* One for the whole of the thinking, then one a paragraph; with the last of them it has ended. */
  stepsOf(blocks) {
    const steps = [];
    const thought = this.marks.findLast((mark) => mark.text === 0 && mark.thinking > 0);
    if (thought) steps.push({ at: thought.at, text: 0 });
    for (const block of blocks) {
      const mark = this.marks.find((one) => one.text >= block.end);
      if (mark) steps.push({ at: mark.at, text: block.end });
    }
    if (!steps.length) steps.push({ at: this.end, text: 0 });
    steps.at(-1).at = this.end;
    return steps.map((step, index) => ({ ...step, index }));
  }
}

/* What a column shows of its take: at a moment of its recording, or as it is (clock null). */
function viewOf(take, recording, clock, exact, live) {
  if (!take) return { state: live ? "waiting" : "never" };
  if (clock !== null && clock < 0) return { state: "waiting", take };
  if (clock === null || clock >= recording.end) return wholeView(take);
  const mark = recording.at(clock);
  if (!mark) return { state: "reading", take, text: 0, thinking: 0, seconds: clock / 1000, first: null };
  const first = recording.marks[0].at / 1000;
  return {
    state: "arriving",
    take,
    text: exact ? Math.min(exact.text, mark.text) : mark.text,
    thinking: mark.thinking,
    output: mark.output,
    about: mark.about,
    reasoning: mark.text && take.reasoning !== null ? take.reasoning : mark.reasoning,
    seconds: clock / 1000,
    first,
    speed: speedAfterFirst(mark.output, clock / 1000 - first, SPEED_SETTLES),
  };
}

function wholeView(take) {
  const seconds = take.seconds ?? null;
  const spent = seconds === null ? null : seconds - (take.first ?? 0);
  return {
    state: take.state,
    take,
    text: Infinity,
    thinking: Infinity,
    output: take.output,
    reasoning: take.reasoning,
    pieces: take.state === "arriving" && (take.output ?? null) === null ? take.pieces : null,
    seconds,
    first: take.first ?? null,
    speed: speedAfterFirst(take.output, spent),
    whole: take.state === "ended", // what nobody counted by then is unknown
  };
}

/* The sample to follow on a live board. */
function arrivingSample(board) {
  const takes = board.arms.flatMap((arm) => arm.takes);
  const arriving = takes.filter((take) => take.state !== "ended").map((take) => take.sample);
  if (arriving.length) return Math.min(...arriving);
  return takes.length ? Math.max(...takes.map((take) => take.sample)) : null;
}
