import type { Experiment } from "../experiment/experiment.ts";
import { createManifest, type Manifest } from "../experiment/manifest.ts";
import { createPlan, type Plan } from "../experiment/plan.ts";
import type { RunFrame } from "../store/frame.ts";
import type { OriginFacts, Store } from "../store/store.ts";
import { tellCached, tellPlan } from "./cached.ts";
import { codeOf, type OperationCode } from "./code/code.ts";
import { checkDefaults } from "./defaults.ts";
import { type ResolvedInputs, resolveInputs } from "./inputs.ts";
import { Pace } from "./pace.ts";
import { originFacts } from "./provenance.ts";
import { type Checked, check, ruleOf } from "./resume.ts";
import { type PlanSelection, select } from "./select.ts";
import type { Sweep } from "./sweep.ts";

/** Selections up to this length are compared with the store before the first run, so that all counts are exact. */
const CHECKED_FIRST = 1_000;

/** What is known before the first run. */
export interface SweepSetup {
  readonly store: Store;
  readonly code: OperationCode;
  /** Being worked out; of use only to a sweep that writes. */
  readonly facts: Promise<OriginFacts>;
  readonly inputs: ResolvedInputs;
  readonly manifest: Manifest;
  readonly plan: Plan;
  readonly selection: PlanSelection;
  /** The store as it was before the first run. */
  readonly frame: RunFrame;
  /** What is missing; `undefined` where the store had nothing, so that all is. */
  readonly checked: Checked | undefined;
}

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
  const { experiment, key, options, tally, notices } = sweep;
  const store = await place.store;
  const code = await codeOf(experiment, store);
  const facts = originFacts(experiment, code.fingerprint);
  const inputs = await resolveInputs(experiment.context, store, place.folder);
  const pace = new Pace(onTurn);
  const plan = createPlan(experiment, inputs.contextHash) as Plan;
  const selection = await select(plan, options.only, pace);
  const frame = await store.read(key);
  if (frame.length > 0) await checkDefaults(experiment, store);
  tally.total = selection.length;
  const isChecked = frame.length > 0 || frame.deleted.size > 0 || selection.length <= CHECKED_FIRST;
  const rule = ruleOf(options, frame, code);
  const checked = isChecked ? await check(plan, selection, frame, store, rule, pace) : undefined;
  tellPlan(sweep, selection, checked);
  if (checked !== undefined) {
    await notices.stale(checked, options.onStale, store, frame, code);
    await tellCached(sweep, plan, selection, frame, checked, sweep.pace);
  }
  const manifest = createManifest(experiment as Experiment, {
    contextHash: inputs.contextHash,
    encodedContext: inputs.encodedContext,
    created: Date.now(),
  });
  return { store, code, facts, inputs, manifest, plan, selection, frame, checked };
}
