import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import type { Liveness } from "../sharing.ts";
import { codeOf } from "./errors.ts";

/** What identifies a process for as long as the machine is up, and beyond. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Where its pid means something: this boot of this system, and the namespace of pids in it. */
  readonly place: string;
  /** When it started, in the system's own units; empty where that cannot be told. */
  readonly start: string;
}

/** A process as the system shows it. */
export interface ProcessLook {
  readonly start: string;
  /** Whether it was stopped by a signal (SIGSTOP, Ctrl-Z). */
  readonly isStopped: boolean;
}

/** What a lease tells about the process that keeps it. */
export interface Pulse extends ProcessIdentity {
  readonly writer: string;
  /** Goes up as long as the process lives. */
  readonly beat: number;
}

/** Milliseconds between two beats. */
export const BEAT_MS = 5_000;
/** Milliseconds for which a beat elsewhere may stay away, by the clock of whoever looks. */
const PATIENCE_MS = 12 * BEAT_MS;

/** This process. */
export function ownIdentity(): ProcessIdentity {
  own ??= { pid: process.pid, place: ownPlace(), start: lookAt(process.pid)?.start ?? "" };
  return own;
}
let own: ProcessIdentity | undefined;

function ownPlace(): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    // Containers share a boot, but each counts its processes from 1.
    return `${boot}/${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return `host/${hostname()}`;
  }
}

/** Looks at a process of this place; `undefined` when there is none of that id. */
export function lookAt(pid: number): ProcessLook | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name in brackets may hold anything; state is the third field, the start the 22nd.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const state = fields[0];
    if (state === "Z" || state === "X" || state === "x") return undefined;
    return { start: fields[19] ?? "", isStopped: state === "T" };
  } catch (error) {
    if (process.platform === "linux" && codeOf(error) !== "EACCES") return undefined;
  }
  try {
    process.kill(pid, 0);
    return { start: "", isStopped: false };
  } catch (error) {
    return codeOf(error) === "ESRCH" ? undefined : { start: "", isStopped: false };
  }
}

/** How a {@link LivenessJudge} looks at the world; given in tests. */
export interface JudgeSetup {
  readonly own: ProcessIdentity;
  readonly look: (pid: number) => ProcessLook | undefined;
  /** A clock that only goes forward. */
  readonly nowMs: () => number;
}

/**
 * Tells whether the process behind a lease lives. On the same system that is a fact: its pid is taken by a process of
 * the same start. Elsewhere it is patience: a beat that did not change for a minute, measured by the clock of whoever
 * looks, so that no two clocks are ever compared.
 */
export class LivenessJudge {
  readonly #setup: JudgeSetup;
  readonly #beats = new Map<string, { readonly beat: number; readonly sinceMs: number }>();

  constructor(setup: JudgeSetup = { own: ownIdentity(), look: lookAt, nowMs: () => performance.now() }) {
    this.#setup = setup;
  }

  judge(pulse: Pulse): Liveness {
    const { own: here, look } = this.#setup;
    if (pulse.place !== here.place) return this.byBeat(pulse.writer, pulse.beat);
    const found = look(pulse.pid);
    if (found === undefined || found.start !== pulse.start) return "dead";
    if (found.isStopped) return "stopped";
    // Without a start another process may have got the pid since.
    return pulse.start === "" && pulse.pid !== here.pid ? this.byBeat(pulse.writer, pulse.beat) : "alive";
  }

  /** Judges by whether something goes on changing. */
  byBeat(name: string, beat: number): Liveness {
    const nowMs = this.#setup.nowMs();
    const known = this.#beats.get(name);
    if (known === undefined || known.beat !== beat) {
      this.#beats.set(name, { beat, sinceMs: nowMs });
      return "alive";
    }
    return nowMs - known.sinceMs > PATIENCE_MS ? "dead" : "alive";
  }
}
