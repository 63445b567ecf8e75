import { accessSync, constants, statSync } from "node:fs";
import { join } from "node:path";
import { DefinitionError, MetalabError, show } from "../../errors.ts";
import type { BroughtCode } from "../../execution/code/brought.ts";
import type { MetricValues, OperationInput, Params } from "../../experiment/operation.ts";
import { MetricCollector, type StreamName } from "../metrics/collector.ts";
import type { Reading } from "../metrics/reading.ts";
import type { ProgramRun, ProgramSettings } from "../program.ts";
import { Child, type ChildEnd } from "./child.ts";
import { cpuTimeBegins, cpuTimeCancelled, cpuTimeEnded } from "./cpu-times.ts";
import { readDeclared } from "./declared-files.ts";
import { environmentOf } from "./environment.ts";
import { assertObjectives, failureOf, folderFailure, overLimit, programName, stopped } from "./failures.ts";
import { FileTail } from "./file-tail.ts";
import { watchMemory } from "./oom-watch.ts";
import { RunFolder } from "./run-folder.ts";
import { StreamLog } from "./stream-log.ts";
import { Watch } from "./watch.ts";

/** Longest grace of a run that is cancelled or takes too long: it is given up a second later. */
const ABORT_GRACE_MS = 4_000;
/** Milliseconds that a program has to notice the stop file. */
const STOP_FILE_MS = 30_000;
/** Files that a run leaves in its folder and that are kept: how many, and bytes of each. */
const FILES = 1_000;
const FILE_BYTES = 256 * 1024 * 1024;

/** @throws {@link DefinitionError} METALAB_OPTION_VALUE */
function checkedWords(words: unknown): readonly string[] {
  if (Array.isArray(words) && words.every((word) => typeof word === "string")) return words;
  throw new DefinitionError(
    "METALAB_OPTION_VALUE",
    `programOperation(): argv gives a list of texts, the program and each of its arguments, got ${show(words)}. Write numbers with String().`,
    { option: "argv", value: words },
  );
}

/** One run of a program, from its start to its metrics. */
export class ProgramExecution {
  readonly #settings: ProgramSettings;
  readonly #code: BroughtCode;
  readonly #input: OperationInput<Params>;
  readonly #inFlight: Set<ProgramExecution>;
  readonly #collector: MetricCollector;
  readonly #folder: RunFolder;
  readonly #streams: Readonly<Record<StreamName, StreamLog>>;
  readonly #file: FileTail;
  readonly #started = Date.now();
  /** What messages call the program. */
  #name = "";
  #company = 1;
  #child: Child | undefined;
  /** Why it is being ended, where that is not for the program to say. */
  #failure: { readonly error: unknown } | undefined;
  #hasNews = false;
  #isAsking = false;
  #isPruned = false;
  #stopTimer: NodeJS.Timeout | undefined;
  #strayLines = 0;
  /** Whether it takes so long that others may want to look at what it does. */
  #isOpen = false;
  /** Files that are left in the folder. */
  readonly #stay: string[] = [];

  /** @param inFlight - All runs of the same operation that are. */
  constructor(
    settings: ProgramSettings,
    code: BroughtCode,
    input: OperationInput<Params>,
    inFlight: Set<ProgramExecution>,
  ) {
    this.#settings = settings;
    this.#code = code;
    this.#input = input;
    this.#inFlight = inFlight;
    this.#collector = new MetricCollector(settings.metrics, (reading) => this.#take(reading));
    this.#folder = new RunFolder(settings.folder, input.id, input.params);
    this.#file = new FileTail(this.#folder.metrics, "METALAB_METRICS", (line) => this.#fileLine(line));
    this.#streams = { stdout: this.#streamLog("stdout"), stderr: this.#streamLog("stderr") };
  }

  /**
   * Carries the run out.
   *
   * @throws {@link OperationError} METALAB_PROGRAM_START, METALAB_PROGRAM_EXIT, METALAB_PROGRAM_KILLED,
   * METALAB_PROGRAM_MEMORY, METALAB_MEMORY_LIMIT, METALAB_PROGRAM_STOPPED, METALAB_PROGRAM_OBJECTIVE,
   * METALAB_METRIC_FILE, METALAB_METRIC_FILE_SHARED, METALAB_METRIC_PATTERN_SLOW, METALAB_PROGRAM_FOLDER
   * @throws {@link DefinitionError} METALAB_OPTION_VALUE when `argv` gives no list of texts.
   */
  async carryOut(): Promise<MetricValues> {
    this.#inFlight.add(this);
    for (const other of this.#inFlight) other.#company = Math.max(other.#company, this.#inFlight.size);
    const memory = watchMemory();
    try {
      return await this.#run(memory.explain);
    } catch (error) {
      throw this.#child === undefined ? error : folderFailure(this.#name, this.#folder.folder, error);
    } finally {
      this.#inFlight.delete(this);
      memory.end();
      this.#clearAway();
    }
  }

  async #run(explain: () => string | undefined): Promise<MetricValues> {
    const { signal } = this.#input;
    const { argv, content } = this.#prepare();
    this.#name = programName(argv, this.#settings);
    if (signal.aborted) throw stopped(this.#name);
    let cpu: Promise<number | undefined> = Promise.resolve(undefined);
    let outOfMemory: string | undefined;
    let watch: Watch | undefined;
    const began = performance.now();
    let wallMs = 0;
    cpuTimeBegins();
    const child = await Child.start(argv, this.#place(), () => {
      wallMs = performance.now() - began;
      watch?.end();
      cpu = cpuTimeEnded(watch?.cpuMs ?? 0);
    }).catch((error: unknown) => {
      cpuTimeCancelled();
      throw error;
    });
    this.#child = child;
    watch = new Watch(child.pid, (bytes) => this.#look(bytes));
    const onAbort = (): void => child.stop(Math.min(this.#settings.grace, ABORT_GRACE_MS));
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
    for (const name of ["stdout", "stderr"] as const) {
      child[name].on("data", (chunk: Buffer) => this.#guarded(() => this.#streams[name].write(chunk)));
      child[name].on("error", () => undefined);
    }
    const end = await child.ended;
    signal.removeEventListener("abort", onAbort);
    clearTimeout(this.#stopTimer);
    if (end.signal === "SIGKILL" && this.#failure === undefined && !signal.aborted) outOfMemory = explain();
    this.#guarded(() => this.#readToEnd());
    if (this.#code.read().fingerprint !== content)
      this.#guarded(() =>
        this.#warn("the program was replaced on disk while it ran; it began with the old content"),
      );
    const usage = { wallMs, cpuMs: await cpu, peakBytes: watch.peakBytes };
    return this.#conclude(argv, end, usage, outOfMemory);
  }

  #prepare(): { readonly argv: readonly string[]; readonly content: string } {
    const { files, argv } = this.#settings;
    const run = this.#programRun();
    if (files !== undefined) this.#folder.add(files(run));
    return { argv: checkedWords(argv(run)), content: this.#code.read().fingerprint };
  }

  #place(): { readonly cwd: string; readonly env: NodeJS.ProcessEnv } {
    const { cwd, env } = this.#settings;
    return { cwd, env: environmentOf(this.#programRun(), env) };
  }

  #programRun(): ProgramRun {
    const { id, params, seeds, trial, fold } = this.#input;
    return { id, params, seeds, trial, fold, files: this.#folder };
  }

  #streamLog(stream: StreamName): StreamLog {
    const { keepOutput, onLine } = this.#settings;
    const { id, trial, capture } = this.#input;
    return new StreamLog({
      stream,
      path: this.#folder[stream],
      keep: keepOutput,
      collector: this.#collector,
      capture,
      onLine: onLine && ((text) => onLine({ id, trial: trial.number, stream, text })),
    });
  }

  #take({ name, value, step }: Reading): void {
    this.#input.capture.metric(name, value, ...(step === undefined ? [] : [{ step }]));
    this.#hasNews ||= step !== undefined;
  }

  #fileLine(line: string): void {
    if (this.#collector.fileLine(line)) return;
    this.#strayLines += 1;
    if (this.#strayLines === 1) this.#warn(`a line of METALAB_METRICS is no JSON object: ${show(line)}`);
  }

  #warn(text: string): void {
    this.#input.capture.log(`metalab: ${text}`, "warn");
  }

  /** Calls what may fail for reasons that are not the program's; then it is ended. */
  #guarded(call: () => void): void {
    if (this.#failure !== undefined) return;
    try {
      call();
      this.#ask();
    } catch (error) {
      this.#failure = { error };
      this.#child?.kill();
    }
  }

  #look(bytes: number): void {
    const { memory } = this.#settings;
    this.#guarded(() => {
      if (memory !== undefined && bytes > memory) throw overLimit(this.#name, bytes, memory);
      this.#file.read();
      if (!this.#isOpen) this.#folder.began(this.#child!.pid);
      this.#isOpen = true;
      for (const { kept } of Object.values(this.#streams)) kept.reveal();
    });
  }

  #readToEnd(): void {
    this.#file.end();
    for (const stream of Object.values(this.#streams)) stream.end();
  }

  /** Asks whether to go on, when there is something new to judge by. */
  #ask(): void {
    if (!this.#hasNews || this.#isAsking || this.#isPruned) return;
    this.#hasNews = false;
    this.#isAsking = true;
    this.#input.trial
      .shouldPrune()
      .catch((error: unknown) => {
        // Other metrics were reported so far.
        if (error instanceof MetalabError && error.code === "METALAB_PRUNER_STEPS") return false;
        throw error;
      })
      .then((isAdvised) => {
        this.#isAsking = false;
        if (isAdvised) this.#prune();
        else this.#ask();
      })
      .catch((error: unknown) => {
        this.#failure ??= { error };
        this.#child?.kill();
      });
  }

  #prune(): void {
    const { prune, grace } = this.#settings;
    this.#isPruned = true;
    if (prune === "signal") {
      this.#child?.stop(grace);
      return;
    }
    this.#folder.askToStop();
    this.#stopTimer = setTimeout(() => this.#child?.stop(grace), STOP_FILE_MS);
  }

  async #conclude(
    argv: readonly string[],
    end: ChildEnd,
    usage: { readonly wallMs: number; readonly cpuMs: number | undefined; readonly peakBytes: number },
    outOfMemory: string | undefined,
  ): Promise<MetricValues> {
    const { capture, trial, signal } = this.#input;
    const { stdout, stderr } = this.#streams;
    const program = this.#name;
    const undeclared = await this.#readDeclaredFiles();
    const values = this.#collector.ledger.values();
    capture.metrics(values);
    capture.data("process", {
      argv: [...argv],
      exitCode: end.code,
      signal: end.signal,
      wallMs: usage.wallMs,
      cpuMs: usage.cpuMs ?? null,
      peakBytes: usage.peakBytes === 0 ? null : usage.peakBytes,
      stdoutBytes: stdout.kept.bytes,
      stderrBytes: stderr.kept.bytes,
      metrics: this.#collector.ledger.labels(),
    });
    await this.#keepFiles();
    if (this.#failure !== undefined) throw this.#failure.error;
    if (signal.aborted) throw stopped(program);
    if (this.#isPruned) trial.prune();
    const [stream, lines] =
      stderr.lastLines.length > 0 ? ["stderr", stderr.lastLines] : ["stdout", stdout.lastLines];
    const failure = failureOf({ ...end, program, last: { stream, lines } }, outOfMemory);
    if (failure !== undefined) throw failure;
    if (undeclared !== undefined) throw undeclared.error;
    assertObjectives(program, this.#settings.objectives, values);
    return {};
  }

  /** @returns what is wrong with one of them, where something is. */
  async #readDeclaredFiles(): Promise<{ readonly error: unknown } | undefined> {
    const { metrics, cwd } = this.#settings;
    const place = { folder: this.#folder.folder, cwd, started: this.#started, company: this.#company };
    let wrong: { readonly error: unknown } | undefined;
    for (const file of metrics.files ?? []) {
      try {
        this.#collector.declared(file, await readDeclared(file, place));
      } catch (error) {
        wrong ??= { error };
      }
    }
    return wrong;
  }

  async #keepFiles(): Promise<void> {
    for (const name of ["stdout", "stderr"] as const) {
      const isLost = !this.#streams[name].isWhole && !(await this.#isKept(`${name}.log`, this.#folder[name]));
      if (isLost) this.#warn(`${name} is not kept as it was: the program removed METALAB_RUN_DIR`);
    }
    const left = this.#folder.left();
    for (const [at, name] of left.entries()) {
      const path = join(this.#folder.folder, name);
      // One whose name is not text is not found by it.
      const size = statSync(path, { throwIfNoEntry: false })?.size ?? Number.POSITIVE_INFINITY;
      if (at >= FILES || size > FILE_BYTES || !(await this.#isKept(name, path))) this.#stay.push(path);
    }
    if (this.#stay.length > 0)
      this.#warn(
        `${this.#stay.length} files are too large, too many or not named so that they can be kept with the run, and stay where they are: ${this.#stay
          .slice(0, 3)
          .map((path) => JSON.stringify(path))
          .join(", ")}`,
      );
  }

  /** Keeps a file, unless its name or its permissions are in the way: for these a run does not fail. */
  async #isKept(name: string, path: string): Promise<boolean> {
    try {
      accessSync(path, constants.R_OK);
      await this.#input.capture.file(name, path);
      return true;
    } catch (error) {
      const { code } = error as { readonly code?: unknown };
      if (code === "METALAB_CAPTURE_NAME" || code === "EACCES" || code === "ENOENT") return false;
      throw error;
    }
  }

  #clearAway(): void {
    const { stdout, stderr } = this.#streams;
    const steps = [
      () => stdout.kept.end(),
      () => stderr.kept.end(),
      () => this.#file.close(),
      () => this.#removeFolder(),
    ];
    for (const step of steps) {
      try {
        step();
      } catch {
        // What is left of it is in nobody's way.
      }
    }
  }

  #removeFolder(): void {
    if (this.#input.signal.aborted) this.#folder.removeNow(this.#stay);
    else this.#folder.remove(this.#stay).catch(() => undefined);
  }
}
