import { describe, expect, test } from "vitest";
import { History, isFeasible, type ObservedTrial, type TrialOutcome } from "../../../src/search/history.ts";
import { choice, uniform } from "../../../src/space/distribution.ts";
import { resolveSpace, when } from "../../../src/space/space.ts";
import { UnitSpace } from "../../../src/space/units.ts";

const space = new UnitSpace(
  resolveSpace({ kind: choice(["a", "b"]), x: when({ kind: "a" }, uniform(0, 2)) }, "test"),
);

function lossOf(loss: number): TrialOutcome {
  return { state: "complete", losses: [loss], errors: [Number.NaN], count: 1 };
}

function historyOf(losses: readonly number[]): History {
  const history = new History(space);
  losses.forEach((loss, number) => {
    history.add(number, { kind: "a", x: number / 10 }, lossOf(loss));
  });
  return history;
}

describe("a history", () => {
  test("keeps the trials in the order in which they were told", () => {
    const history = new History(space);
    expect(history.length).toBe(0);
    expect(history.at(0)).toBeUndefined();
    history.add(3, { kind: "a", x: 0.5 }, lossOf(2));
    history.add(-1, { kind: "b" }, { state: "failed", losses: [], errors: [], count: 0 });
    expect(history.length).toBe(2);
    expect([...history].map(({ number, state }) => [number, state])).toEqual([
      [3, "complete"],
      [-1, "failed"],
    ]);
    expect(history.at(-1)?.params).toEqual({ kind: "b" });
  });

  test("knows each trial's vector, NaN where a parameter is inactive", () => {
    const history = new History(space);
    expect([...history.add(0, { kind: "a", x: 0.5 }, lossOf(1)).units]).toEqual([0.25, 0.25]);
    expect([...history.add(1, { kind: "b" }, lossOf(1)).units]).toEqual([0.75, Number.NaN]);
  });

  test("freezes its trials", () => {
    expect(Object.isFrozen(historyOf([1]).at(0))).toBe(true);
  });

  test("shows each trial once to a fold, whenever it is asked", () => {
    const history = historyOf([1, 2, 3]);
    const key = {};
    const seen: number[] = [];
    const sum = () =>
      history.fold(
        key,
        () => 0,
        (state, trial, index) => {
          seen.push(index);
          return state + (trial.losses[0] as number);
        },
      );
    expect(sum()).toBe(6);
    expect(sum()).toBe(6);
    history.add(3, { kind: "b" }, lossOf(4));
    expect(sum()).toBe(10);
    expect(seen).toEqual([0, 1, 2, 3]);
  });

  test("has a state for each key, the same whether told at once or one by one", () => {
    const step = (state: number[], trial: ObservedTrial) => {
      state.push(trial.losses[0] as number);
      return state;
    };
    const grown = new History(space);
    const key = {};
    for (const [number, loss] of [5, 4, 3].entries()) {
      grown.add(number, { kind: "b" }, lossOf(loss));
      grown.fold(key, (): number[] => [], step);
    }
    const given = historyOf([5, 4, 3]);
    expect(grown.fold(key, (): number[] => [], step)).toEqual(given.fold(key, (): number[] => [], step));
    expect(
      given.fold(
        {},
        () => 0,
        (state) => state + 1,
      ),
    ).toBe(3);
  });

  test("does not count a trial as seen when a fold throws over it", () => {
    const history = historyOf([1, 2]);
    const key = {};
    let broken = true;
    const count = () =>
      history.fold(
        key,
        () => 0,
        (state, _trial, index) => {
          if (broken && index === 1) throw new Error("not yet");
          return state + 1;
        },
      );
    expect(count).toThrow("not yet");
    broken = false;
    expect(count()).toBe(2);
  });
});

describe("isFeasible", () => {
  test("asks for losses and for constraints that are met", () => {
    expect(isFeasible(lossOf(1))).toBe(true);
    expect(isFeasible({ ...lossOf(1), violations: [0, -2] })).toBe(true);
    expect(isFeasible({ ...lossOf(1), violations: [0, 0.1] })).toBe(false);
    expect(isFeasible({ ...lossOf(1), violations: [Number.NaN] })).toBe(false);
    expect(isFeasible({ ...lossOf(1), state: "pruned" })).toBe(false);
    expect(isFeasible({ state: "infeasible", losses: [], errors: [], count: 0 })).toBe(false);
  });
});
