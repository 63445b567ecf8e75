import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openStore } from "../../src/store/locator.ts";
import { readUnfinished } from "../../src/store/unfinished.ts";
import { createSandbox, ended, processesOf, type Sandbox, until } from "../helpers/sandbox.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await createSandbox();
  sandbox.write(
    "sweep.mjs",
    `
    import { Experiment, grid, processes, run, threads } from "metalab";
    const [store, kind] = process.argv.slice(2);
    const experiment = new Experiment({
      name: "interrupted",
      params: grid({ x: Array.from({ length: 400 }, (_, i) => i) }),
      operation: async ({ params }) => {
        await new Promise((resolve) => setTimeout(resolve, 10));
        return { y: params.x };
      },
    });
    const executor = kind === "threads" ? threads({ workers: 2 }) : processes({ workers: 2 });
    process.send?.("begins");
    await run(experiment, { store, executor, progress: "none" }).result();
  `,
  );
});
afterAll(() => sandbox?.remove());

describe.each(["processes", "threads"])("Ctrl-C of a sweep in %s", (kind) => {
  test("ends it in every phase: while workers start, while they work, at its end", async () => {
    for (let round = 0; round < 12; round += 1) {
      const store = `${kind}-${round}`;
      const child = sandbox.start(["sweep.mjs", store, kind], { stdio: ["ignore", "pipe", "pipe", "ipc"] });
      const over = ended(child);
      await new Promise((resolve) => child.once("message", resolve));
      // From the first moment of the start of workers to the middle of the sweep.
      await new Promise((resolve) => setTimeout(resolve, 60 * round));
      child.kill("SIGINT");
      const { code, signal, err } = await over;
      // A sweep that was over before the signal came ends as if there had been none.
      if (signal !== "SIGINT") expect({ code, err }).toEqual({ code: 0, err: "" });
      const { unfinished } = await readUnfinished(
        openStore(sandbox.path(store)),
        {
          name: "interrupted",
          version: "1",
        },
        ["running"],
      );
      expect(unfinished.length).toBe(0);
    }
    expect(await until(() => processesOf(sandbox.folder).length === 0)).toBe(true);
  });
});
