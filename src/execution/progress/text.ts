import { stripVTControlCharacters } from "node:util";
import type { ProgressState } from "../../experiment/event.ts";

/** `0:07`, `12:31`, `1:02:03`; days are counted in hours. */
export function clockText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const two = (value: number): string => String(value).padStart(2, "0");
  return minutes < 60
    ? `${minutes}:${two(seconds % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** `850 ms`, `12.3 s`, then as a clock. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : clockText(ms);
}

/** `41,000/s`, `4.2/s`, `3.1/min`, `2/h`. */
export function rateText(perSecond: number): string {
  if (perSecond >= 100) return `${countText(Math.round(perSecond))}/s`;
  if (perSecond >= 1) return `${perSecond.toFixed(1)}/s`;
  if (perSecond * 60 >= 1) return `${(perSecond * 60).toFixed(1)}/min`;
  return `${(perSecond * 3600).toFixed(1)}/h`;
}

/** A number of things, in groups of three digits. */
export function countText(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
}

/** `1 run`, `27 runs`. */
export function runsText(count: number): string {
  return `${countText(count)} ${count === 1 ? "run" : "runs"}`;
}

/** Four significant digits, without a tail of zeros. */
export function valueText(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** Text from anywhere, safe to print: without escape sequences and, line feeds and tabs apart, control characters. */
export function plainText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must go
  return stripVTControlCharacters(text).replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "");
}

/** `best loss 0.12`; of repeated trials it is one run's, where results speak of means. */
export function bestText({ metric, value, isRepeated }: NonNullable<ProgressState["best"]>): string {
  return `best ${isRepeated === true ? "run " : ""}${metric} ${valueText(value)}`;
}

/** How a sweep went, as one line. */
export function summaryText(name: string, state: ProgressState): string {
  const parts = [
    `${countText(state.success)} successful`,
    ...(state.failed > 0 ? [`${countText(state.failed)} failed`] : []),
    ...(state.pruned > 0 ? [`${countText(state.pruned)} pruned`] : []),
    ...(state.cancelled > 0 ? [`${countText(state.cancelled)} cancelled`] : []),
    ...(state.cached > 0 ? [`${countText(state.cached)} were there already`] : []),
  ];
  const left = state.total - state.done;
  const open = left > 0 ? `, ${countText(left)} not run` : "";
  const best = state.best === undefined ? "" : `; ${bestText(state.best)}`;
  return plainText(
    `metalab: ${name}: ${runsText(state.total)} in ${durationText(state.elapsedMs)}: ${parts.join(", ")}${open}${best}`,
  );
}
