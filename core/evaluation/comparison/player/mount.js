/* What others call: a page that is opened from a disk, and Streamlit. */

/*
 * Draws a board into an element. `hooks.onStop(arm)` is called for an arm a person wants stopped,
 * `onSample(number)` when another sample of a finished board is shown, and `onUnfold(arms)` with
 * those whose thoughts somebody reads while they arrive.
 */
export function mount(root, board, hooks = {}) {
  const player = new Player(root, board, hooks);
  return { update: (next) => player.update(next), destroy: () => player.destroy() };
}

const mounted = new WeakMap();

/* Streamlit calls this when the player is mounted, and again whenever its data changed. */
export default function ({ parentElement, data, setTriggerValue, setStateValue }) {
  const root = parentElement.querySelector(".vm-player");
  if (data.reading) root.style.setProperty("--vm-reading", `${data.reading}px`);
  const there = mounted.get(root) ?? { hooks: {}, turn: 0 };
  there.hooks.onStop = data.stoppable ? (arm) => setTriggerValue("stopped", { arm }) : undefined;
  there.hooks.onSample = (sample) => setStateValue("sample", sample);
  there.hooks.onUnfold = (arms) => setStateValue("unfolded", arms);
  if (there.player) there.player.update(data.board);
  else there.player = mount(root, data.board, there.hooks);
  mounted.set(root, there);
  const turn = ++there.turn;
  // Streamlit also drops a call that was overtaken by the next one; the player stays for that.
  return () => {
    if (there.turn !== turn) return;
    mounted.delete(root);
    there.player.destroy();
  };
}
