/** At most `runs` starts in any `perMs` milliseconds. */
export interface RateLimit {
  readonly runs: number;
  readonly perMs: number;
}

/** Decides when the next run may start. Holds no timer. */
export interface RateGate {
  /** Milliseconds from `nowMs` until a run may start; 0 when it may now. */
  waitMs(nowMs: number): number;
  /** Notes that a run starts at `nowMs`. */
  take(nowMs: number): void;
}

/**
 * A gate that remembers the last `runs` starts. Unlike a token bucket it never lets twice the allowance through in
 * one window (a full bucket, then its refill), which is what rate-limited services count.
 */
export function createRateGate(limit: RateLimit): RateGate {
  const starts: number[] = [];
  let next = 0;
  return {
    waitMs: (nowMs) => {
      if (starts.length < limit.runs) return 0;
      const oldest = starts[next] ?? 0;
      return Math.max(0, oldest + limit.perMs - nowMs);
    },
    take: (nowMs) => {
      starts[next] = nowMs;
      next = (next + 1) % limit.runs;
    },
  };
}
