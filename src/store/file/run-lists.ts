import { closeSync, fstatSync, openSync, readSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Holder } from "../sharing.ts";
import { inFolder } from "./document.ts";

/** Hex digits of an id that a list has: as many as a number holds exactly, so that a million runs do not meet. */
const DIGITS = 13;
const HEADER_LINES = 2;
/** How often, a millisecond apart, the first of two that want one run looks whether the other has given way. */
const LOOKS = 20;

/** What of a lease is needed here. */
interface OtherLease {
  readonly plan: string;
  readonly place: string;
}

/** What {@link RunLists} are made from. */
export interface RunListsSetup extends OtherLease {
  /** Folder that has a folder for each plan. */
  readonly claims: string;
  readonly writer: string;
  /** Writers that have a lease. */
  readonly present: () => readonly string[];
  readonly leaseOf: (writer: string) => OtherLease | undefined;
  readonly holderOf: (writer: string, place: string) => Holder;
}

/** The list of a sweep of another plan, as far as it has been read. */
interface OtherList {
  readonly path: string;
  readonly place: string;
  readonly runs: Set<number>;
  holder: Holder;
  header: number;
  offset: number;
  rest: string;
}

/**
 * For each sweep a list of the runs that it has begun or is about to begin, which only it writes and only at the end.
 * A sweep that puts a run on its list and then finds it on no other has it: of two that do so at the same time at
 * least one sees the other. Where both do, the one whose name comes later strikes it out again (`-` before the id).
 */
export class RunLists {
  /** Name of our own in the folder of our plan. */
  readonly file: string;
  readonly #setup: RunListsSetup;
  /** By writer; `undefined` for those of our plan, with whom pieces are shared. */
  readonly #others = new Map<string, OtherList | undefined>();

  constructor(setup: RunListsSetup) {
    this.#setup = setup;
    this.file = fileOf(setup.writer);
  }

  /** Puts runs on our list. @returns those that others have, and who; they are not on ours afterwards. */
  async reserve(runs: readonly string[]): Promise<ReadonlyMap<string, Holder>> {
    const refused = new Map<string, Holder>();
    const theirs = (run: string): boolean => {
      const holder = this.holderOf(run);
      if (holder !== undefined) refused.set(run, holder);
      return holder !== undefined;
    };
    // Those that are known to be taken are not asked for.
    if (this.#others.size > 0 || runs.length === 0) this.look();
    const wanted = runs.filter((run) => !theirs(run));
    if (wanted.length === 0) return refused;
    this.#append(wanted, "");
    this.look();
    let both = wanted.filter(theirs);
    for (let looks = 0; both.length > 0; looks++) {
      const isLate = looks >= LOOKS;
      this.#append(
        both.filter((run) => isLate || refused.get(run)!.writer < this.#setup.writer),
        "-",
      );
      both = both.filter((run) => !isLate && refused.get(run)!.writer >= this.#setup.writer);
      if (both.length === 0) break;
      await sleep(1);
      this.look();
      for (const run of both) refused.delete(run);
      both = both.filter(theirs);
    }
    return refused;
  }

  /** Reads what others have put on their lists. */
  look(): void {
    const present = this.#setup.present();
    if (this.#others.size > 0) {
      const names = new Set(present);
      for (const writer of this.#others.keys()) if (!names.has(writer)) this.#others.delete(writer);
    }
    for (const writer of present) {
      if (writer === this.#setup.writer) continue;
      if (!this.#others.has(writer)) this.#meet(writer);
      const list = this.#others.get(writer);
      if (list === undefined) continue;
      // In this order: what somebody at work again has put on its list is not taken for that of one who rests.
      readOn(list);
      list.holder = this.#setup.holderOf(writer, list.place);
    }
  }

  /** Who has a run on its list, of those that were there at the last look and live. */
  holderOf(run: string): Holder | undefined {
    if (this.#others.size === 0) return undefined;
    const key = keyOf(run);
    for (const list of this.#others.values()) {
      if (list?.runs.has(key) && list.holder.liveness !== "dead") return list.holder;
    }
    return undefined;
  }

  /** Writers whose lists no longer count. */
  get dead(): readonly string[] {
    return [...this.#others].filter(([, list]) => list?.holder.liveness === "dead").map(([writer]) => writer);
  }

  #meet(writer: string): void {
    const lease = this.#setup.leaseOf(writer);
    if (lease === undefined) return;
    const { plan, place } = lease;
    const list: OtherList = {
      path: join(this.#setup.claims, plan, fileOf(writer)),
      place,
      runs: new Set(),
      holder: this.#setup.holderOf(writer, place),
      header: 0,
      offset: 0,
      rest: "",
    };
    this.#others.set(writer, plan === this.#setup.plan ? undefined : list);
  }

  /** Where nothing can be written others see nothing: a run is then done twice, never left out. */
  #append(runs: readonly string[], mark: "" | "-"): void {
    if (runs.length === 0) return;
    const { claims, plan, writer, place } = this.#setup;
    const path = join(claims, plan, this.file);
    let text = "";
    for (const run of runs) text += `${mark}${run.slice(0, DIGITS)}\n`;
    try {
      inFolder(path, () => append(path, `${writer}\n${place}\n`, text));
    } catch {
      // A help, not a condition.
    }
  }
}

function fileOf(writer: string): string {
  return `.runs-${writer}`;
}

function keyOf(run: string): number {
  return Number.parseInt(run.slice(0, DIGITS), 16);
}

/** @param head - What the file begins with; without it, it would be nobody's. */
function append(path: string, head: string, text: string): void {
  const fd = openSync(path, "a");
  try {
    writeFileSync(fd, fstatSync(fd).size === 0 ? head + text : text);
  } finally {
    closeSync(fd);
  }
}

/** Opened anew each time: on a network file system that is what shows the newest. */
function readOn(list: OtherList): void {
  let fd: number;
  try {
    fd = openSync(list.path, "r");
  } catch {
    // It has begun nothing yet, or shares nothing.
    return;
  }
  try {
    const bytes = Buffer.allocUnsafe(Math.max(0, fstatSync(fd).size - list.offset));
    const length = readSync(fd, bytes, 0, bytes.length, list.offset);
    list.offset += length;
    take(list, bytes.toString("latin1", 0, length));
  } catch {
    // Read again at the next look.
  } finally {
    closeSync(fd);
  }
}

function take(list: OtherList, text: string): void {
  const lines = (list.rest + text).split("\n");
  // What follows the last line end is not whole yet.
  list.rest = lines.pop() ?? "";
  for (const line of lines) {
    if (list.header < HEADER_LINES) list.header += 1;
    else if (line.length === DIGITS) list.runs.add(keyOf(line));
    else if (line.startsWith("-")) list.runs.delete(keyOf(line.slice(1)));
  }
}
