const BLOCKS = [..."▁▂▃▄▅▆▇█"];
/** By how much ink they have. */
const PLAIN = [..."_.-:=+*#"];

/** How a sparkline is drawn. */
export interface SparklineOptions {
  /** Characters. @defaultValue `12` */
  readonly width?: number;
  /** Whether only ASCII characters are used. @defaultValue as {@link isPlainTerminal} says */
  readonly plain?: boolean;
}

/**
 * Numbers in order as a line of bars: each the mean of its share of them, from the least at the bottom to the greatest
 * at the top. Where there is nothing finite it has a space; values that are all equal lie in the middle.
 */
export function sparkline(values: ArrayLike<number>, options: SparklineOptions = {}): string {
  const { width = 12, plain = isPlainTerminal() } = options;
  const bars = plain ? PLAIN : BLOCKS;
  const means = shares(values, Math.min(width, values.length));
  const finite = means.filter(Number.isFinite);
  const low = Math.min(...finite);
  const high = Math.max(...finite);
  return means
    .map((mean) => {
      if (!Number.isFinite(mean)) return " ";
      // Halves first: the difference of two numbers may be too large for one.
      const share = high === low ? 0.5 : (mean / 2 - low / 2) / (high / 2 - low / 2);
      return bars[Math.min(bars.length - 1, Math.floor(share * bars.length))];
    })
    .join("");
}

/** The mean of the finite values of each of so many equal shares; NaN where there are none. */
function shares(values: ArrayLike<number>, count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => {
    const start = Math.floor((i * values.length) / count);
    const end = Math.floor(((i + 1) * values.length) / count);
    let [sum, n] = [0, 0];
    for (let at = start; at < end; at++) {
      const value = values[at]!;
      if (!Number.isFinite(value)) continue;
      n += 1;
      sum += (value - sum) / n;
    }
    return n === 0 ? Number.NaN : sum;
  });
}

/** Whether the terminal may have ASCII only: where it says that it is dumb, or its locale is of another encoding. */
export function isPlainTerminal(
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: string = process.platform,
): boolean {
  if (env["TERM"] === "dumb") return true;
  if (platform === "win32") return env["WT_SESSION"] === undefined && env["TERM"] === undefined;
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "";
  return locale.includes(".") && !/utf-?8/i.test(locale);
}
