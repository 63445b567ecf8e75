import { expect, test } from "vitest";
import {
  compare,
  importance,
  paretoFront,
  picture,
  plot,
  sql,
  summarizeGroups,
  winner,
} from "../../../src/index.ts";
import { madeResults } from "../../helpers/made-results.ts";

const takers: readonly (readonly [string, (given: never) => unknown])[] = [
  ["compare()", (given) => compare(given, { by: "lr" })],
  ["importance()", (given) => importance(given)],
  ["summarizeGroups()", (given) => summarizeGroups(given)],
  ["winner()", (given) => winner(given)],
  ["paretoFront()", (given) => paretoFront(given)],
  ['plot("slice")', (given) => plot(given, "slice")],
  ['plot("slice")', (given) => picture(given, "slice")],
  ["sql()", (given) => sql(given, "select 1")],
];

test.each(takers)("%s says what it takes, and where an await is missing", async (where, take) => {
  const refusal = async (given: unknown): Promise<unknown> => {
    try {
      await take(given as never);
    } catch (error) {
      return error;
    }
    return undefined;
  };
  const message = (got: string, advice: string) => ({
    code: "METALAB_RESULTS",
    message: `${where}: takes results, got ${got}. ${advice}`,
  });
  expect(await refusal(undefined)).toMatchObject(
    message("undefined", "Give what result() or loadResults() gave."),
  );
  expect(await refusal(madeResults([]))).toMatchObject(
    message("an instance of Promise", "Write await before it."),
  );
});
