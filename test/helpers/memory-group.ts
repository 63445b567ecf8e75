import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A control group of the kernel whose processes may occupy so much memory together, and no more. */
export interface MemoryGroup {
  readonly folder: string;
  /** The command that starts another in the group. */
  readonly enter: readonly string[];
  /** To be called when all its processes are gone. */
  remove(): void;
}

/**
 * Makes one below our own, or beside it where a group with processes may have none below it (version 2).
 *
 * @returns why that is not possible, as text, where it is not: only Linux has them, and who may make them is up to the
 * system, or the container.
 */
export function memoryGroup(bytes: number): MemoryGroup | string {
  if (process.platform !== "linux") return "control groups are of Linux";
  const reasons: string[] = [];
  for (const { parent, limits, enable } of places()) {
    const folder = join(parent, `metalab-test-${process.pid}`);
    try {
      if (enable) writeFileSync(join(parent, "cgroup.subtree_control"), "+memory");
      mkdirSync(folder);
    } catch (error) {
      reasons.push((error as Error).message);
      continue;
    }
    try {
      const [limit, ...others] = limits;
      writeFileSync(join(folder, limit![0]), limit![1] || String(bytes));
      for (const [file, value] of others)
        if (existsSync(join(folder, file))) writeFileSync(join(folder, file), value || String(bytes));
      return {
        folder,
        enter: ["sh", "-c", `echo $$ > "$0" && exec "$@"`, join(folder, "cgroup.procs")],
        remove: () => rmdirSync(folder),
      };
    } catch (error) {
      reasons.push((error as Error).message);
      rmdirSync(folder);
    }
  }
  return reasons.join("; ") || "no control group limits memory here";
}

interface Place {
  readonly parent: string;
  /** Files, the one of the limit first, and what is written to them: nothing stands for the limit. */
  readonly limits: readonly (readonly [file: string, value: string])[];
  /** Whether groups below it have to be told to count memory. */
  readonly enable: boolean;
}

function places(): readonly Place[] {
  return readFileSync("/proc/self/cgroup", "utf8")
    .split("\n")
    .flatMap((line): readonly Place[] => {
      const [, controllers, own] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
      if (own === undefined) return [];
      if (controllers!.split(",").includes("memory")) {
        const parent = join("/sys/fs/cgroup/memory", own);
        return [
          {
            parent,
            limits: [
              ["memory.limit_in_bytes", ""],
              ["memory.memsw.limit_in_bytes", ""],
            ],
            enable: false,
          },
        ];
      }
      const folder = join("/sys/fs/cgroup", own);
      if (controllers !== "" || !existsSync(join(folder, "cgroup.controllers"))) return [];
      return [folder, ...(own === "/" ? [] : [dirname(folder)])].map((parent) => ({
        parent,
        limits: [
          ["memory.max", ""],
          ["memory.swap.max", "0"],
        ],
        enable: !readFileSync(join(parent, "cgroup.subtree_control"), "utf8").split(/\s/).includes("memory"),
      }));
    });
}
