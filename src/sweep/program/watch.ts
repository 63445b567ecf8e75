import { usageOf } from "./usage.ts";

/** Milliseconds until the first look at a program, and between two. */
const FIRST_MS = 20;
const LOOK_MS = 100;

/** Looks after a program as long as it lives. */
export class Watch {
  readonly #pid: number;
  readonly #look: (bytes: number) => void;
  #timer: NodeJS.Timeout | undefined;
  #hasEnded = false;
  /** The most memory that it was seen to occupy with all that it started, in bytes; 0 when it ended before a look. */
  peakBytes = 0;
  /** The most processor time that it was seen to have used. */
  cpuMs = 0;

  /** @param look - called every 100 ms with the bytes that it occupies. */
  constructor(pid: number, look: (bytes: number) => void) {
    this.#pid = pid;
    this.#look = look;
    this.#timer = setTimeout(() => void this.#tick(), FIRST_MS);
  }

  end(): void {
    this.#hasEnded = true;
    clearTimeout(this.#timer);
  }

  async #tick(): Promise<void> {
    const usage = await usageOf(this.#pid);
    if (this.#hasEnded) return;
    if (usage !== undefined) {
      this.peakBytes = Math.max(this.peakBytes, usage.peakBytes);
      this.cpuMs = Math.max(this.cpuMs, usage.cpuMs ?? 0);
    }
    this.#look(usage?.peakBytes ?? 0);
    if (!this.#hasEnded) this.#timer = setTimeout(() => void this.#tick(), LOOK_MS);
  }
}
