import { CancelledError, ownModule } from "../errors.ts";
import type { Experiment } from "../experiment/experiment.ts";
import type { ExperimentKey } from "../experiment/manifest.ts";
import { isSearch } from "../experiment/search-source.ts";
import { openStore } from "../store/locator.ts";
import type { Store } from "../store/store.ts";
import { type CancelReason, cancelledError, endReason, stoppedBy } from "./cancelled.ts";
import type { Conductor } from "./conductor.ts";
import { watchConsole } from "./console-capture.ts";
import { EventHub } from "./events.ts";
import { slotsOf } from "./executor.ts";
import { watchExit } from "./exit-watch.ts";
import { createHandle, type RunHandle } from "./handle.ts";
import { Notices } from "./notices.ts";
import type { SweepOptions } from "./options.ts";
import { Pace } from "./pace.ts";
import { createReporter, type Reporter } from "./progress/reporter.ts";
import { Tally } from "./progress/tally.ts";
import { watchSignals } from "./signals.ts";
import { GRACE_MS, StopControl } from "./stop.ts";
import type { Sweep } from "./sweep.ts";
import { readEnd, type SweepEnd } from "./sweep-end.ts";

/** Milliseconds between two looks at what is in flight; every second one updates the progress. */
const TICK_MS = 50;

/** Starts a sweep. What can be wrong with the options was checked before. */
export function startSweep<R>(
  experiment: Experiment,
  options: SweepOptions,
  open: (end: SweepEnd) => Promise<R>,
): RunHandle<R> {
  const sweep = new Execution(experiment, options);
  return createHandle<() => Promise<SweepEnd>, R>({
    hub: sweep.hub,
    ended: sweep.run(),
    open: async (read) => open(await read()),
    progress: () => sweep.tally.state(),
    cancel: (reason) => sweep.cancel(reason),
  });
}

/** One sweep from its call to its end: sets it up, lets it be carried out, and ends it when it is asked to. */
class Execution implements Sweep {
  readonly experiment: Experiment;
  readonly key: ExperimentKey;
  readonly options: SweepOptions;
  readonly hub = new EventHub();
  readonly tally: Tally;
  readonly notices: Notices;
  readonly pace = new Pace();
  readonly stop = new StopControl();
  /** Opened at once: a relative path means the working directory of the call. */
  readonly #store: Promise<Store>;
  readonly #folder = process.cwd();
  #conductor: Conductor | undefined;
  #reporter: Reporter | undefined;
  #unprepare: (() => void) | undefined;
  #signalled = false;
  #ticks = 0;
  #grace: NodeJS.Timeout | undefined;

  constructor(experiment: Experiment, options: SweepOptions) {
    this.experiment = experiment;
    this.options = options;
    this.#store = open(options.store);
    this.#store.catch(() => undefined);
    this.key = { name: experiment.name, version: experiment.version };
    const { objectives, params, seeds, folds } = experiment;
    const constraints = isSearch(params) ? params.plan.constraints : [];
    this.tally = new Tally(objectives, constraints, seeds.replicates * (folds?.count ?? 1) > 1);
    this.tally.slots = slotsOf(options);
    this.notices = new Notices(experiment.name, options.notices, isSearch(experiment.params));
  }

  /** From start to end; gives how to read the results. */
  async run(): Promise<() => Promise<SweepEnd>> {
    const { signal, handleSignals } = this.options;
    const onAbort = (): void => this.cancel(undefined, signal?.reason);
    const release = handleSignals ? watchSignals(this) : undefined;
    const releaseConsole = watchConsole();
    const releaseExit = watchExit(() => {
      const { done, total } = this.tally.state();
      this.notices.left(done, total, this.#flying);
    });
    const ticker = setInterval(() => this.#tick(), TICK_MS);
    ticker.unref();
    let failure: { readonly error: unknown } | undefined;
    try {
      // Whoever follows the events from the tick of the call on sees all of them.
      await this.pace.turn();
      if (signal?.aborted === true) onAbort();
      else signal?.addEventListener("abort", onAbort, { once: true });
      this.#reporter = createReporter(this.experiment.name, this.options.progress);
      this.#assertGo();
      const read = await this.#carryOut();
      const { reason, error } = this.stop;
      if (reason === "stopped" || reason === "error") throw error;
      // Cancelled, but too late to leave anything out.
      if (reason === "cancelled" && !this.tally.isComplete) throw this.#cancelled();
      return read;
    } catch (thrown) {
      if (thrown instanceof CancelledError || thrown === this.stop.error) {
        if (this.stop.reason === "error") failure = { error: thrown };
        throw thrown;
      }
      this.stop.fail(thrown);
      // What failed first is the reason; closing a store that is full fails as well.
      failure = { error: this.stop.error };
      throw this.stop.error;
    } finally {
      clearInterval(ticker);
      clearTimeout(this.#grace);
      signal?.removeEventListener("abort", onAbort);
      releaseConsole();
      releaseExit();
      try {
        this.#unprepare?.();
      } catch {
        // Of an executor from elsewhere: no run is concerned, and whoever waits for the end must hear of it.
      }
      this.#end(failure);
      release?.();
    }
  }

  prepare(runs: number): void {
    const { executor, workers, concurrency } = this.options;
    this.#unprepare ??= executor.prepare?.({ workers, concurrency, runs });
  }

  /** Starts no more runs; called again, gives up those in flight. */
  cancel(reason: string | undefined, cause?: unknown): void {
    const why: CancelReason = { reason, cause };
    if (this.stop.mode === "go") this.stop.drain("cancelled", why);
    else this.#abort(why);
  }

  drain(signal: NodeJS.Signals): void {
    this.#signalled = true;
    if (this.stop.drain("cancelled", { reason: signal })) this.notices.stopping(this.#flying);
  }

  abort(signal: NodeJS.Signals): void {
    if (this.#flying > 0) this.notices.aborting(this.#flying, GRACE_MS);
    this.#abort({ reason: signal });
  }

  #abort(why: CancelReason): void {
    if (!this.stop.abort("cancelled", why)) return;
    this.#conductor?.abort(this.#cancelled());
    this.#grace = setTimeout(() => this.#conductor?.abandon(), GRACE_MS);
  }

  get #flying(): number {
    return this.#conductor?.flying ?? 0;
  }

  #cancelled(): CancelledError {
    return cancelledError(this.key.name, this.tally, this.stop.error);
  }

  #assertGo(): void {
    if (this.stop.mode !== "go") throw this.#cancelled();
  }

  async #carryOut(): Promise<() => Promise<SweepEnd>> {
    const { key, pace } = this;
    const place = { store: this.#store, folder: this.#folder };
    // Loaded here, so that whoever imports metalab without running a sweep does not wait for it.
    const [{ setUp }, { Conductor }] = await ownModule(
      Promise.all([import("./setup.ts"), import("./conductor.ts")]),
    );
    const setup = await setUp(this, place, () => this.#assertGo());
    const { store, frame, done, manifest, source } = setup;
    if (done !== undefined) {
      // Nothing to write: a store that can only be read will do.
      await store.putManifest(manifest).catch(() => undefined);
      return async () => ({ store, key, frame, rows: done, manifest: await store.manifest(key) });
    }
    this.#conductor = new Conductor(this, setup, () => this.#abort({ reason: "budget.graceMs" }));
    await this.#conductor.carryOut();
    const ids = await source.ids();
    return () => readEnd(store, key, ids, pace);
  }

  /** What has to happen every few milliseconds while runs are in flight. */
  #tick(): void {
    const { tally, hub } = this;
    this.#ticks += 1;
    tally.sample();
    this.#conductor?.tick();
    if (this.#ticks % 2 !== 0 || (this.#reporter === undefined && !hub.active)) return;
    const state = tally.state();
    this.#reporter?.update(state);
    if (hub.active && state.running > 0) hub.emit({ type: "progress", ...state });
  }

  #end(failure: { readonly error: unknown } | undefined): void {
    this.tally.end(stoppedBy(this.stop, this.tally));
    const state = this.tally.state();
    if (this.#reporter !== undefined) this.#reporter.end(state);
    else if (state.failed > 0) this.notices.summary(state);
    const reason = endReason(this.stop, this.tally);
    if (reason === "budget") this.notices.spent(state);
    if (this.#signalled) this.notices.stopped(state.done, state.total);
    this.hub.emit({ type: "end", reason, ...state });
    this.hub.close(failure);
  }
}

/** A locator that names no store is an error of the sweep, not of the call. */
async function open(locator: string | Store): Promise<Store> {
  return openStore(locator);
}
