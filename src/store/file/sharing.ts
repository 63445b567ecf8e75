import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { join } from "node:path";
import type { AttemptLimit, Lease, Liveness, Member, Membership, Sharing, StopRequest } from "../sharing.ts";
import { placeFile } from "./document.ts";
import type { HeartbeatTimes } from "./heartbeat.ts";
import { CONTROL, EXPERIMENTS, LEASES, SEGMENTS } from "./layout.ts";
import { LivenessJudge, ownIdentity, type Pulse } from "./liveness.ts";
import { FileMembership } from "./membership.ts";
import { list, readJson, readText } from "./small-files.ts";

/** Milliseconds for which what was found out about a process holds. */
const FRESH_MS = 200;

/** A lease as it lies in the store. */
export type StoredLease = Lease & Pulse;
/** What was found out about a writer. */
export interface Standing {
  readonly liveness: Liveness;
  readonly retries: AttemptLimit | undefined;
  /** Which of its rests it is in; `undefined` while it is at work. */
  readonly rest: string | undefined;
}

/** Writers of this process that have left, even if their lease could not be taken away. */
const left = new Set<string>();

/** What a {@link FileSharing} is made from. */
export interface FileSharingSetup {
  /** The store's folder. */
  readonly root: string;
  /** Name of the experiment's folder. */
  readonly experiment: string;
  readonly judge?: LivenessJudge;
  readonly nowMs?: () => number;
  readonly times?: HeartbeatTimes;
}

/** Leases, claims and stop requests as small files below `leases/` and `control/`. */
export class FileSharing implements Sharing {
  readonly leases: string;
  readonly control: string;
  readonly segments: string;
  readonly nowMs: () => number;
  readonly times: HeartbeatTimes | undefined;
  readonly #judge: LivenessJudge;
  readonly #known = new Map<string, Standing & { readonly atMs: number }>();

  constructor({ root, experiment, judge, nowMs, times }: FileSharingSetup) {
    this.leases = join(root, LEASES, experiment);
    this.control = join(root, CONTROL, experiment);
    this.segments = join(root, EXPERIMENTS, experiment, SEGMENTS);
    this.nowMs = nowMs ?? (() => performance.now());
    this.times = times;
    this.#judge = judge ?? new LivenessJudge();
  }

  async enter(lease: Pick<Lease, "writer" | "plan" | "retries">): Promise<Membership> {
    left.delete(lease.writer);
    return new FileMembership(this, { ...ownIdentity(), ...lease, host: hostname() });
  }

  async members(): Promise<readonly Member[]> {
    return this.all().map((lease) => {
      const { writer, host, pid, plan } = lease;
      return { writer, host, pid, plan, liveness: this.livenessOf(lease) };
    });
  }

  /** Writers that have not left. */
  present(): readonly string[] {
    return list(this.leases)
      .filter((file) => file.endsWith(".json") && !file.startsWith("."))
      .map((file) => file.slice(0, -".json".length));
  }

  /** The leases of those who have not left. */
  all(): readonly StoredLease[] {
    return this.present().flatMap((writer) => this.lease(writer) ?? []);
  }

  async requestStop(request: StopRequest): Promise<readonly Member[]> {
    const asked = (await this.members()).filter(({ liveness }) => liveness !== "dead");
    for (const { writer } of asked) {
      const path = join(this.control, `stop-${writer}-${randomBytes(4).toString("hex")}.json`);
      placeFile(path, JSON.stringify(request));
    }
    return asked;
  }

  lease(writer: string): StoredLease | undefined {
    return this.leaseIn(`${writer}.json`);
  }

  /** The lease in a file of the folder; `undefined` when there is none in it. */
  leaseIn(file: string): StoredLease | undefined {
    const lease = readJson(join(this.leases, file)) as StoredLease | undefined;
    return typeof lease?.writer === "string" && typeof lease.pid === "number" ? lease : undefined;
  }

  /** Where a writer says that it rests. */
  restPath(writer: string): string {
    return join(this.leases, `${writer}.rest`);
  }

  /** Takes note that a writer of this process has left. */
  leave(writer: string): void {
    left.add(writer);
  }

  /** How a writer stands; `undefined` when it has no lease. */
  standing(writer: string): Standing | undefined {
    const known = this.#known.get(writer);
    // Whoever rests or is stopped may be at work again at any moment, and what it holds then must be seen.
    const isLasting = known !== undefined && known.rest === undefined && known.liveness !== "stopped";
    if (isLasting && this.nowMs() - known.atMs < FRESH_MS) return known;
    const lease = this.lease(writer);
    return lease === undefined ? undefined : this.#judged(lease);
  }

  /** How the process of a lease stands. */
  livenessOf(lease: StoredLease): Liveness {
    return left.has(lease.writer) ? "dead" : this.#judge.judge(lease);
  }

  #judged(lease: StoredLease): Standing {
    const liveness = this.livenessOf(lease);
    const rest = readText(this.restPath(lease.writer));
    const standing = { liveness, retries: lease.retries, rest, atMs: this.nowMs() };
    this.#known.set(lease.writer, standing);
    return standing;
  }
}
