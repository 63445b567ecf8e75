import type { ProgressState } from "../../experiment/event.ts";
import { cutText, textWidth } from "../../identity/text-width.ts";
import { bestText, clockText, countText, plainText, rateText, valueText } from "./text.ts";

const BAR_WIDTH = 20;
/** Params of the best run that are shown. */
const SHOWN_PARAMS = 4;
/** Columns that the value of one of them may take. */
const VALUE_WIDTH = 20;

/**
 * How far a sweep is, as one line cut to a width: what matters least goes first.
 *
 * @param width - Columns of the terminal.
 */
export function lineText(name: string, state: ProgressState, width: number): string {
  const { total, done, cached, failed, ratePerSecond, running, slots, waitingFor } = state;
  const share = total === 0 ? 1 : done / total;
  const filled = Math.floor(share * BAR_WIDTH);
  const bar = `[${"█".repeat(filled)}${"░".repeat(BAR_WIDTH - filled)}]`;
  const count = `${countText(done)}/${countText(total)}`;
  const percent = `${Math.floor(share * 100)}%`;
  const failures = failed > 0 ? [`${countText(failed)} failed`] : [];
  const known = cached > 0 ? [`${countText(cached)} cached`] : [];
  const rate = ratePerSecond > 0 ? [rateText(ratePerSecond)] : [];
  const busy = slots > 1 && running > 0 ? [`${countText(running)}/${countText(slots)} busy`] : [];
  const [waiting, whom] = waitingTexts(waitingFor);
  const [eta, range] = etaTexts(state);
  const [best, bestOf] = bestTexts(state);
  const front = [plainText(name), bar, count, percent, ...rate, ...range];
  const end = [...failures, ...known, ...whom];
  const forms = [
    [...front, ...busy, ...bestOf, ...end],
    [...front, ...busy, ...best, ...end],
    [...front, ...best, ...failures, ...waiting],
    [bar, count, ...rate, ...range, ...best, ...failures, ...waiting],
    [bar, count, ...rate, ...eta, ...best, ...failures, ...waiting],
    [count, percent, ...rate, ...eta, ...best, ...failures, ...waiting],
    [count, ...rate, ...eta, ...failures, ...waiting],
    [count, ...eta, ...failures, ...waiting],
    [count, ...eta, ...failures],
    [count, ...failures],
  ];
  const fitting = forms.map((parts) => parts.join("  ")).find((text) => textWidth(text) <= width);
  return fitting ?? count.slice(0, Math.max(0, width));
}

type Short = readonly string[];
type Long = readonly string[];

/** `ETA 2:10`, and with its range where that says more: `ETA 2:10 (1:50 to 2:35)`. */
function etaTexts({ etaMs, etaRangeMs, done, total }: ProgressState): readonly [Short, Long] {
  if (etaMs === undefined || done >= total) return [[], []];
  const eta = clockText(etaMs);
  const [low, high] = (etaRangeMs ?? [etaMs, etaMs]).map(clockText);
  return [[`ETA ${eta}`], [low === high ? `ETA ${eta}` : `ETA ${eta} (${low} to ${high})`]];
}

/** `best loss 0.12`, and with its params: `best loss 0.12 (lr 0.01, layers 2)`; `best run loss 0.12` of repeated trials. */
function bestTexts({ best }: ProgressState): readonly [Short, Long] {
  if (best === undefined) return [[], []];
  const text = plainText(bestText(best));
  const params = Object.entries(best.params ?? {});
  if (params.length === 0) return [[text], [text]];
  const shown = params
    .slice(0, SHOWN_PARAMS)
    .map(([name, value]) => `${plainText(name)} ${shortValue(value)}`);
  return [[text], [`${text} (${shown.join(", ")}${params.length > SHOWN_PARAMS ? ", …" : ""})`]];
}

function waitingTexts(writers: readonly string[]): readonly [Short, Long] {
  const [first] = writers;
  if (first === undefined) return [[], []];
  const more = writers.length > 1 ? ` and ${writers.length - 1} more` : "";
  // Without the random end that tells apart the writers of one process.
  return [["waiting"], [`waiting for ${plainText(first.replace(/-[0-9a-f]{8}$/, ""))}${more}`]];
}

function shortValue(value: unknown): string {
  if (typeof value === "number") return valueText(value);
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  return cutText(plainText(text).replaceAll(/\s+/g, " "), VALUE_WIDTH);
}
