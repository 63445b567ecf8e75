import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Experiment } from "../../../src/experiment/experiment.ts";
import { manual } from "../../../src/experiment/sources.ts";
import { run } from "../../../src/run/run.ts";
import { maximize } from "../../../src/search/objective.ts";
import { cli, scratchFolder } from "../../helpers/cli.ts";

const scratch = scratchFolder();
afterAll(() => scratch.remove());

test("the end of a dotted name stands for it where groups are named, unless something else is called that", async () => {
  const store = join(scratch.folder, "runs");
  const experiment = new Experiment({
    name: "dotted",
    params: manual(
      [0, 1, 2, 3].map((x) => ({
        "optimizer.lr": x % 2,
        "model.depth": x % 2,
        "other.depth": x,
        "net.acc": x,
      })),
    ),
    operation: ({ params }) => ({ acc: params["optimizer.lr"] + params["other.depth"] / 10 }),
    objective: maximize("acc"),
  });
  await run(experiment, { store, progress: "none" }).result();
  const compare = (by: string) =>
    cli(["compare", "dotted", "--by", by, "--json"], { env: { METALAB_STORE: store } });

  expect((await compare("lr")).json).toMatchObject({ by: ["optimizer.lr"] });
  expect((await compare("acc")).json).toMatchObject({ by: ["acc"] });
  const several = await compare("depth");
  expect(several.code).toBe(2);
  expect(JSON.parse(several.err)).toMatchObject({
    error: { message: expect.stringContaining('Did you mean "model.depth" or "other.depth"?') },
  });
});
