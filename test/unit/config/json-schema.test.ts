import { join } from "node:path";
import { expect, test } from "vitest";
import { searchSchema } from "../../../src/config/json-schema.ts";
import { ROOT } from "../../helpers/built.ts";

test("the schema that is packed is the one that the tables make (npx vitest run -u writes it)", async () => {
  const text = `${JSON.stringify(searchSchema(), undefined, 2)}\n`;
  await expect(text).toMatchFileSnapshot(join(ROOT, "schemas", "search.schema.json"));
});
