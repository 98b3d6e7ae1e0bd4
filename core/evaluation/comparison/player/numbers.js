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
  return price === 0 ? "none" : `$${price.toFixed(price < 0.01 ? 5 : 4)}`;
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
