import { describe, expect, test } from "vitest";
import { learnFrom } from "../../../src/execution/search/warm-start.ts";
import type { Fold } from "../../../src/identity/ids.ts";
import type { TrialOutcome } from "../../../src/search/history.ts";
import { type FoldAggregate, outcomeOf } from "../../../src/search/outcome.ts";
import { memoryStore } from "../../../src/store/memory.ts";
import { FACTS, KEY, recordOf } from "../../conformance/store-fixtures.ts";

interface Made {
  readonly replicate: number;
  readonly loss: number;
  readonly fold?: Fold;
}

const objectives = [{ metric: "loss", direction: "minimize" }] as const;

/** What a search learns of one trial with these runs, the first one being the oldest. */
async function learned(made: readonly Made[], aggregate?: FoldAggregate): Promise<TrialOutcome> {
  const store = memoryStore();
  await using writer = await store.write(KEY, { origin: FACTS });
  for (const [n, { loss, ...place }] of made.entries()) {
    await writer.append(recordOf(writer, n, { ...place, trial: 0, params: { lr: 0.5 }, metrics: { loss } }));
  }
  const frame = await store.read(KEY);
  const ids = made.map((_, row) => frame.ids.hex(row));
  const outcomes: TrialOutcome[] = [];
  const rule = { objectives, constraints: [], ...(aggregate === undefined ? {} : { aggregate }) };
  learnFrom({ learn: (_, outcome) => void outcomes.push(outcome) }, ids, frame, rule, ["loss"]);
  expect(outcomes.length).toBe(1);
  return outcomes[0]!;
}

function foldsOf(replicate: number, losses: readonly number[], count = losses.length): readonly Made[] {
  return losses.map((loss, index) => ({ replicate, loss, fold: { index, count } }));
}

describe("a search that learns from runs with folds", () => {
  const whole = foldsOf(0, [1, 2, 6]);

  test("joins those of one replicate, as it does with runs of its own", async () => {
    const made = [...whole, ...foldsOf(1, [4, 5, 12])];
    const outcome = await learned(made);
    // The mean and its standard error of 3 and 7, not of six values.
    expect(outcome).toEqual({ state: "complete", losses: [5], errors: [2], count: 2 });
    const runs = made.map(({ replicate, loss }) => ({
      state: "complete" as const,
      metrics: { loss },
      replicate,
    }));
    expect(outcome).toEqual(outcomeOf(runs, { objectives, constraints: [] }));
  });

  test("joins them as the experiment says", async () => {
    const made = [...whole, ...foldsOf(1, [4, 5, 12])];
    expect((await learned(made, "median")).losses).toEqual([(2 + 5) / 2]);
    expect((await learned(made, "max")).losses).toEqual([(6 + 12) / 2]);
  });

  test("lets a replicate that lacks folds count as much as the others", async () => {
    expect((await learned([...whole, ...foldsOf(1, [7], 3)])).losses).toEqual([5]);
  });

  test("takes a fold that is there again for one of another sweep", async () => {
    const outcome = await learned([...whole, ...foldsOf(0, [4, 5, 12])]);
    expect(outcome).toMatchObject({ losses: [5], count: 2 });
  });

  test("lets a run without folds count by itself", async () => {
    const single = { replicate: 0, loss: 7 };
    expect(await learned([...whole, single])).toMatchObject({ losses: [5], count: 2 });
    expect(await learned([single, { ...single, loss: 9 }])).toMatchObject({ losses: [8], count: 2 });
  });
});
