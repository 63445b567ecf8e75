import { metricNames, paramNames } from "../../results/names.ts";
import { statusAt } from "../../results/rank.ts";
import type { AnyResults } from "../../results/results.ts";
import { type Selection, sourceAt } from "../../results/selection.ts";
import { formatDuration } from "../../results/text.ts";
import { type Html, notes, safe } from "../html.ts";
import { counted, span } from "../words.ts";

/** How often each status is there, the most frequent first. */
function statusCounts(selection: Selection): readonly (readonly [string, number])[] {
  const status = statusAt(selection);
  const counts = new Map<string, number>();
  for (let i = 0; i < selection.rows.length; i++) counts.set(status(i), (counts.get(status(i)) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

/** Names and versions of the experiments. */
export function experimentNames({ sources }: Selection): readonly string[] {
  return [...new Set(sources.map(({ frame: { experiment } }) => `${experiment.name} ${experiment.version}`))];
}

/** When the runs were made, and how long they took. */
function timesOf(selection: Selection) {
  let [first, last, total, timed] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (let i = 0; i < selection.rows.length; i++) {
    const { frame } = selection.sources[sourceAt(selection, i)]!;
    const row = selection.rows[i]!;
    const started = frame.started[row]!;
    const durationMs = frame.durationMs[row]!;
    if (!Number.isFinite(started)) continue;
    first = Math.min(first, started);
    last = Math.max(last, started);
    if (!Number.isFinite(durationMs)) continue;
    last = Math.max(last, started + durationMs);
    total += durationMs;
    timed += 1;
  }
  return { first, last, total, mean: total / timed };
}

/** What there is, in numbers. */
export function summarySection(results: AnyResults, selection: Selection): Html {
  const { first, last, total, mean } = timesOf(selection);
  const counts = statusCounts(selection).map(
    ([name, count]) => `<span class="${safe(name)}">${count.toLocaleString("en-US")} ${safe(name)}</span>`,
  );
  const trials = new Set<string>();
  for (let i = 0; i < selection.rows.length; i++) {
    const source = sourceAt(selection, i);
    trials.add(`${source} ${selection.sources[source]!.frame.trial[selection.rows[i]!]!}`);
  }
  const objectives = results.objectives.map(({ metric, direction }) => `${direction} ${metric}`);
  const names = experimentNames(selection);
  const facts: (readonly [string, Html])[] = [
    ["Runs", selection.rows.length.toLocaleString("en-US")],
    ["Status", counts.join(" · ") || "–"],
    ["Trials", trials.size.toLocaleString("en-US")],
    [names.length === 1 ? "Experiment" : "Experiments", safe(shortList(names)) || "–"],
    [objectives.length > 1 ? "Objectives" : "Objective", safe(objectives.join(", ")) || "none"],
    ["Params", named(paramNames(selection))],
    ["Metrics", named(metricNames(selection))],
  ];
  if (Number.isFinite(first)) {
    facts.push(
      ["Time span", span(first, last)],
      ["Work", `${formatDuration(total)}, ${formatDuration(mean)} a run`],
    );
  }
  const list = facts.map(([term, value]) => `<div><dt>${term}</dt><dd>${value}</dd></div>`);
  const unfinished = statusCounts(selection)
    .filter(([name]) => name === "running" || name === "interrupted")
    .map(
      ([name, count]) =>
        `${counted(count, "run")} ${count === 1 ? "is" : "are"} ${name}: this is not the end of it.`,
    );
  return `<dl class="facts">${list.join("")}</dl>${notes(unfinished)}`;
}

function shortList(names: readonly string[]): string {
  return names.length > 6 ? `${names.slice(0, 6).join(", ")} and ${names.length - 6} more` : names.join(", ");
}

function named(names: readonly string[]): Html {
  return names.length === 0 ? "none" : `${names.length}: ${safe(shortList(names))}`;
}
