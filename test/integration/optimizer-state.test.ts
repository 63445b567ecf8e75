import { afterAll, beforeAll, expect, test } from "vitest";
import { createSandbox, type Sandbox } from "../helpers/sandbox.ts";

const TRIALS = 16;

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await createSandbox();
  sandbox.write(
    "loop.mjs",
    `
    import { existsSync, readFileSync, writeFileSync } from "node:fs";
    import {
      atMost, auto, choice, cmaes, gp, gridSampler, int, loguniform, minimize, nsga2, optimizer, randomSampler, sobol, tpe,
      uniform, when,
    } from "metalab";
    const [file, until] = [process.argv[2], Number(process.argv[3])];
    const samplers = [
      auto(), randomSampler(), sobol(), gridSampler({ points: 3 }), tpe({ startupTrials: 4 }), gp({ initialPoints: 4 }),
      cmaes({ startupTrials: 4, population: 4 }), nsga2({ population: 4 }),
    ];
    const space = {
      x: uniform(-5, 5), lr: loguniform(1e-4, 1), n: int(1, 50), kind: choice(["a", "b"]),
      y: when({ kind: "b" }, uniform(0, 1)),
    };
    const saved = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : [];
    const all = [];
    for (const [at, sampler] of samplers.entries()) {
      const loop = optimizer({
        space, sampler, seed: 5, trials: ${TRIALS}, objective: minimize("loss"), constraints: [atMost("n", 40)],
        ...(saved[at] === undefined ? {} : { state: saved[at].state }),
      });
      const asked = saved[at]?.asked ?? [];
      while (asked.length < until) {
        const { number, params } = loop.ask();
        asked.push(params);
        // Every third trial is told one trial later: some are pending when the process ends.
        for (const late of number % 3 === 0 ? [number - 1] : number % 3 === 1 ? [number - 1, number] : []) {
          if (late < 0) continue;
          const { x, n, y = 0.5, lr } = asked[late];
          loop.tell(late, late === 4 ? "failed" : { loss: (x - 1) ** 2 + y + Math.log10(lr) ** 2, n });
        }
      }
      all.push({ asked, state: loop });
    }
    writeFileSync(file, JSON.stringify(all));
    console.log(JSON.stringify(all));
  `,
  );
});
afterAll(() => sandbox?.remove());

async function proposed(file: string, until: number): Promise<readonly unknown[]> {
  const { code, err, out } = await sandbox.node(["loop.mjs", file, String(until)]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return JSON.parse(out) as readonly unknown[];
}

test("an optimizer of any sampler goes on in another process as it would have gone on in its own", async () => {
  const alone = await proposed("alone.json", TRIALS);
  expect(alone.length).toBe(8);
  for (const until of [3, 8, 12]) await proposed("stopped.json", until);
  expect(await proposed("stopped.json", TRIALS)).toEqual(alone);
});
