import { randomBytes } from "node:crypto";
import { linkSync, readdirSync, readFileSync, rmdirSync, rmSync, unlinkSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import type {
  AttemptLimit,
  Claim,
  Holder,
  Lease,
  Liveness,
  Member,
  Membership,
  Sharing,
  StopRequest,
} from "../sharing.ts";
import { createOnce, placeFile } from "./document.ts";
import { codeOf } from "./errors.ts";
import { Heartbeat, type HeartbeatTimes } from "./heartbeat.ts";
import { CONTROL, EXPERIMENTS, LEASES, SEGMENT_EXTENSION, SEGMENTS, stemOf } from "./layout.ts";
import { LivenessJudge, ownIdentity, type Pulse } from "./liveness.ts";

const CLAIMS = "claims";
/** Milliseconds for which what was found out about a process holds. */
const FRESH_MS = 200;
/** Milliseconds for which a stopped process keeps what it holds: a debugger or a suspended laptop is soon back. */
const STOPPED_MS = 3_000;
/** Milliseconds after which a claim without content, or of a host whose lease cannot be seen, counts as left. */
const UNSEEN_MS = 10_000;

type StoredLease = Lease & Pulse;
/** What was found out about a writer. */
interface Standing {
  readonly liveness: Liveness;
  readonly retries: AttemptLimit | undefined;
}

type OwnLease = Omit<StoredLease, "beat">;

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
    return new FileMembership(this, { ...ownIdentity(), ...lease, host: hostname() });
  }

  async members(): Promise<readonly Member[]> {
    return this.all().map((lease) => {
      const { writer, host, pid, plan } = lease;
      return { writer, host, pid, plan, liveness: this.#judged(lease).liveness };
    });
  }

  /** The leases of those who have not left. */
  all(): readonly StoredLease[] {
    return list(this.leases)
      .filter((file) => file.endsWith(".json") && !file.startsWith("."))
      .flatMap((file) => this.lease(file.slice(0, -".json".length)) ?? []);
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
    const lease = readJson(join(this.leases, `${writer}.json`)) as StoredLease | undefined;
    return typeof lease?.writer === "string" && typeof lease.pid === "number" ? lease : undefined;
  }

  /** How a writer stands; `undefined` when it has no lease. */
  standing(writer: string): Standing | undefined {
    const known = this.#known.get(writer);
    if (known !== undefined && this.nowMs() - known.atMs < FRESH_MS) return known;
    const lease = this.lease(writer);
    return lease === undefined ? undefined : this.#judged(lease);
  }

  #judged(lease: StoredLease): Standing {
    const liveness = left.has(lease.writer) ? "dead" : this.#judge.judge(lease);
    const standing = { liveness, retries: lease.retries, atMs: this.nowMs() };
    this.#known.set(lease.writer, standing);
    return standing;
  }
}

class FileMembership implements Membership {
  readonly #sharing: FileSharing;
  readonly #lease: OwnLease;
  readonly #claims: string;
  readonly #heart: Heartbeat;
  readonly #mine: string[] = [];
  /** Content of claim files, which never changes once it is there. */
  readonly #holders = new Map<string, { readonly writer: string; readonly place: string }>();
  /** Since when something has been as it is, by our clock. */
  readonly #since = new Map<string, number>();

  constructor(sharing: FileSharing, lease: OwnLease) {
    left.delete(lease.writer);
    this.#sharing = sharing;
    this.#lease = lease;
    this.#claims = join(sharing.leases, CLAIMS, lease.plan);
    this.#heart = new Heartbeat(join(sharing.leases, `${lease.writer}.json`), lease, sharing.times);
    // Whoever is on another system can only judge us by our beat.
    if (sharing.all().some(({ place }) => place !== lease.place)) this.#heart.startThread();
  }

  async claim(piece: number): Promise<Claim> {
    this.#heart.check();
    if (this.#take(String(piece))) return { isMine: true, isTakenOver: false };
    const generation = this.#generations().get(piece);
    // Given back since: whoever held it has written what was done.
    if (generation === undefined) return this.#takeNext(piece, 0);
    const holder = this.#holderOf(fileOf(piece, generation));
    if (holder.writer === this.#lease.writer) return { isMine: true, isTakenOver: true };
    if (holder.liveness !== "dead") return { isMine: false, holder };
    return this.#takeNext(piece, generation + 1);
  }

  async holds(piece: number): Promise<boolean> {
    this.#heart.check();
    const generation = this.#generations().get(piece);
    return (
      generation === undefined || this.#holderOf(fileOf(piece, generation)).writer === this.#lease.writer
    );
  }

  async holders(): Promise<ReadonlyMap<number, Holder>> {
    const holders = new Map<number, Holder>();
    for (const [piece, generation] of this.#generations()) {
      holders.set(piece, this.#holderOf(fileOf(piece, generation)));
    }
    return holders;
  }

  async departed(): Promise<ReadonlySet<string>> {
    const present = new Set(list(this.#sharing.leases));
    const gone = new Set<string>();
    for (const file of list(this.#sharing.segments)) {
      if (!file.endsWith(SEGMENT_EXTENSION)) continue;
      const stem = stemOf(file);
      if (stem !== this.#lease.writer && !present.has(`${stem}.json`)) gone.add(stem);
    }
    return gone;
  }

  async stopRequest(): Promise<StopRequest | undefined> {
    const prefix = `stop-${this.#lease.writer}-`;
    let found: StopRequest | undefined;
    for (const file of list(this.#sharing.control)) {
      if (!file.startsWith(prefix)) continue;
      const path = join(this.#sharing.control, file);
      const request = readJson(path) as StopRequest | undefined;
      attempt(() => rmSync(path, { force: true }));
      found ??= request ?? { host: "an unknown host", pid: 0 };
    }
    return found;
  }

  async leave(): Promise<void> {
    left.add(this.#lease.writer);
    // The lease goes first: a piece that is held by nobody who is there may be taken, but only after another look at
    // the store. The other way round a piece could look as if nobody had ever worked on it.
    await this.#heart.end();
    for (const file of this.#mine) attempt(() => unlinkSync(join(this.#claims, file)));
    this.#clean();
    const { leases, control } = this.#sharing;
    for (const folder of [
      this.#claims,
      dirname(this.#claims),
      leases,
      dirname(leases),
      control,
      dirname(control),
    ])
      attempt(() => rmdirSync(folder));
  }

  /** Creates a claim; `false` when it is there already. */
  #take(file: string): boolean {
    const path = join(this.#claims, file);
    try {
      this.#create(path);
      this.#mine.push(file);
    } catch (error) {
      if (codeOf(error) === "EEXIST") return false;
    }
    return true;
  }

  /** A further name of one file costs a small part of what a new file does, and is never seen without its content. */
  #create(path: string): void {
    const text = `${this.#lease.writer}\n${this.#lease.place}\n`;
    try {
      if (this.#mine.length === 0) {
        const own = `.of-${this.#lease.writer}`;
        placeFile(join(this.#claims, own), text);
        this.#mine.push(own);
      }
      linkSync(join(this.#claims, this.#mine[0]!), path);
    } catch (error) {
      if (codeOf(error) === "EEXIST") throw error;
      // Some file systems know only one name for a file.
      createOnce(path, text);
    }
  }

  #takeNext(piece: number, generation: number): Claim {
    const file = fileOf(piece, generation);
    // A name of its own for each change of hands: of several that see the same dead holder, one gets it.
    if (this.#take(file)) return { isMine: true, isTakenOver: true };
    return { isMine: false, holder: this.#holderOf(file) };
  }

  /** Newest generation of the claim of each piece. */
  #generations(): ReadonlyMap<number, number> {
    const newest = new Map<number, number>();
    for (const file of list(this.#claims)) {
      const match = /^([0-9]+)(?:\.([0-9]+))?$/.exec(file);
      if (match === null) continue;
      const piece = Number(match[1]);
      newest.set(piece, Math.max(newest.get(piece) ?? 0, Number(match[2] ?? 0)));
    }
    return newest;
  }

  #holderOf(file: string): Holder {
    const known = this.#holders.get(file) ?? this.#readClaim(file);
    if (known === undefined) return { writer: "", liveness: this.#patience(`claim ${file}`) };
    const { writer, place: where } = known;
    const { liveness, retries } = this.#sharing.standing(writer) ?? {};
    if (liveness === "stopped") {
      return { writer, liveness: this.#isSince(`stopped ${writer}`, STOPPED_MS) ? "dead" : "stopped" };
    }
    this.#since.delete(`stopped ${writer}`);
    if (liveness !== undefined) return { writer, liveness, ...(retries && { retries }) };
    // On another host a lease may be seen later than the claim that was made after it.
    const isHere = where === this.#lease.place;
    return { writer, liveness: isHere ? "dead" : this.#patience(`lease ${writer}`) };
  }

  #readClaim(file: string): { readonly writer: string; readonly place: string } | undefined {
    let text: string;
    try {
      text = readFileSync(join(this.#claims, file), "utf8");
    } catch (error) {
      // Given back.
      return codeOf(error) === "ENOENT" ? { writer: "", place: this.#lease.place } : undefined;
    }
    const [writer, where, end] = text.split("\n");
    // Its maker is between making and filling it, or died there.
    if (writer === undefined || where === undefined || end === undefined) return undefined;
    const holder = { writer, place: where };
    this.#holders.set(file, holder);
    return holder;
  }

  #patience(what: string): Liveness {
    return this.#isSince(what, UNSEEN_MS) ? "dead" : "alive";
  }

  #isSince(what: string, ms: number): boolean {
    const nowMs = this.#sharing.nowMs();
    const since = this.#since.get(what) ?? nowMs;
    this.#since.set(what, since);
    return nowMs - since >= ms;
  }

  /** Takes away what dead sweeps of this system left behind. */
  #clean(): void {
    for (const file of list(this.#sharing.leases)) {
      const writer = file.slice(0, -".json".length);
      if (!file.endsWith(".json") || file.startsWith(".")) continue;
      const lease = this.#sharing.lease(writer);
      if (lease?.place !== this.#lease.place || this.#sharing.standing(writer)?.liveness !== "dead") continue;
      attempt(() => rmSync(join(this.#sharing.leases, file), { force: true }));
    }
    const plans = join(this.#sharing.leases, CLAIMS);
    for (const plan of list(plans)) {
      for (const file of list(join(plans, plan))) {
        const path = join(plans, plan, file);
        const [writer, where] = readText(path)?.split("\n") ?? [];
        const isLeft =
          where === this.#lease.place &&
          (this.#sharing.standing(writer ?? "")?.liveness ?? "dead") === "dead";
        if (isLeft) attempt(() => rmSync(path, { force: true }));
      }
      attempt(() => rmdirSync(join(plans, plan)));
    }
  }
}

function fileOf(piece: number, generation: number): string {
  return generation === 0 ? String(piece) : `${piece}.${generation}`;
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readText(path) ?? "");
  } catch {
    return undefined;
  }
}

/** Does what may fail without harm: sharing is a help, not a condition. */
function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // The store's own files say what is true.
  }
}
