import type { OriginFacts, StoreWriter } from "../store/store.ts";
import { tellRetry } from "./cached.ts";
import { CatchUp } from "./catch-up.ts";
import { compareGraphs } from "./code/compare.ts";
import { recordCode } from "./code/drift.ts";
import { originPerRun } from "./code/run-origin.ts";
import { Company } from "./company.ts";
import type { ExecutionContext, RunOutcome, RunTask } from "./executor.ts";
import { failureLimit, tooManyFailures } from "./policies/failures.ts";
import { Policies } from "./policies/policies.ts";
import { eventOf, placeOf } from "./run-events.ts";
import { type ActiveRun, type RunHost, runOne } from "./run-one.ts";
import type { SweepSetup } from "./setup.ts";
import type { Sweep } from "./sweep.ts";
import { announce, keepFor, RemoteRuns } from "./sweep-context.ts";

/** Lets the runs of a source be carried out, and keeps and tells what comes of each. */
export class Conductor {
  readonly #sweep: Sweep;
  readonly #setup: SweepSetup;
  readonly #onGraceOver: () => void;
  readonly #inFlight = new Set<ActiveRun>();
  readonly #catchUp: CatchUp;
  /** Runs in flight in workers. */
  #remote: RemoteRuns | undefined;
  #writer: StoreWriter | undefined;
  #policies: Policies | undefined;

  /** @param onGraceOver - called when the budget wants runs in flight to be told to stop. */
  constructor(sweep: Sweep, setup: SweepSetup, onGraceOver: () => void) {
    this.#sweep = sweep;
    this.#setup = setup;
    this.#onGraceOver = onGraceOver;
    this.#catchUp = new CatchUp(setup.store, sweep.key);
  }

  /** Runs in flight, here and in workers. */
  get flying(): number {
    return this.#inFlight.size + (this.#remote?.size ?? 0);
  }

  /** Tells the runs in flight here to stop. */
  abort(reason: unknown): void {
    for (const run of this.#inFlight) run.abort(reason);
  }

  /** Gives up the runs in flight here. */
  abandon(): void {
    for (const run of [...this.#inFlight]) run.abandon();
  }

  /** Has to be called every few milliseconds while runs are in flight. */
  tick(): void {
    this.#policies?.wake();
    this.#catchUp.tick(this.#sweep.tally.finished);
    if (this.#sweep.stop.mode !== "go") this.#setup.source.wake?.();
    if (this.#writer !== undefined) for (const run of this.#inFlight) announce(run, this.#writer);
    this.#remote?.announce();
  }

  /** From the first run to the last; the store has them all when it returns. */
  async carryOut(): Promise<void> {
    const { key, options, tally } = this.#sweep;
    const { store, code, frame, manifest } = this.#setup;
    await store.putManifest(manifest);
    const origin = await this.#setup.facts;
    const writer = await store.write(key, { origin, durability: options.durability });
    this.#writer = writer;
    const remote = new RemoteRuns(writer);
    this.#remote = remote;
    tally.begin();
    const policies = this.#makePolicies();
    this.#policies = policies;
    let company: Company | undefined;
    try {
      // Others take whoever has written and has no lease for one who has left.
      company = await this.#join(writer);
      await recordCode(store, writer, frame, code);
      const { starter } = policies;
      const tasks = policies.over(this.#setup.source.tasks({ starter, work: company.work, writer }));
      const outcomes = options.executor.execute(tasks, this.#context(writer, remote, origin));
      for await (const outcome of outcomes) {
        remote.ended(outcome.task);
        this.#finished(outcome, policies);
      }
      await writer.flush();
    } finally {
      this.#writer = undefined;
      policies.end();
      await writer.close().finally(() => company?.leave());
    }
  }

  #join(writer: StoreWriter): Promise<Company> {
    const { key, options, stop, notices } = this.#sweep;
    const { store, shared, frame } = this.#setup;
    const { resume, retries } = options;
    return Company.join({ store, key, writer, shared, frame, resume, retries }, (why) => {
      if (stop.drain("cancelled", { reason: why })) notices.stopping(this.#inFlight.size, why);
    });
  }

  #makePolicies(): Policies {
    const { options, stop, pace, tally } = this.#sweep;
    return new Policies({
      options,
      stop,
      pace,
      tally,
      onRetry: (task, error) => tellRetry(this.#sweep, task, task.attempt, error),
      onLimit: (limit) => stop.drain("budget", { reason: limit }),
      onGraceOver: this.#onGraceOver,
    });
  }

  #context(writer: StoreWriter, remote: RemoteRuns, origin: OriginFacts): ExecutionContext {
    const { experiment, options, stop, notices } = this.#sweep;
    const { store, inputs, source } = this.#setup;
    const { timeoutMs } = options;
    const { advisor } = source;
    const host: RunHost = {
      operation: experiment.operation as RunHost["operation"],
      context: inputs.context,
      objectives: experiment.objectives,
      writer,
      stop,
      inFlight: this.#inFlight,
      timeoutMs,
      advisor,
      origin: originPerRun(experiment.operation, writer, origin, (before, after) =>
        notices.codeChanged(compareGraphs(before, after), this.flying),
      ),
    };
    return {
      concurrency: options.concurrency,
      run: (task) => {
        this.#began(task);
        return runOne(host, task);
      },
      sweep: {
        experiment,
        context: inputs.context,
        store,
        durability: options.durability,
        origin,
        workers: options.workers,
        timeoutMs,
        memoryBytes: options.memoryBytes,
        advisor,
        stop,
        started: (task) => {
          remote.began(task);
          this.#began(task);
        },
        keep: (task, how) => keepFor(writer, task, how),
      },
    };
  }

  #began(task: RunTask): void {
    const { hub, tally } = this.#sweep;
    tally.running += 1;
    if (hub.active) hub.emit({ type: "run:start", ...placeOf(task), attempt: task.attempt });
  }

  #finished(outcome: RunOutcome, policies: Policies): void {
    const { experiment, hub, notices, stop, tally } = this.#sweep;
    const { record, lost } = outcome;
    const isAgain = policies.settled(outcome);
    if (lost !== undefined) {
      tally.running -= 1;
      if (stop.fail(lost)) notices.storeFailed(lost, this.flying);
      return;
    }
    tally.count(record, isAgain);
    if (isAgain) return;
    if (record.status === "failed") this.#failed(record);
    else if (record.status === "success") {
      const { objectives } = experiment;
      if (objectives.length > 0) notices.missedMetrics(record, objectives);
      else notices.reportedNothing(record);
    }
    this.#setup.source.settled?.(outcome);
    if (hub.active) hub.emit(eventOf(record));
  }

  #failed(record: RunOutcome["record"]): void {
    const { key, notices, options, stop, tally } = this.#sweep;
    notices.failure(record);
    const limit = failureLimit(options, tally.failed);
    if (limit !== undefined) stop.drain("stopped", tooManyFailures(key.name, limit, tally, record));
  }
}
