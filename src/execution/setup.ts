import type { Experiment } from "../experiment/experiment.ts";
import { createManifest, type Manifest } from "../experiment/manifest.ts";
import { createPlan, type Plan } from "../experiment/plan.ts";
import { isSearch } from "../experiment/search-source.ts";
import type { RunFrame } from "../store/frame.ts";
import type { OriginFacts, Store } from "../store/store.ts";
import { tellCached, tellPlan } from "./cached.ts";
import { codeOf, type OperationCode } from "./code/code.ts";
import { checkDefaults } from "./defaults.ts";
import { type ResolvedInputs, resolveInputs } from "./inputs.ts";
import { Pace } from "./pace.ts";
import { originFacts } from "./provenance.ts";
import { check, type ResumeRule, ruleOf } from "./resume.ts";
import { plannedRuns, type RunSource } from "./run-source.ts";
import { searchRule } from "./search/failure-rule.ts";
import { knownTrials } from "./search/known-trials.ts";
import { setUpSearch } from "./search/set-up.ts";
import { select } from "./select.ts";
import { pieceSize, type SharedName, sharedPlanName } from "./shared-work.ts";
import type { Sweep } from "./sweep.ts";

/** Selections up to this length are compared with the store before the first run, so that all counts are exact. */
const CHECKED_FIRST = 1_000;

/** What is known before the first run, whatever the runs are. */
export interface SweepBasis {
  readonly store: Store;
  readonly code: OperationCode;
  /** Being worked out; of use only to a sweep that writes. */
  readonly facts: Promise<OriginFacts>;
  readonly inputs: ResolvedInputs;
  readonly manifest: Manifest;
  /** The store as it was before the first run. */
  readonly frame: RunFrame;
  /** What decides about runs that have a record. */
  readonly rule: ResumeRule;
}

/** The runs of a sweep, before the first of them. */
export interface SweepRuns {
  readonly source: RunSource;
  /** By what other sweeps know that they work on the same thing. */
  readonly shared: SharedName;
  /** Rows of the frame, when the store has all the runs; `undefined` when there is something to do. */
  readonly done: Int32Array | undefined;
}

/** What is known before the first run. */
export interface SweepSetup extends SweepBasis, SweepRuns {}

/** What opens a sweep's store and tells where its relative paths begin. */
export interface SetupPlace {
  readonly store: Promise<Store>;
  /** The working directory of the call. */
  readonly folder: string;
}

/**
 * Works out what a sweep has to do, and tells it. Nothing is written.
 *
 * @param onTurn - called whenever the event loop has turned; what it throws ends the work: whoever asks to stop need
 * not wait for the rest of a long plan.
 */
export async function setUp(sweep: Sweep, place: SetupPlace, onTurn: () => void): Promise<SweepSetup> {
  const { experiment, key, options } = sweep;
  const store = await place.store;
  const frame = await store.read(key);
  // One run of a search is one of those that it proposed.
  const isPlanned = !isSearch(experiment.params) || typeof options.only === "string";
  if (isPlanned && options.only === undefined && frame.length === 0) sweep.prepare(runCount(experiment));
  const code = await codeOf(experiment, store);
  const facts = originFacts(experiment, code.fingerprint);
  const inputs = await resolveInputs(experiment.context, store, place.folder);
  const pace = new Pace(onTurn);
  if (frame.length > 0) await checkDefaults(experiment, store);
  const manifest = createManifest(experiment as Experiment, {
    contextHash: inputs.contextHash,
    encodedContext: inputs.encodedContext,
    created: Date.now(),
  });
  const plain = ruleOf(options, frame, code);
  const rule = isSearch(experiment.params) ? searchRule(plain, frame, options) : plain;
  const basis: SweepBasis = { store, code, facts, inputs, manifest, frame, rule };
  const runs = isPlanned ? await setUpPlan(sweep, basis, pace) : await setUpSearch(sweep, basis);
  return { ...basis, ...runs };
}

/** How many runs an experiment has. */
function runCount({ params, seeds, folds }: Experiment): number {
  return params.length * seeds.replicates * (folds?.count ?? 1);
}

async function setUpPlan(
  sweep: Sweep,
  { store, frame, rule, code, inputs }: SweepBasis,
  pace: Pace,
): Promise<SweepRuns> {
  const { experiment, options, tally, notices } = sweep;
  const known = knownTrials(experiment, inputs.contextHash, frame);
  const plan = createPlan(known.experiment, inputs.contextHash) as Plan;
  const selection = await select(plan, options.only, pace);
  tally.total = selection.length;
  const isChecked = frame.length > 0 || frame.deleted.size > 0 || selection.length <= CHECKED_FIRST;
  const checked = isChecked ? await check(plan, selection, frame, store, rule, pace) : undefined;
  const missing = checked === undefined ? selection.length : checked.fresh + checked.again;
  if (missing > 0) sweep.prepare(missing);
  tellPlan(sweep, selection, checked);
  if (checked !== undefined) {
    await notices.stale(checked, options.onStale, store, frame, code);
    await tellCached(sweep, plan, selection, frame, checked, sweep.pace);
  }
  const size = pieceSize(selection);
  return {
    source: plannedRuns(sweep, { store, plan, selection, frame, checked }),
    shared: { name: sharedPlanName(plan, size), pieceSize: size },
    done: missing === 0 ? checked?.rows : undefined,
  };
}
