import { DefinitionError, show } from "../errors.ts";
import type { Experiment } from "../experiment/experiment.ts";
import { createManifest, type Manifest } from "../experiment/manifest.ts";
import { createPlan, type Plan } from "../experiment/plan.ts";
import { isDone, type Origin } from "../experiment/record.ts";
import type { RunSpec } from "../experiment/run-specs.ts";
import { isSearch } from "../experiment/search-source.ts";
import { canonicalText, isPlainObject } from "../identity/canonical.ts";
import { shortId } from "../identity/ids.ts";
import type { Column, RunFrame } from "../store/frame.ts";
import { valueAt } from "../store/frame.ts";
import type { Store } from "../store/store.ts";
import { readUnfinished } from "../store/unfinished.ts";
import { advice } from "./advice.ts";
import { codeOf } from "./code/code.ts";
import type { CodeChange } from "./code/compare.ts";
import { driftOf, staleReason } from "./code/drift.ts";
import { resolveInputs } from "./inputs.ts";
import { Pace } from "./pace.ts";
import { type PlannedReason, retryText, timeText } from "./preview.ts";
import { runsText } from "./progress/text.ts";
import { searchRule } from "./search/failure-rule.ts";
import { knownTrials } from "./search/known-trials.ts";
import { select } from "./select.ts";

/** Why a run would be executed or not. */
export interface WhyAnswer {
  /** The run's id, 64 hex digits. */
  readonly id: string;
  readonly reason: PlannedReason;
  /** The answer as a sentence. */
  readonly text: string;
  /** For a new run: what differs from what was run before, each as words; empty where the store shows nothing. */
  readonly differences: readonly string[];
  /** For a stale run: what changed in its code. */
  readonly changes: readonly CodeChange[];
  /** For a run that the store has: where, with what and by whom it was made. */
  readonly origin: Origin | undefined;
}

/** Answers for the run of an id, or of a prefix of at least 6 hex digits. */
export async function whyRun(
  experiment: Experiment,
  store: Store,
  id: string,
  folder: string,
): Promise<WhyAnswer> {
  const inputs = await resolveInputs(experiment.context, store, folder);
  const key = { name: experiment.name, version: experiment.version };
  const { frame, unfinished } = await readUnfinished(store, key, ["running"]);
  const known = knownTrials(experiment, inputs.contextHash, frame);
  const plan = createPlan(known.experiment, inputs.contextHash) as Plan;
  const spec = await findSpec(plan, frame, id);
  const row = frame.ids.find(spec.id);
  const name = `Run ${shortId(spec.id)} of "${experiment.name}"`;
  const answer = {
    id: spec.id,
    differences: [],
    changes: [],
    origin: row < 0 ? undefined : frame.origin(row),
  };
  if (row < 0) {
    const begun = frame.starts.get(spec.id);
    if (begun !== undefined) {
      const made = `${timeText(begun.started)}${madeBy(frame.origins.get(begun.from))}`;
      const text =
        unfinished.ids.find(spec.id) >= 0
          ? `${name} is running, since ${made}.`
          : `${name} was begun ${made} and never finished.`;
      return { ...answer, reason: "new", text };
    }
    if (frame.deleted.generation(spec.id) >= 0) {
      return { ...answer, reason: "new", text: `${name} was run before, and deleted since.` };
    }
    const manifest = createManifest(experiment, { ...inputs, created: 0 });
    const differences = await differencesOf(spec, manifest, store, frame);
    const told =
      differences.length === 0
        ? "nothing in the store tells why it was not run before"
        : differences.join("; ");
    return { ...answer, reason: "new", text: `${name} is new: ${told}.`, differences };
  }
  const made = `${timeText(frame.started[row]!)}${madeBy(frame.origin(row))}`;
  const code = await codeOf(experiment, store);
  if (!isDone(frame.status(row))) {
    const ended = `${made} it ended as ${retryText(frame, row).replace(/\.$/, "")}`;
    if (isSearch(experiment.params)) {
      const drift = driftOf(frame, code.fingerprint);
      const rule = searchRule({ resume: true, retryFailed: true, onStale: "warn", ...drift }, frame, {});
      if (frame.status(row) === "failed" && rule.keepsFailed?.(row) === true) {
        const text = `${name} stays as it is, an observation of its search; ${ended}. To try it again: ${advice().retryFailed}.`;
        return { ...answer, reason: "cached", text };
      }
    }
    return { ...answer, reason: "retry", text: `${name} is tried again; ${ended}.` };
  }
  if (driftOf(frame, code.fingerprint).isStale(row)) {
    const { text, changes } = await staleReason(store, frame, row, code);
    return {
      ...answer,
      reason: "stale",
      text: `${name} was made ${made} with other code: ${text}.`,
      changes,
    };
  }
  return { ...answer, reason: "cached", text: `${name} is done: ${frame.status(row)} ${made}.` };
}

function madeBy(origin: Origin | undefined): string {
  if (origin === undefined) return "";
  const commit = origin.git === undefined ? "" : `, commit ${origin.git.commit.slice(0, 7)}`;
  return ` on ${origin.host} (process ${origin.pid}${commit})`;
}

async function findSpec(
  plan: Plan,
  frame: RunFrame,
  id: string,
): Promise<Pick<RunSpec, "id"> & Partial<RunSpec>> {
  if (!/^[0-9a-f]{6,64}$/i.test(id)) {
    throw new DefinitionError(
      "METALAB_WHY_ID",
      `why(): a run is named by 6 to 64 hex digits of its id, got ${show(id)}. Take it from a result, an event or plan().`,
      { id },
    );
  }
  if (id.length === 64 && frame.ids.find(id.toLowerCase()) >= 0) return { id: id.toLowerCase() };
  const selection = await select(plan, id, new Pace());
  return plan.spec(selection.at(0));
}

/** What a run has that no stored one had, and what an earlier definition did not ask for. */
async function differencesOf(
  spec: Pick<RunSpec, "id"> & Partial<RunSpec>,
  now: Manifest,
  store: Store,
  frame: RunFrame,
): Promise<readonly string[]> {
  const before = await store.manifest(now);
  if (before === undefined) return [await unknownText(now, store)];
  const found: string[] = [];
  if (before.contextHash !== now.contextHash)
    found.push(...contextDifferences(before.context, now.context, "context"));
  if (String(before.seeds.base) !== String(now.seeds.base)) {
    found.push(`the seeds' base was ${show(before.seeds.base)} and is ${show(now.seeds.base)}`);
  }
  if (before.folds?.count !== now.folds?.count) {
    found.push(`folds: ${now.folds?.count ?? "none"} instead of ${before.folds?.count ?? "none"}`);
  }
  if (found.length > 0) return found;
  const { params = {}, replicate = 0 } = spec;
  if (replicate >= maximumOf(frame.replicate)) {
    found.push(`replicate ${replicate} was not run before`);
  }
  for (const [name, value] of Object.entries(params)) {
    const column = frame.params.get(name);
    if (column === undefined) {
      if (Object.hasOwn(now.defaults, name) && same(now.defaults[name], value)) continue;
      const advice = Object.hasOwn(now.defaults, name)
        ? ""
        : ` (with defaults: { ${name}: … } runs at that value would keep their ids)`;
      found.push(`no earlier run had a param ${show(name)}${advice}`);
    } else if (
      !hasValue(column, frame.length, value) &&
      !(Object.hasOwn(now.defaults, name) && same(now.defaults[name], value))
    ) {
      found.push(`no earlier run had ${name} = ${show(value)}`);
    }
  }
  for (const name of frame.params.keys()) {
    if (!Object.hasOwn(params, name)) found.push(`earlier runs had a param ${show(name)}, which it has not`);
  }
  if (found.length === 0) {
    const isGrown = before.runs !== now.runs;
    found.push(
      isGrown
        ? `the plan had ${runsText(before.runs)} and has ${now.runs}; each of its values was run before, but not together`
        : "each of its values was run before, but not together",
    );
  }
  return found;
}

async function unknownText({ name, version }: Manifest, store: Store): Promise<string> {
  const all = await store.experiments();
  const versions = all.filter((one) => one.name === name).map((one) => one.version);
  return versions.length === 0
    ? `the store has no experiment "${name}"`
    : `the store has "${name}" in version ${versions.join(", ")}, not in ${version}`;
}

/** Where two encoded contexts differ; a file or folder by where it stands. */
function contextDifferences(before: unknown, now: unknown, where: string): readonly string[] {
  if (same(before, now)) return [];
  if (isPlainObject(before) && isPlainObject(now)) {
    if (Object.hasOwn(before, "$input") && Object.hasOwn(now, "$input")) {
      return [`the content of ${String(now.$input)} ${where} changed`];
    }
    return [...new Set([...Object.keys(before), ...Object.keys(now)])].flatMap((key) => {
      if (!Object.hasOwn(before, key)) return [`${where}.${key} was added`];
      if (!Object.hasOwn(now, key)) return [`${where}.${key} was removed`];
      return contextDifferences(before[key], now[key], `${where}.${key}`);
    });
  }
  if (Array.isArray(before) && Array.isArray(now) && before.length === now.length) {
    return now.flatMap((value, at) => contextDifferences(before[at], value, `${where}[${at}]`));
  }
  return [`${where} was ${show(before)} and is ${show(now)}`];
}

function maximumOf(replicates: Int32Array): number {
  let count = 0;
  for (const one of replicates) if (one >= count) count = one + 1;
  return count;
}

function hasValue(column: Column, length: number, value: unknown): boolean {
  if (column.kind === "coded") return column.values.some((one) => same(one, value));
  for (let row = 0; row < length; row++) if (Object.is(valueAt(column, row), value)) return true;
  return false;
}

function same(a: unknown, b: unknown): boolean {
  return Object.is(a, b) || canonicalText(a, "value") === canonicalText(b, "value");
}
