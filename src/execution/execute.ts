import { CancelledError } from "../errors.ts";
import type { Experiment } from "../experiment/experiment.ts";
import { createManifest, type ExperimentKey, type Manifest } from "../experiment/manifest.ts";
import { createPlan, type Plan } from "../experiment/plan.ts";
import { IdIndex } from "../identity/id-index.ts";
import type { RunFrame } from "../store/frame.ts";
import { openStore } from "../store/locator.ts";
import type { Store, StoreWriter } from "../store/store.ts";
import { tellCached, tellElsewhere, tellPlan, tellRetry } from "./cached.ts";
import { type CancelReason, cancelledError, endReason, stoppedBy } from "./cancelled.ts";
import { codeOf } from "./code/code.ts";
import { recordCode } from "./code/drift.ts";
import { Company } from "./company.ts";
import { watchConsole } from "./console-capture.ts";
import { checkDefaults } from "./defaults.ts";
import { EventHub } from "./events.ts";
import type { ExecutionContext, RunOutcome, RunTask } from "./executor.ts";
import { watchExit } from "./exit-watch.ts";
import { createHandle, type RunHandle } from "./handle.ts";
import { resolveInputs } from "./inputs.ts";
import { Notices } from "./notices.ts";
import type { SweepOptions } from "./options.ts";
import { Pace } from "./pace.ts";
import { failureLimit, tooManyFailures } from "./policies/failures.ts";
import { Policies } from "./policies/policies.ts";
import { createReporter, type Reporter } from "./progress/reporter.ts";
import { Tally } from "./progress/tally.ts";
import { originFacts } from "./provenance.ts";
import { check, rowsOf, ruleOf, saveIds } from "./resume.ts";
import { eventOf, placeOf } from "./run-events.ts";
import { type ActiveRun, type RunHost, runOne } from "./run-one.ts";
import { select } from "./select.ts";
import { watchSignals } from "./signals.ts";
import { GRACE_MS, StopControl } from "./stop.ts";
import { announce, keepFor, RemoteRuns } from "./sweep-context.ts";
import { sweepTasks, type TaskHost } from "./tasks.ts";

/** Where the runs of a finished sweep are. */
export interface SweepEnd {
  readonly store: Store;
  readonly key: ExperimentKey;
  readonly frame: RunFrame;
  /** Rows of the frame, in the order of the plan: exactly its runs. */
  readonly rows: Int32Array;
  readonly manifest: Manifest | undefined;
}

/** Selections up to this length are compared with the store before the first run, so that all counts are exact. */
const CHECKED_FIRST = 1_000;
/** Milliseconds between two looks at what is in flight; every second one updates the progress. */
const TICK_MS = 50;

/** Starts a sweep. What can be wrong with the options was checked before. */
export function startSweep<R>(
  experiment: Experiment,
  options: SweepOptions,
  open: (end: SweepEnd) => Promise<R>,
): RunHandle<R> {
  const sweep = new Sweep(experiment, options);
  return createHandle<() => Promise<SweepEnd>, R>({
    hub: sweep.hub,
    ended: sweep.run(),
    open: async (read) => open(await read()),
    progress: () => sweep.tally.state(),
    cancel: (reason) => sweep.cancel(reason),
  });
}

class Sweep {
  readonly hub = new EventHub();
  readonly tally: Tally;
  readonly #experiment: Experiment;
  readonly #options: SweepOptions;
  /** Opened at once: a relative path means the working directory of the call. */
  readonly #store: Promise<Store>;
  readonly #folder = process.cwd();
  readonly #key: ExperimentKey;
  readonly #stop = new StopControl();
  readonly #pace = new Pace();
  readonly #notices: Notices;
  readonly #inFlight = new Set<ActiveRun>();
  /** Runs in flight in workers. */
  #remote: RemoteRuns | undefined;
  #reporter: Reporter | undefined;
  #writer: StoreWriter | undefined;
  #limits: Policies | undefined;
  #signalled = false;
  #ticks = 0;
  #grace: NodeJS.Timeout | undefined;

  constructor(experiment: Experiment, options: SweepOptions) {
    this.#experiment = experiment;
    this.#options = options;
    this.#store = open(options.store);
    this.#store.catch(() => undefined);
    this.#key = { name: experiment.name, version: experiment.version };
    this.tally = new Tally(experiment.objectives);
    this.tally.slots = options.concurrency * (options.workers ?? 1);
    this.#notices = new Notices(experiment.name, options.notices);
  }

  /** From start to end; gives how to read the results. */
  async run(): Promise<() => Promise<SweepEnd>> {
    const { signal, handleSignals } = this.#options;
    const onAbort = (): void => this.cancel(undefined, signal?.reason);
    const release = handleSignals ? watchSignals(this) : undefined;
    const releaseConsole = watchConsole();
    const releaseExit = watchExit(() => {
      const { done, total } = this.tally.state();
      this.#notices.left(done, total, this.#flying);
    });
    const ticker = setInterval(() => this.#tick(), TICK_MS);
    ticker.unref();
    let failure: { readonly error: unknown } | undefined;
    try {
      // Whoever follows the events from the tick of the call on sees all of them.
      await this.#pace.turn();
      if (signal?.aborted === true) onAbort();
      else signal?.addEventListener("abort", onAbort, { once: true });
      this.#reporter = createReporter(this.#experiment.name, this.#options.progress);
      if (this.#stop.mode !== "go") throw this.#cancelled();
      const read = await this.#carryOut();
      const { reason, error } = this.#stop;
      if (reason === "stopped" || reason === "error") throw error;
      // Cancelled, but too late to leave anything out.
      if (reason === "cancelled" && !this.tally.isComplete) throw this.#cancelled();
      return read;
    } catch (thrown) {
      if (thrown instanceof CancelledError || thrown === this.#stop.error) {
        if (this.#stop.reason === "error") failure = { error: thrown };
        throw thrown;
      }
      this.#stop.fail(thrown);
      // What failed first is the reason; closing a store that is full fails as well.
      failure = { error: this.#stop.error };
      throw this.#stop.error;
    } finally {
      clearInterval(ticker);
      clearTimeout(this.#grace);
      signal?.removeEventListener("abort", onAbort);
      releaseConsole();
      releaseExit();
      this.#end(failure);
      release?.();
    }
  }

  /** Starts no more runs; called again, gives up those in flight. */
  cancel(reason: string | undefined, cause?: unknown): void {
    const why: CancelReason = { reason, cause };
    if (this.#stop.mode === "go") this.#stop.drain("cancelled", why);
    else this.#abort(why);
  }

  drain(signal: NodeJS.Signals): void {
    this.#signalled = true;
    if (this.#stop.drain("cancelled", { reason: signal })) this.#notices.stopping(this.#flying);
  }

  abort(signal: NodeJS.Signals): void {
    if (this.#flying > 0) this.#notices.aborting(this.#flying, GRACE_MS);
    this.#abort({ reason: signal });
  }

  #abort(why: CancelReason): void {
    if (!this.#stop.abort("cancelled", why)) return;
    const reason = this.#cancelled();
    for (const run of this.#inFlight) run.abort(reason);
    this.#grace = setTimeout(() => {
      for (const run of [...this.#inFlight]) run.abandon();
    }, GRACE_MS);
  }

  /** Runs in flight, here and in workers. */
  get #flying(): number {
    return this.#inFlight.size + (this.#remote?.size ?? 0);
  }

  #cancelled(): CancelledError {
    return cancelledError(this.#key.name, this.tally, this.#stop.error);
  }

  async #carryOut(): Promise<() => Promise<SweepEnd>> {
    const { only, executor, durability } = this.#options;
    const store = await this.#store;
    const code = await codeOf(this.#experiment, store);
    const facts = originFacts(this.#experiment, code.fingerprint);
    const inputs = await resolveInputs(this.#experiment.context, store, this.#folder);
    // Nothing has begun: whoever asks to stop need not wait for the rest of a long plan.
    const pace = new Pace(() => {
      if (this.#stop.mode !== "go") throw this.#cancelled();
    });
    const plan = createPlan(this.#experiment, inputs.contextHash) as Plan;
    const selection = await select(plan, only, pace);
    const frame = await store.read(this.#key);
    if (frame.length > 0) await checkDefaults(this.#experiment, store);
    this.tally.total = selection.length;
    const isChecked = frame.length > 0 || frame.deleted.size > 0 || selection.length <= CHECKED_FIRST;
    const checked = isChecked
      ? await check(plan, selection, frame, store, ruleOf(this.#options, frame, code), pace)
      : undefined;
    tellPlan(this, selection, checked);
    if (checked !== undefined) await this.#notices.stale(checked, this.#options.onStale, store, frame, code);
    if (checked !== undefined) await tellCached(this, plan, selection, frame, checked, this.#pace);
    const manifest = createManifest(this.#experiment as Experiment, {
      contextHash: inputs.contextHash,
      encodedContext: inputs.encodedContext,
      created: Date.now(),
    });
    if (checked !== undefined && checked.fresh + checked.again === 0) {
      // Nothing to write: a store that can only be read will do.
      await store.putManifest(manifest).catch(() => undefined);
      return () => this.#read(store, checked.ids, { frame, rows: checked.rows });
    }
    await store.putManifest(manifest);
    const origin = await facts;
    const writer = await store.write(this.#key, { origin, durability });
    this.#writer = writer;
    const seen = new IdIndex();
    const host: RunHost = {
      operation: this.#experiment.operation as RunHost["operation"],
      context: inputs.context,
      objectives: this.#experiment.objectives,
      writer,
      stop: this.#stop,
      inFlight: this.#inFlight,
      timeoutMs: this.#options.timeoutMs,
    };
    const remote = new RemoteRuns(writer);
    this.#remote = remote;
    this.tally.begin();
    const policies = this.#policies();
    this.#limits = policies;
    let company: Company | undefined;
    try {
      await recordCode(writer, frame, code);
      const { resume } = this.#options;
      const setup = {
        store,
        key: this.#key,
        writer,
        plan,
        selection,
        frame,
        resume,
        retries: this.#options.retries,
      };
      company = await Company.join(setup, (why) => this.#asked(why));
      const { work } = company;
      const { starter } = policies;
      const missing = this.#taskHost({ plan, selection, frame, checked, seen, work, starter });
      const tasks = policies.over(sweepTasks(missing));
      const context: ExecutionContext = {
        concurrency: this.#options.concurrency,
        run: (task) => this.#start(host, task),
        sweep: {
          experiment: this.#experiment,
          context: inputs.context,
          store,
          durability,
          origin,
          workers: this.#options.workers,
          timeoutMs: this.#options.timeoutMs,
          memoryBytes: this.#options.memoryBytes,
          stop: this.#stop,
          started: (task) => {
            remote.began(task);
            this.#began(task);
          },
          keep: (task, how) => keepFor(writer, task, how),
        },
      };
      for await (const outcome of executor.execute(tasks, context)) {
        remote.ended(outcome.task);
        this.#finished(outcome);
      }
      await writer.flush();
    } finally {
      this.#writer = undefined;
      policies.end();
      await writer.close().finally(() => company?.leave());
    }
    const ids = checked?.ids ?? seen.packed;
    if (checked === undefined) await saveIds(plan, selection, store, ids);
    return () => this.#read(store, ids, undefined);
  }

  #policies(): Policies {
    return new Policies({
      options: this.#options,
      stop: this.#stop,
      pace: this.#pace,
      tally: this.tally,
      onRetry: (task, error) => tellRetry(this, task, task.attempt, error),
      onLimit: (limit) => this.#stop.drain("budget", { reason: limit }),
      onGraceOver: () => this.#abort({ reason: "budget.graceMs" }),
    });
  }

  #taskHost(
    parts: Pick<TaskHost, "plan" | "selection" | "frame" | "checked" | "seen" | "work" | "starter">,
  ): TaskHost {
    return {
      ...parts,
      resume: this.#options.resume,
      stop: this.#stop,
      pace: this.#pace,
      onDuplicate: () => {
        this.tally.total -= 1;
      },
      onRetry: (spec, attempt, error) => tellRetry(this, spec, attempt, error),
      onElsewhere: (spec, now) => tellElsewhere(this, spec, now),
      onWaiting: (writers) => {
        this.tally.waitingFor = writers;
      },
    };
  }

  #start(host: RunHost, task: RunTask): RunOutcome | Promise<RunOutcome> {
    this.#began(task);
    return runOne(host, task);
  }

  #began(task: RunTask): void {
    this.tally.running += 1;
    if (this.hub.active) this.hub.emit({ type: "run:start", ...placeOf(task), attempt: task.attempt });
  }

  #finished(outcome: RunOutcome): void {
    const { record, lost } = outcome;
    const isAgain = this.#limits?.settled(outcome) === true;
    if (lost !== undefined) {
      this.tally.running -= 1;
      if (this.#stop.fail(lost)) this.#notices.storeFailed(lost, this.#flying);
      return;
    }
    this.tally.count(record, isAgain);
    if (isAgain) return;
    if (record.status === "failed") this.#failed(record);
    else if (record.status === "success") {
      const { objectives } = this.#experiment;
      if (objectives.length > 0) this.#notices.missedMetrics(record, objectives);
      else this.#notices.reportedNothing(record);
    }
    if (this.hub.active) this.hub.emit(eventOf(record));
  }

  #failed(record: RunOutcome["record"]): void {
    this.#notices.failure(record);
    const limit = failureLimit(this.#options, this.tally.failed);
    if (limit === undefined) return;
    this.#stop.drain("stopped", tooManyFailures(this.#key.name, limit, this.tally, record));
  }

  #asked(why: string): void {
    if (this.#stop.drain("cancelled", { reason: why })) this.#notices.stopping(this.#inFlight.size, why);
  }

  /** What has to happen every few milliseconds while runs are in flight. */
  #tick(): void {
    const { tally, hub } = this;
    this.#ticks += 1;
    tally.sample();
    this.#limits?.wake();
    if (this.#writer !== undefined) for (const run of this.#inFlight) announce(run, this.#writer);
    this.#remote?.announce();
    if (this.#ticks % 2 !== 0 || (this.#reporter === undefined && !hub.active)) return;
    const state = tally.state();
    this.#reporter?.update(state);
    if (hub.active && state.running > 0) hub.emit({ type: "progress", ...state });
  }

  #end(failure: { readonly error: unknown } | undefined): void {
    this.tally.end(stoppedBy(this.#stop, this.tally));
    const state = this.tally.state();
    if (this.#reporter !== undefined) this.#reporter.end(state);
    else if (state.failed > 0) this.#notices.summary(state);
    const reason = endReason(this.#stop, this.tally);
    if (reason === "budget") this.#notices.spent(state);
    if (this.#signalled) this.#notices.stopped(state.done, state.total);
    this.hub.emit({ type: "end", reason, ...state });
    this.hub.close(failure);
  }

  async #read(
    store: Store,
    ids: Uint8Array,
    known: { readonly frame: RunFrame; readonly rows: Int32Array } | undefined,
  ): Promise<SweepEnd> {
    const key = this.#key;
    const frame = known?.frame ?? (await store.read(key));
    const rows = known?.rows ?? (await rowsOf(ids, frame, this.#pace));
    return { store, key, frame, rows, manifest: await store.manifest(key) };
  }
}

/** A locator that names no store is an error of the sweep, not of the call. */
async function open(locator: string | Store): Promise<Store> {
  return openStore(locator);
}
