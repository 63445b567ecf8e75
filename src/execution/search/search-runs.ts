import type { SuggestionEntry } from "../../experiment/record.ts";
import { TrialRuns } from "../../experiment/run-specs.ts";
import type { SearchSource } from "../../experiment/search-source.ts";
import { bytesOf, runHasher } from "../../identity/ids.ts";
import { type OutcomeRule, outcomeOf } from "../../search/outcome.ts";
import { versionOf } from "../../search/sampler.ts";
import { Study } from "../../search/study.ts";
import type { RunFrame } from "../../store/frame.ts";
import type { Store } from "../../store/store.ts";
import { tellRetry } from "../cached.ts";
import type { RunOutcome, RunTask } from "../executor.ts";
import type { ResumeRule } from "../resume.ts";
import type { RunSource, SourceMeans } from "../run-source.ts";
import type { SharedWork } from "../shared-work.ts";
import type { Sweep } from "../sweep.ts";
import { taskOf } from "../tasks.ts";
import { checkObjectives } from "./check-objectives.ts";
import { EndedRuns } from "./ended-runs.ts";
import { searchFingerprint } from "./fingerprint.ts";
import { Journal } from "./journal.ts";
import { OpenTrial } from "./open-trial.ts";
import { PruneWatch } from "./prune-watch.ts";
import { type ReplicateRule, replicateRule } from "./replicates.ts";
import { tellExhausted, tellIdle, tellProposer, tellVersions } from "./search-notices.ts";
import { TrialCurves } from "./trial-curves.ts";
import { learnFrom, warmRuns } from "./warm-start.ts";

/** What the runs of a search are made from. */
export interface SearchSetup {
  readonly source: SearchSource;
  readonly contextHash: string | null;
  readonly store: Store;
  /** The store as it was before the first run. */
  readonly frame: RunFrame;
  readonly rule: ResumeRule;
  /** Is shown each suggestion that the store has, before it is taken up. */
  readonly onKept?: (kept: SuggestionEntry, study: Study) => void;
}

/** What a search needs of its sweep. */
export type SearchSweep = Pick<Sweep, "experiment" | "options" | "hub" | "tally" | "stop"> &
  Partial<Pick<Sweep, "notices">>;

/** The claim of whoever asks the sampler; trial `n` is claim `n + 1`, unless an earlier one has the same params. */
const SCHEDULING = 0;
/** Milliseconds between two looks at what other sweeps have done: at first, and at most. */
const LOOK_MS = 20;
const LOOK_MAX_MS = 500;

/**
 * The runs of a search: asks for a trial when it may, hands out its runs, and tells the search how they ended.
 *
 * All of it is worked out from what is in the store, in the same way whether the runs ended just now, in an earlier
 * sweep, or in another process: so a search that was stopped goes on as if it had not been. Of several sweeps of one
 * search one asks; the others carry out what it has written down.
 */
export class SearchRuns implements RunSource {
  readonly study: Study;
  readonly journal: Journal;
  /** Whom runs ask whether to go on; `undefined` without a pruner. */
  readonly advisor: PruneWatch | undefined;
  readonly #sweep: SearchSweep;
  readonly #setup: SearchSetup;
  readonly #runs: TrialRuns;
  readonly #rule: OutcomeRule;
  readonly #replicates: ReplicateRule;
  /** Metrics that the search looks at. */
  readonly #names: readonly string[];
  readonly #open = new Map<number, OpenTrial>();
  /** The claim of each point, by the id of its first run: no two sweeps are at the same runs. */
  readonly #claims = new Map<string, number>();
  /** Ids of the runs of each trial. */
  readonly #ids: string[][] = [];
  readonly #ended: EndedRuns;
  readonly #curves: TrialCurves | undefined;
  /** Trials told since the last suggestion. */
  #told: number[] = [];
  #work: SharedWork | undefined;
  /** Other sweeps that are at this search, where that matters; and when they were counted. */
  #others = 0;
  #countedMs = Number.NEGATIVE_INFINITY;
  #isScheduler = false;
  #changed: (() => void) | undefined;

  constructor(sweep: SearchSweep, setup: SearchSetup) {
    const { experiment } = sweep;
    const { source, contextHash, frame, store, rule } = setup;
    const { objectives, folds } = experiment;
    const { plan } = source;
    this.#sweep = sweep;
    this.#setup = setup;
    this.#rule = { objectives, constraints: plan.constraints, aggregate: folds?.aggregate ?? "mean" };
    this.#names = [...objectives, ...plan.constraints].map(({ metric }) => metric);
    checkObjectives(experiment, source);
    this.#replicates = replicateRule(experiment, source, this.#rule);
    const place = { store, key: { name: experiment.name, version: experiment.version } };
    const overlaps = source.mode === "ordered" && source.lag > 1;
    this.advisor = source.pruner && new PruneWatch(source.pruner, objectives[0]!, place, overlaps);
    this.study = new Study({ ...plan, objectives, constraints: plan.constraints.length });
    this.#runs = new TrialRuns(experiment, contextHash);
    this.#ended = new EndedRuns({
      hub: sweep.hub,
      tally: sweep.tally,
      open: this.#open,
      names: this.#names,
      frame,
      rule,
      keepsRecords: source.pruner !== undefined,
    });
    this.#curves = this.advisor && new TrialCurves(this.advisor, this.#ended);
    this.journal = new Journal(searchFingerprint(sweep, source, contextHash), frame);
  }

  /** By what sweeps know that they work on the same search. */
  get sharedName(): string {
    return `search-${this.journal.search.slice(0, 12)}`;
  }

  /** Failed runs of earlier sweeps that stay as they are, as far as was recalled. */
  get keptFailures(): number {
    return this.#ended.failed;
  }

  /** Runs of the whole search, unless a race spares some. */
  get length(): number {
    return this.#setup.source.length * this.#runs.length;
  }

  /** Runs of the store that were made with other code, among those that were looked for. */
  get stale(): EndedRuns["stale"] {
    return this.#ended.stale;
  }

  /** Goes as far as the store knows, without asking for anything. @returns whether that is to the end */
  async recall(): Promise<boolean> {
    const { frame } = this.#setup;
    const { warm } = this.journal;
    if (warm === undefined) return false;
    learnFrom(this.study, warm, frame, this.#rule, this.#names);
    await this.#advance();
    return this.#isDone;
  }

  async *tasks({ starter, work, writer }: SourceMeans): AsyncGenerator<RunTask, void, void> {
    const { stop } = this.#sweep;
    this.journal.writer = writer;
    this.#work = work;
    this.#ended.work = work;
    tellIdle(this.#sweep.notices, this.#setup.source, this.#runs, this.#sweep.tally.slots);
    let delay = LOOK_MS;
    while (stop.mode === "go") {
      // Made before anything is looked at: what ends meanwhile must not be waited for.
      const changed = new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
      await this.#schedule();
      await this.#countOthers();
      await this.#advance();
      const run = await this.#next();
      if (run !== undefined) {
        delay = LOOK_MS;
        const ready = starter();
        if (!(typeof ready === "boolean" ? ready : await ready)) return;
        yield run;
        continue;
      }
      if (this.#isDone) return;
      await (this.#isAlone ? changed : Promise.race([changed, stop.sleep(delay)]));
      if (this.#isAlone) continue;
      delay = Math.min(delay * 1.5, LOOK_MAX_MS);
      await this.#look();
    }
  }

  settled({ record }: RunOutcome): void {
    this.#ended.settle(record);
    this.#changed?.();
  }

  /** Lets `tasks()` see that the sweep is to stop. */
  wake(): void {
    this.#changed?.();
  }

  /** Distinct ids of the runs of all trials so far. */
  runIds(): readonly string[] {
    // A sweep that was stopped leaves trials open.
    for (const trial of this.#open.values()) this.#ids[trial.number] = idsOf(trial);
    return [...new Set(this.#ids.flat())];
  }

  async ids(): Promise<Uint8Array> {
    const distinct = this.runIds();
    const bytes = new Uint8Array(distinct.length * 32);
    for (const [at, id] of distinct.entries()) bytes.set(bytesOf(id), at * 32);
    return bytes;
  }

  get #isDone(): boolean {
    return this.#open.size === 0 && this.study.asked === this.#setup.source.length;
  }

  /** Whether nobody else can change anything. */
  get #isAlone(): boolean {
    return this.#work === undefined;
  }

  /** Takes on the asking, unless another sweep that is alive does it. */
  async #schedule(): Promise<void> {
    if (this.#isScheduler) return;
    if (this.#work !== undefined) {
      const holder = (await this.#work.holders()).get(SCHEDULING);
      if (holder !== undefined && holder.liveness !== "dead") return;
      if (!(await this.#work.take(SCHEDULING))) return;
      this.journal.refresh(this.#work.frame);
    }
    this.#isScheduler = true;
    if (this.journal.warm !== undefined) return;
    const warm = await this.#warmRuns();
    await this.journal.begin(warm);
    learnFrom(this.study, warm, this.#setup.frame, this.#rule, this.#names);
  }

  /** Without order, trials are proposed as there is room for them: in other sweeps too. */
  async #countOthers(): Promise<void> {
    if (this.#setup.source.mode === "ordered" || this.#work === undefined || !this.#isScheduler) return;
    const nowMs = performance.now();
    if (nowMs - this.#countedMs < LOOK_MAX_MS) return;
    this.#countedMs = nowMs;
    const { name, version } = this.#sweep.experiment;
    const members = (await this.#setup.store.sharing?.({ name, version }).members()) ?? [];
    const here = members.filter(({ plan, liveness }) => plan === this.sharedName && liveness !== "dead");
    this.#others = Math.max(0, here.length - 1);
  }

  async #warmRuns(): Promise<readonly string[]> {
    const { source, frame, contextHash } = this.#setup;
    if (!source.warmStart) return [];
    const { name, version, defaults } = this.#sweep.experiment;
    const hasher = runHasher({ name, version, contextHash, defaults });
    return warmRuns(frame, this.study, this.#names, hasher, this.journal.begunMs);
  }

  /** Tells and asks as long as anything can be told or asked for. */
  async #advance(): Promise<void> {
    for (;;) {
      await this.#tellAll();
      if (!(await this.#openNext())) return;
    }
  }

  /** Tells of the trials that have ended, as far as the next one may know. */
  async #tellAll(): Promise<void> {
    const { length, mode, lag } = this.#setup.source;
    const { asked } = this.study;
    // What was told before the next suggestion was made once is told before it is taken up again, and no more.
    const told = mode === "async" ? this.journal.suggestion(asked)?.told : undefined;
    for (const number of told ?? [...this.#open.keys()]) {
      // In order, the trial to come is told of all up to `lag` before it and of no other, even if more have ended.
      if (mode === "ordered" && asked < length && number > asked - lag) return;
      const trial = this.#open.get(number);
      if (trial?.isOver) await this.#tell(trial);
      else if (mode === "ordered") return;
    }
  }

  async #tell(trial: OpenTrial): Promise<void> {
    const { number } = trial;
    const { all: curves, fresh } = (await this.#curves?.of(trial)) ?? { all: [], fresh: [] };
    this.advisor?.told(number, fresh);
    const outcome = outcomeOf(trial.ended, this.#rule);
    if (number === 0 && outcome.state === "complete" && curves.length === 0 && this.advisor !== undefined) {
      this.#sweep.notices?.unjudged(this.advisor.metric);
    }
    const step = Math.max(...curves.map(({ steps }) => steps.at(-1)!));
    this.study.tell(number, outcome.state === "pruned" && curves.length > 0 ? { ...outcome, step } : outcome);
    this.#told.push(number);
    this.#replicates.told(trial.ended, number);
    this.#sweep.tally.total -= this.#runs.length - trial.wanted;
    this.#ids[trial.number] = idsOf(trial);
    this.#open.delete(trial.number);
  }

  /** Opens the next trial, where one may be. */
  async #openNext(): Promise<boolean> {
    const { source } = this.#setup;
    const { study, journal } = this;
    const number = study.asked;
    if (number === source.length) return false;
    const kept = journal.suggestion(number);
    if (source.mode === "ordered" && this.#open.size >= source.lag) return false;
    if (kept === undefined && !this.#mayAsk) return false;
    if (kept !== undefined) this.#setup.onKept?.(kept, study);
    const suggestion = kept ?? study.next(source.length);
    if (kept === undefined) {
      tellProposer(this.#sweep.notices, study.settings, suggestion, source.length);
      tellExhausted(this.#sweep.notices, study, suggestion, source.length);
      tellVersions(this.#sweep.notices, study.settings, journal.suggestion(number - 1));
      const version = versionOf(study.settings.sampler);
      await journal.suggest(number, suggestion, version, source.length, this.#told);
    }
    this.#told = [];
    const { params } = study.adopt(suggestion);
    const trial = new OpenTrial(number, params, this.#runs, this.#replicates.open(number));
    const [first] = idsOf(trial) as [string];
    trial.claim = this.#claims.get(first) ?? number + 1;
    this.#claims.set(first, trial.claim);
    this.advisor?.opened(number);
    this.#open.set(number, trial);
    this.#ended.find(trial);
    return true;
  }

  get #mayAsk(): boolean {
    if (!this.#isScheduler || this.#sweep.stop.mode !== "go") return false;
    if (this.#setup.source.mode === "ordered") return true;
    // As many as there is room for, here and elsewhere.
    const free = [...this.#open.values()].filter((trial) => trial.hasMore && !trial.isElsewhere);
    return free.length <= this.#others;
  }

  /** The next run to be carried out here. */
  async #next(): Promise<RunTask | undefined> {
    for (const trial of this.#open.values()) {
      if (trial.isElsewhere) continue;
      while (trial.hasMore) {
        if (this.#work !== undefined && !(await this.#work.take(trial.claim))) {
          trial.isElsewhere = true;
          break;
        }
        const spec = trial.take();
        if (spec === undefined) break;
        // Whoever was at the trial before may have come this far, and another trial may have the same params.
        if (this.#ended.lookElsewhere(spec) || !this.#ended.begin(spec.id)) continue;
        const { frame } = this.#setup;
        const { resume } = this.#sweep.options;
        return taskOf(
          {
            frame,
            work: this.#work,
            resume,
            onRetry: (run, attempt, error) => tellRetry(this.#sweep, run, attempt, error),
          },
          spec,
        );
      }
    }
    return undefined;
  }

  /** Sees what other sweeps have done. */
  async #look(): Promise<void> {
    const work = this.#work;
    if (work === undefined || !work.isReadDue) return;
    await work.refresh();
    if (!this.#isScheduler) this.journal.refresh(work.frame);
    const holders = await work.holders();
    for (const trial of this.#open.values()) {
      if (!trial.isElsewhere) continue;
      const holder = holders.get(trial.claim);
      for (const [position, spec] of trial.specs().entries()) {
        if (!trial.isEnded(position)) this.#ended.lookElsewhere(spec, holder);
      }
      if (holder !== undefined && holder.liveness !== "dead") continue;
      trial.isElsewhere = false;
      trial.giveBack();
    }
  }
}

function idsOf(trial: OpenTrial): string[] {
  return trial.specs().map(({ id }) => id);
}
