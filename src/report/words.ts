/** A count and its noun: `1 run`, `2,000 runs`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}

/** A moment for reading, in UTC: the same page everywhere. @param end - how much of it: to the minute, 16. */
export function moment(ms: number, end = 16): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? "–" : date.toISOString().slice(0, end).replace("T", " ");
}

/** From one moment to another, without saying the same day twice; to the second where minutes would say nothing. */
export function span(first: number, last: number): string {
  const end = last - first >= 600_000 ? 16 : 19;
  const [from, to] = [moment(first, end), moment(last, end)];
  return `${from} to ${from.slice(0, 10) === to.slice(0, 10) ? to.slice(11) : to} UTC`;
}
