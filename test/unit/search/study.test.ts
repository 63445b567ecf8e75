import { describe, expect, test } from "vitest";
import type { TrialOutcome } from "../../../src/search/history.ts";
import { minimize } from "../../../src/search/objective.ts";
import type { Sampler, SuggestInput } from "../../../src/search/sampler.ts";
import { random } from "../../../src/search/samplers/random.ts";
import { type Point, Study } from "../../../src/search/study.ts";
import { choice, uniform } from "../../../src/space/distribution.ts";
import { resolveSpace, type Space, when } from "../../../src/space/space.ts";
import { UnitSpace } from "../../../src/space/units.ts";

const SPACE: Space = { x: uniform(0, 10), kind: choice(["a", "b"]), y: when({ kind: "b" }, uniform(0, 1)) };

/** Notes what it is asked, and always proposes the same. */
function watched(point: Point = { x: 4, kind: "a" }): {
  readonly sampler: Sampler;
  readonly asked: SuggestInput[];
} {
  const asked: SuggestInput[] = [];
  const suggest = (input: SuggestInput) => {
    asked.push({ ...input, pending: [...input.pending] });
    return { params: point, by: "watched" };
  };
  return { asked, sampler: { name: "watched", describe: () => ({ name: "watched" }), suggest } };
}

function studyOf(sampler: Sampler, start: readonly Point[] = [], seed: number | string = 1): Study {
  const space = new UnitSpace(resolveSpace(SPACE, "test"));
  return new Study({ space, sampler, objectives: [minimize("loss")], constraints: 0, seed, start });
}

function lossOf(loss: number): TrialOutcome {
  return { state: "complete", losses: [loss], errors: [Number.NaN], count: 1 };
}

describe("a study", () => {
  test("numbers its trials, and shows the sampler what was told and what is pending", () => {
    const { sampler, asked } = watched();
    const study = studyOf(sampler);
    expect([study.ask(9).number, study.ask(9).number, study.ask(9).number]).toEqual([0, 1, 2]);
    study.tell(1, lossOf(0.5));
    study.ask(9);
    expect(asked.map(({ number, trials }) => [number, trials])).toEqual([
      [0, 9],
      [1, 9],
      [2, 9],
      [3, 9],
    ]);
    expect(asked[3]!.pending.map(({ number }) => number)).toEqual([0, 2]);
    expect(Array.from(asked[3]!.history, ({ number, losses }) => [number, ...losses])).toEqual([[1, 0.5]]);
    expect(study.pending.map(({ number }) => number)).toEqual([0, 2, 3]);
    expect(study.isPending(1)).toBe(false);
  });

  test("says what the next trial would be without changing anything", () => {
    const study = studyOf(random());
    const next = study.next();
    expect(study.next()).toEqual(next);
    expect(study.asked).toBe(0);
    expect(study.ask()).toMatchObject({ number: 0, params: next.params, by: "random" });
  });

  test("gives each trial random numbers that depend on the seed and its number alone", () => {
    const drawn = (study: Study, asked: SuggestInput[], told: boolean): readonly number[] => {
      for (let at = 0; at < 3; at += 1) {
        const { number } = study.ask();
        if (told) study.tell(number, lossOf(at));
      }
      return asked.map(({ rng }) => rng.next());
    };
    const [one, two, other] = [watched(), watched(), watched()];
    const numbers = drawn(studyOf(one.sampler), one.asked, true);
    expect(drawn(studyOf(two.sampler), two.asked, false)).toEqual(numbers);
    expect(drawn(studyOf(other.sampler, [], 2), other.asked, true)).not.toEqual(numbers);
    expect(new Set(numbers).size).toBe(3);
  });

  test("takes whole start points as they are, and fills in the others from the sampler or at random", () => {
    const { sampler, asked } = watched();
    const study = studyOf(sampler, [{ x: 1, kind: "a" }, { x: 0.1 + 0.2 }, { kind: "b" }]);
    expect(study.ask()).toMatchObject({ params: { x: 1, kind: "a" }, by: "start" });
    expect(asked.length).toBe(0);
    expect(study.ask().params).toEqual({ x: 0.1 + 0.2, kind: "a" });
    const { params, by } = study.ask();
    expect(params).toMatchObject({ x: 4, kind: "b" });
    expect(params["y"]).toBeGreaterThanOrEqual(0);
    expect(by).toBe("start");
    expect(study.ask()).toMatchObject({ params: { x: 4, kind: "a" }, by: "watched" });
  });

  test("learns of trials that were never asked for under numbers that no trial has", () => {
    const study = studyOf(random());
    study.learn({ x: 1, kind: "a" }, lossOf(1));
    study.learn({ x: 2, kind: "a" }, lossOf(2));
    expect(Array.from(study.history, ({ number }) => number)).toEqual([-1, -2]);
    expect(study.ask().number).toBe(0);
  });

  test("takes trials from a journal as if the sampler had proposed them", () => {
    const study = studyOf(random());
    expect(study.adopt({ params: { x: 3, kind: "a" }, by: "gp" })).toEqual({
      number: 0,
      params: { x: 3, kind: "a" },
      by: "gp",
    });
    expect(study.asked).toBe(1);
    expect(study.tell(0, lossOf(1)).params).toEqual({ x: 3, kind: "a" });
  });

  test("is told of each trial once, and of none that it did not propose", () => {
    const study = studyOf(random());
    const { number } = study.ask();
    study.tell(number, lossOf(1));
    const code = "METALAB_SEARCH_TELL";
    expect(() => study.tell(0, lossOf(1))).toThrow(
      expect.objectContaining({
        code,
        message: "tell(): a trial is told once, got trial 0 again. Ask for a new one.",
      }),
    );
    for (const wrong of [1, -1, 0.5, Number.NaN, "0", undefined]) {
      expect(() => study.tell(wrong as number, lossOf(1))).toThrow(
        expect.objectContaining({
          code,
          message: expect.stringMatching(
            /^tell\(\): only trials that were asked for can be told, got .*; 1 were asked for\. Give what ask\(\) returned\.$/,
          ),
        }),
      );
    }
    expect(study.history.length).toBe(1);
  });
});
