import { readFileSync } from "node:fs";

/** Milliseconds between two looks at the count, and the memory. */
const LOOK_MS = 2_000;
/** Share of the memory that may be occupied; beyond, a process that is killed is taken to be a victim of that. */
const NEARLY_ALL = 0.95;

/** What the kernel says of memory. Reading throws where it says nothing. */
export interface OomSources {
  /** The text of a file. */
  read(path: string): string;
}

/** Tells whether a worker that was killed, not by us, was killed because memory ran out. */
export interface OomWitness {
  /** Takes note of how things are; to be called every {@link LOOK_MS}. */
  look(): void;
  /** How it is known that a worker that was just killed was killed for want of memory; `undefined` when it is not. */
  explain(): string | undefined;
}

/** A count of processes that the kernel killed for want of memory. */
interface Counter {
  readonly path: string;
  read(): number | undefined;
}

/**
 * Looks at the count of the own cgroup (version 2, then 1), else at that of the whole machine. Where there is none,
 * only at whether memory was nearly full just before.
 */
export function oomWitness(sources: OomSources): OomWitness {
  const counter = findCounter(sources);
  return counter === undefined ? byMemory(sources) : byCount(counter);
}

function byCount(counter: Counter): OomWitness {
  let latest = counter.read();
  // What was counted long before a worker ended has nothing to do with it.
  let before = latest;
  return {
    look: () => {
      before = latest;
      latest = counter.read();
    },
    explain: () => {
      const now = counter.read();
      if (now === undefined || before === undefined || now <= before) return undefined;
      // Each count explains one death.
      before += 1;
      latest = Math.max(before, latest ?? 0);
      return `the kernel counts one more process killed for that in ${counter.path}`;
    },
  };
}

function byMemory(sources: OomSources): OomWitness {
  let least = available(sources);
  let latest = least;
  return {
    look: () => {
      least = latest;
      latest = available(sources);
    },
    explain: () => {
      const looks = [least, latest].filter((look) => look !== undefined);
      const full = looks.find(({ free, total }) => free < total * (1 - NEARLY_ALL));
      if (full === undefined) return undefined;
      return `nobody counts that here, but just before only ${megabytes(full.free)} of ${megabytes(full.total)} MB were left (${full.path})`;
    },
  };
}

const megabytes = (bytes: number): number => Math.round(bytes / 1e6);

function findCounter({ read }: OomSources): Counter | undefined {
  const places = [...cgroupFiles(read), "/proc/vmstat"];
  for (const path of places) {
    const count = (): number | undefined => {
      try {
        const found = /^oom_kill (\d+)$/m.exec(read(path))?.[1];
        return found === undefined ? undefined : Number(found);
      } catch {
        return undefined;
      }
    };
    if (count() !== undefined) return { path, read: count };
  }
  return undefined;
}

/** Where the own cgroup counts. Inside a container its folder may be mounted as the root. */
function cgroupFiles(read: OomSources["read"]): readonly string[] {
  let text: string;
  try {
    text = read("/proc/self/cgroup");
  } catch {
    return [];
  }
  const files: string[] = [];
  for (const line of text.split("\n")) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (path === undefined) continue;
    const here = path === "/" ? "" : path;
    if (controllers === "") files.push(`/sys/fs/cgroup${here}/memory.events`, "/sys/fs/cgroup/memory.events");
    else if (controllers?.split(",").includes("memory") === true) {
      const root = "/sys/fs/cgroup/memory";
      files.push(`${root}${here}/memory.oom_control`, `${root}/memory.oom_control`);
    }
  }
  return files;
}

interface Look {
  readonly path: string;
  readonly free: number;
  readonly total: number;
}

function available({ read }: OomSources): Look | undefined {
  const path = "/proc/meminfo";
  try {
    const text = read(path);
    const [free, total] = ["MemAvailable", "MemTotal"].map(
      (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1]) * 1024,
    );
    return free! >= 0 && total! > 0 ? { path, free: free!, total: total! } : undefined;
  } catch {
    return undefined;
  }
}

/** Watches as long as workers work; `end` ends that. */
export function watchOom(): OomWitness & { end(): void } {
  const witness = oomWitness({ read: (path) => readFileSync(path, "utf8") });
  const timer = setInterval(() => witness.look(), LOOK_MS);
  timer.unref();
  return { ...witness, end: () => clearInterval(timer) };
}
