import type { ErrorClass } from "../experiment/record.ts";

/** Attempts beyond the first that a failed run gets within a sweep, and after which errors. */
export interface AttemptLimit {
  readonly count: number;
  readonly classes: readonly ErrorClass[];
}

/** How the process of a sweep stands, as far as can be told from here. */
export type Liveness = "alive" | "stopped" | "dead";

/** A sweep that writes to an experiment, as it says of itself while it goes on. */
export interface Lease {
  /** Stem of its writer's files, `<host>-<pid>-<random>`. */
  readonly writer: string;
  readonly host: string;
  readonly pid: number;
  /** What of which plan it works on; sweeps of equal text share their work. */
  readonly plan: string;
  /** How often it tries failed runs again; absent when it does not. */
  readonly retries?: AttemptLimit;
}

/** A lease, and how its process stands. */
export interface Member extends Lease {
  readonly liveness: Liveness;
}

/** Who holds a piece of a plan. */
export interface Holder {
  readonly writer: string;
  readonly liveness: Liveness;
  /** How often it tries failed runs again; absent when it does not, or is gone. */
  readonly retries?: AttemptLimit;
}

/** What asking for a piece of a plan came to. */
export type Claim =
  | {
      readonly isMine: true;
      /** Whether somebody held it before, so that part of it may be done. */
      readonly isTakenOver: boolean;
    }
  | { readonly isMine: false; readonly holder: Holder };

/** What asking for runs came to. */
export interface Reservation {
  /** Runs that a sweep of another plan that is alive has begun or is about to begin, and which. */
  readonly refused: ReadonlyMap<string, Holder>;
  /** As {@link Membership.departed}, with something for each sweep of another plan that has not left and is dead. */
  readonly departed: ReadonlySet<string>;
}

/** That a sweep is to stop. */
export interface StopRequest {
  readonly host: string;
  readonly pid: number;
  readonly reason?: string;
}

/** A sweep's part in the sharing of an experiment, from its start to its end. */
export interface Membership {
  /**
   * Takes a piece of the plan, unless a sweep that is alive holds it. Of several that ask at once one gets it. Where
   * pieces cannot be taken (a full disk), everybody gets them: a run is then done twice, never left out.
   */
  claim(piece: number): Promise<Claim>;
  /** Whether a piece that was taken is still held: whoever was stopped for long, or rested, may have lost it. */
  holds(piece: number): Promise<boolean>;
  /** All pieces that are held now, by whom. */
  holders(): Promise<ReadonlyMap<number, Holder>>;
  /**
   * Says which runs this sweep is about to begin, unless a sweep of another plan that is alive has said so before; what
   * was given once is kept until the sweep leaves. Of several that ask at once one gets a run. Those of equal plan are
   * not asked about: they are told apart by pieces.
   *
   * @param runs - ids; with none, it is only looked at what others have.
   */
  reserve(runs: readonly string[]): Promise<Reservation>;
  /** Who of other plans had a run when last was looked. */
  reservedBy(run: string): Holder | undefined;
  /** Names of writers that are gone, and may have written. When one is new, pieces may be done that nobody holds. */
  departed(): Promise<ReadonlySet<string>>;
  /**
   * Says that this sweep has nothing in flight, has everything in the store and only waits for others: until it asks for
   * something again, they see what it holds as that of somebody dead.
   */
  rest(): Promise<void>;
  /** A request that this sweep stops; taken away by this call. */
  stopRequest(): Promise<StopRequest | undefined>;
  /** Gives everything back. Never throws. */
  leave(): Promise<void>;
}

/** Optional part of a store: who works on an experiment, and who on which part. Nothing here is needed to be correct. */
export interface Sharing {
  /** Announces a sweep until it leaves or its process ends. */
  enter(lease: Pick<Lease, "writer" | "plan" | "retries">): Promise<Membership>;
  /** The sweeps that have not left, dead ones included. */
  members(): Promise<readonly Member[]>;
  /** Asks every sweep that is at work now to stop. @returns those asked */
  requestStop(request: StopRequest): Promise<readonly Member[]>;
}
