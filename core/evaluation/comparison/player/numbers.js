/* Numbers as people read them. What nobody counted is unknown, and never 0. */

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

function count(number) {
  return number === null || number === undefined ? "unknown" : number.toLocaleString("en-US");
}

function counted(number, about) {
  return about ? `≈ ${count(number)}` : count(number);
}

function tokens(number) {
  return number === 1 ? "1 token" : `${count(number)} tokens`;
}

function duration(seconds) {
  if (seconds === null || seconds === undefined) return "unknown";
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}

function money(price) {
  if (price === null || price === undefined) return "unknown";
  if (price === 0) return "none";
  // Fixed digits would make nothing of what is smaller, and toPrecision 4.00e-7.
  if (price < 0.0001) return `$${price.toLocaleString("en-US", { maximumSignificantDigits: 3 })}`;
  return `$${price.toFixed(price < 0.01 ? 5 : 4)}`;
}

/*
 * Output tokens a second after the first one, as the core and the table of figures tell it; null
 * where the others have not been written for longer than `least` seconds.
 */
function speedAfterFirst(output, writing, least = 0) {
  return output > 1 && writing > least ? (output - 1) / writing : null;
}

function inputTokens({ input, cached }) {
  if (input === null || input === undefined) return "unknown";
  if (cached === null || cached === undefined) return `${count(input)} (cached: unknown)`;
  return `${count(input)} (${count(cached)} cached, ${count(Math.max(0, input - cached))} not)`;
}

function day(written) {
  const [year, month, date] = (written || "").slice(0, 10).split("-").map(Number);
  return date && MONTHS[month - 1] ? `${date} ${MONTHS[month - 1]} ${year}` : "";
}
