import { describe, expect, test } from "vitest";
import { oomWitness } from "../../../../src/execution/executors/oom.ts";
import { describeEnd } from "../../../../src/execution/executors/port.ts";

/** Files of a made-up kernel. */
function kernel(files: Readonly<Record<string, string>>) {
  const now: Record<string, string> = { ...files };
  const read = (path: string): string => {
    const text = now[path];
    if (text === undefined) throw new Error(`ENOENT: ${path}`);
    return text;
  };
  return { now, witness: oomWitness({ read }) };
}

const KILLED = { code: null, signal: "SIGKILL", stderr: "" } as const;
const V2 = "/sys/fs/cgroup/user.slice/job/memory.events";
const V1 = "/sys/fs/cgroup/memory/docker/abc/memory.oom_control";
const events = (kills: number): string => `low 0\nhigh 7\nmax 12\noom ${kills}\noom_kill ${kills}\n`;
const control = (kills: number): string => `oom_kill_disable 0\nunder_oom 0\noom_kill ${kills}\n`;
const meminfo = (availableKb: number): string =>
  `MemTotal:       16000000 kB\nMemFree:          100000 kB\nMemAvailable:   ${availableKb} kB\n`;

describe("a worker that was killed ran out of memory", () => {
  test.each([
    ["the cgroup of version 2", "0::/user.slice/job\n", V2, events],
    ["a container's root of version 2", "0::/\n", "/sys/fs/cgroup/memory.events", events],
    ["the cgroup of version 1", "9:name=systemd:/\n4:cpu,memory:/docker/abc\n0::/\n", V1, control],
    ["the root of version 1", "4:memory:/gone\n", "/sys/fs/cgroup/memory/memory.oom_control", control],
    ["the machine", "0::/\n", "/proc/vmstat", (kills: number) => `nr_free_pages 1\noom_kill ${kills}\n`],
  ])("when the count of %s grew, once for each count", (_, cgroup, path, text) => {
    const { now, witness } = kernel({ "/proc/self/cgroup": cgroup, [path]: text(3) });
    expect(witness.explain()).toBeUndefined();
    now[path] = text(5);
    expect(witness.explain()).toContain(path);
    witness.look();
    expect(witness.explain()).toContain(path);
    expect(witness.explain()).toBeUndefined();
    const error = describeEnd(KILLED, `counted in ${path}`);
    expect(error).toMatchObject({ class: "oom", name: "OutOfMemory", code: "METALAB_WORKER_MEMORY" });
    expect(error.message).toContain(`counted in ${path}`);
  });

  test("and not when the count grew long before", () => {
    const { now, witness } = kernel({ "/proc/self/cgroup": "0::/user.slice/job\n", [V2]: events(0) });
    now[V2] = events(1);
    witness.look();
    witness.look();
    expect(witness.explain()).toBeUndefined();
    expect(describeEnd(KILLED, witness.explain())).toMatchObject({ class: "crash", name: "SIGKILL" });
  });

  test("when nobody counts, by how much memory was left just before", () => {
    const { now, witness } = kernel({ "/proc/meminfo": meminfo(8_000_000) });
    expect(witness.explain()).toBeUndefined();
    now["/proc/meminfo"] = meminfo(300_000);
    witness.look();
    now["/proc/meminfo"] = meminfo(9_000_000);
    expect(witness.explain()).toMatch(/only 307 of 16384 MB were left \(\/proc\/meminfo\)/);
    witness.look();
    witness.look();
    expect(witness.explain()).toBeUndefined();
  });

  test("a count that is there stands before how full memory was", () => {
    const { witness } = kernel({
      "/proc/meminfo": meminfo(1_000),
      "/proc/self/cgroup": "0::/user.slice/job\n",
      [V2]: events(2),
    });
    expect(witness.explain()).toBeUndefined();
  });

  test("is not said where the system tells nothing", () => {
    const { witness } = kernel({});
    witness.look();
    expect(witness.explain()).toBeUndefined();
  });
});
