import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { rm, rmdir, unlink } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { dirname, join, relative, sep } from "node:path";
import { encode } from "../../identity/canonical.ts";
import { beginOf } from "./usage.ts";

/** The files of a run that is in flight. */
export interface RunFiles {
  /** The run's own folder, `METALAB_RUN_DIR`. */
  readonly folder: string;
  /** JSON of the params, `METALAB_PARAMS_FILE`. */
  readonly params: string;
  /** Where the program may write metrics, `METALAB_METRICS`. */
  readonly metrics: string;
  /** Appears when the program is to end, `METALAB_STOP_FILE`. */
  readonly stop: string;
}

/** Digits of the id in the folder's name. */
const ID_DIGITS = 12;
/** Which process runs in a folder, so that it can be found when we are killed. */
const PROCESS_FILE = "process";
/** Lies in a folder whose files are to stay when we have ended. */
const STAYS_FILE = ".stays";
const HOST = hostname()
  .toLowerCase()
  .replace(/[^a-z0-9]/g, "-")
  .slice(0, 40);

/** A folder for one run: `<12 digits of its id>-<host>-<our process id>`. */
export class RunFolder implements RunFiles {
  readonly folder: string;
  readonly params: string;
  readonly metrics: string;
  readonly stop: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly #process: string;
  readonly #own: Set<string>;

  constructor(parent: string, id: string, params: Readonly<Record<string, unknown>>) {
    const name = id.slice(0, ID_DIGITS);
    tidy(parent);
    this.folder = makeFolder(join(parent, `${name}-${HOST}-${process.pid}`));
    const file = (of: string): string => join(this.folder, of);
    this.params = file("params.json");
    this.metrics = file("metrics.jsonl");
    this.stop = file("stop");
    this.stdout = file("stdout.log");
    this.stderr = file("stderr.log");
    this.#process = file(PROCESS_FILE);
    this.#own = new Set([this.params, this.metrics, this.stop, this.stdout, this.stderr, this.#process]);
    writeFileSync(this.params, `${JSON.stringify(encode(params, "params"))}\n`);
  }

  /** Writes further files, by their paths in the folder. */
  add(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      const path = join(this.folder, name);
      mkdirSync(join(path, ".."), { recursive: true });
      writeFileSync(path, text);
      this.#own.add(path);
    }
  }

  /** Notes which process it is. */
  began(pid: number): void {
    this.#ensure();
    writeFileSync(this.#process, `${pid} ${beginOf(pid) ?? ""}`);
  }

  /** Tells the program that it should end. */
  askToStop(): void {
    this.#ensure();
    writeFileSync(this.stop, "stop\n");
  }

  /** The program may have removed it. */
  #ensure(): void {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
  }

  /** Files that the program has left here: paths in the folder, with `/`, sorted. Also when it has removed the folder. */
  left(): readonly string[] {
    if (!existsSync(this.folder)) return [];
    return readdirSync(this.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !this.#own.has(path))
      .map((path) => relative(this.folder, path).split(sep).join("/"))
      .sort();
  }

  /**
   * Removes the folder; with `files`, only what is ours, so that those stay where they are. Nobody need wait for it:
   * what a process could not remove before it ended is removed by the next.
   */
  async remove(files: readonly string[] = []): Promise<void> {
    if (files.length > 0) return this.removeNow(files);
    try {
      // Mostly there is nothing but this.
      await unlink(this.params);
      await rmdir(this.folder);
    } catch {
      await rm(this.folder, { recursive: true, force: true });
    }
  }

  /** As {@link remove}, at once: for a process that is about to end. */
  removeNow(files: readonly string[] = []): void {
    if (files.length > 0) writeFileSync(join(this.folder, STAYS_FILE), "");
    const paths = files.length > 0 ? this.#own : [this.folder];
    for (const path of paths) rmSync(path, { recursive: true, force: true });
  }
}

/** Where runs have their folders while they are in flight, unless said otherwise. */
export function defaultFolder(): string {
  return join(tmpdir(), `metalab-${process.getuid?.() ?? "runs"}`);
}

function makeFolder(path: string): string {
  for (let number = 1; ; ) {
    const free = number === 1 ? path : `${path}.${number}`;
    try {
      mkdirSync(free, { mode: 0o700 });
      return free;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // The same run may be in flight twice, for two sweeps of this process.
      if (code === "EEXIST") number += 1;
      else if (code === "ENOENT") mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      else throw error;
    }
  }
}

/** Folders that were looked through by this process. */
const tidied = new Set<string>();

/** Removes what processes of this machine left that were killed, and ends the programs that they left behind. */
function tidy(parent: string): void {
  if (tidied.has(parent)) return;
  tidied.add(parent);
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  for (const one of readdirSync(parent)) {
    const [, host, pid] = /^[0-9a-f]{12}-(.+)-(\d+)(?:\.\d+)?$/.exec(one) ?? [];
    if (host !== HOST || isAlive(Number(pid))) continue;
    const path = join(parent, one);
    if (existsSync(join(path, STAYS_FILE))) continue;
    endLeft(join(path, PROCESS_FILE));
    rmSync(path, { recursive: true, force: true });
  }
}

function endLeft(path: string): void {
  try {
    const [pid = "", begin] = readFileSync(path, "utf8").trim().split(" ");
    if (begin !== undefined && beginOf(Number(pid)) === begin) process.kill(-Number(pid), "SIGKILL");
  } catch {
    // It had not been started, or has ended.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
