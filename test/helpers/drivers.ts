import { type ChildProcess, spawn } from "node:child_process";

/** A process with a sweep, which is told of by what it prints. */
export interface Driver {
  readonly child: ChildProcess;
  readonly out: () => string;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

const children = new Set<ChildProcess>();

/** Starts Node with arguments. */
export function startDriver(args: readonly string[]): Driver {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  children.add(child);
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.on("close", (code, signal) => {
      children.delete(child);
      resolve(signal ?? code);
    });
  });
  return { child, out: () => out, ended };
}

/** Kills those that a test has left. */
export function killDrivers(): void {
  for (const child of children) child.kill("SIGKILL");
}

/** Waits for a condition, as long as the test may take. */
export async function when(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}
