import { expect, test } from "vitest";
import { file } from "../../../src/experiment/context.ts";
import { Experiment } from "../../../src/experiment/experiment.ts";
import { createManifest } from "../../../src/experiment/manifest.ts";
import { seeds } from "../../../src/experiment/seeds.ts";
import { manual } from "../../../src/experiment/sources.ts";
import { maximize, minimize } from "../../../src/search/objective.ts";

const base = {
  name: "sweep",
  params: manual([{ lr: 0.1 }, { lr: 1 }]),
  operation: () => ({ loss: 1 }),
};
/** A definition with parts that the types would refuse. */
const define = (parts: Readonly<Record<string, unknown>>) =>
  new Experiment({ ...base, ...parts } as typeof base);

test("what is left out has its default", () => {
  const experiment = new Experiment(base);
  expect(experiment).toMatchObject({
    name: "sweep",
    version: "1",
    description: undefined,
    tags: [],
    metadata: {},
    context: undefined,
    defaults: {},
    objectives: [],
  });
  expect(experiment.params).toBe(base.params);
  expect(experiment.operation).toBe(base.operation);
  expect(experiment.seeds).toMatchObject({ base: 0, replicates: 1 });
});

test("an experiment is frozen, and what it was made from can change without it", () => {
  const tags = ["a"];
  const metadata = { nested: { list: [1] } };
  const defaults = { wd: 0 };
  const experiment = new Experiment({ ...base, tags, metadata, defaults });
  tags.push("b");
  metadata.nested.list.push(2);
  defaults.wd = 1;
  expect(experiment.tags).toEqual(["a"]);
  expect(experiment.metadata).toEqual({ nested: { list: [1] } });
  expect(experiment.defaults).toEqual({ wd: 0 });
  expect(() => {
    (experiment as { name: string }).name = "other";
  }).toThrow(TypeError);
});

test("an experiment is an instance of Experiment", () => {
  expect(new Experiment(base)).toBeInstanceOf(Experiment);
  expect(new Experiment(base).constructor.name).toBe("Experiment");
});

test("one objective and an array of them are kept as a list", () => {
  expect(define({ objective: minimize("loss") }).objectives).toEqual([minimize("loss")]);
  expect(define({ objective: [maximize("a"), minimize("loss")] }).objectives).toEqual([
    { metric: "a", direction: "maximize" },
    { metric: "loss", direction: "minimize" },
  ]);
  expect(define({ objective: { metric: "loss", direction: "minimize", extra: 1 } }).objectives).toEqual([
    minimize("loss"),
  ]);
});

test.each([
  ["empty", "", "is empty"],
  ["a path upwards", "../x", "character /"],
  ["dots", "..", "starts with a dot"],
  ["a hidden folder", ".git", "starts with a dot"],
  ["300 characters", "x".repeat(300), "300 bytes"],
  ["more bytes than characters", "é".repeat(65), "130 bytes"],
  ["a backslash", "a\\b", "character \\"],
  ["a drive", "c:x", "character :"],
  ["a wildcard", "a*", "character *"],
  ["a redirection", "a>b", "character >"],
  ["our own separator", "a@b", "character @"],
  ["a trailing dot", "a.", "ends with a dot"],
  ["a trailing space", "a ", "space"],
  ["a leading space", " a", "space"],
  ["a line break", "a\nb", "control character"],
  ["a null character", "a\0b", "control character"],
  ["a bidirectional override", "a\u202eb", "invisible"],
  ["a lone surrogate", "a\ud800", "invisible"],
  ["a decomposed letter", "e\u0301", "normal form"],
  ["a device of Windows", "con", "device"],
  ["a device in capitals with an extension", "LPT1.txt", "device"],
  ["a number", 3, "is not text"],
  ["nothing", undefined, "is not text"],
])("a name that is %s is refused", (_, name, problem) => {
  expect(() => define({ name })).toThrowError(
    expect.objectContaining({
      code: "METALAB_EXPERIMENT_NAME",
      message: expect.stringMatching(/^Experiment: name .*, got .*\. Use letters|Write it as text/),
    }),
  );
  expect(() => define({ name })).toThrowError(problem);
});

test.each(["hypersearch_grid", "a b", "größe", "实验", "v1.2-beta+3", "console", "a.b", "x".repeat(128)])(
  "the name %j is accepted",
  (name) => {
    expect(define({ name }).name).toBe(name);
  },
);

test("a version has the rules of a name, and says how to write a number", () => {
  expect(define({ version: "0.1" }).version).toBe("0.1");
  expect(() => define({ version: 0.1 })).toThrowError(
    'Experiment: version must be usable as a folder name but is not text, got 0.1. Write it as text: "0.1".',
  );
  expect(() => define({ version: "1/2" })).toThrowError(
    expect.objectContaining({ code: "METALAB_EXPERIMENT_VERSION" }),
  );
});

test.each([
  [{ operation: 3 }, "METALAB_EXPERIMENT_OPERATION", /operation is a function, got 3/],
  [{ operation: undefined }, "METALAB_EXPERIMENT_OPERATION", /got undefined/],
  [{ params: [{ lr: 1 }] }, "METALAB_EXPERIMENT_PARAMS", /write manual\(/],
  [{ params: { lr: [1, 2] } }, "METALAB_EXPERIMENT_PARAMS", /write grid\(/],
  [{ params: { lr: 1 } }, "METALAB_EXPERIMENT_PARAMS", /write manual\(/],
  [{ params: { space: {}, trials: 3 } }, "METALAB_EXPERIMENT_PARAMS", /Write random\(/],
  [{ params: undefined }, "METALAB_EXPERIMENT_PARAMS", /got undefined/],
  [{ tags: "a" }, "METALAB_EXPERIMENT_TAGS", /got "a"/],
  [{ tags: ["a", 3] }, "METALAB_EXPERIMENT_TAGS", /got 3/],
  [{ tags: ["a", undefined] }, "METALAB_EXPERIMENT_TAGS", /got undefined/],
  [{ tags: [""] }, "METALAB_EXPERIMENT_TAGS", /got ""/],
  [{ description: 3 }, "METALAB_EXPERIMENT_DESCRIPTION", /got 3/],
  [{ metadata: [1] }, "METALAB_OPTIONS", /metadata is a plain object/],
  [{ metadata: { a: { fn: () => 1 } } }, "METALAB_VALUE_UNIDENTIFIABLE", /metadata\.a\.fn/],
  [{ defaults: { wd: new Map() } }, "METALAB_VALUE_UNIDENTIFIABLE", /defaults\.wd/],
  [{ defaults: { "": 1 } }, "METALAB_PARAM_NAME", /defaults/],
  [{ context: { model: { fn: () => 1 } } }, "METALAB_VALUE_UNIDENTIFIABLE", /context\.model\.fn/],
  [{ context: { $input: "file" } }, "METALAB_CONTEXT_INPUT", /context/],
  [{ seeds: 42 }, "METALAB_EXPERIMENT_SEEDS", /Write seeds: seeds\(\{ base: 42 \}\)/],
  [{ seeds: { base: 1, replicates: 3 } }, "METALAB_EXPERIMENT_SEEDS", /seeds\(\)/],
  [{ objective: "loss" }, "METALAB_OBJECTIVE", /Write minimize\("loss"\)/],
  [
    { objective: [minimize("loss"), { metric: "x", direction: "up" }] },
    "METALAB_OBJECTIVE",
    /got \{"metric":"x"/,
  ],
  [{ objective: [minimize("loss"), maximize("loss")] }, "METALAB_OBJECTIVE", /"loss" twice/],
])("a definition with %o is refused with %s", (parts, code, message) => {
  expect(() => define(parts)).toThrowError(
    expect.objectContaining({ code, name: "DefinitionError", message: expect.stringMatching(message) }),
  );
});

test("an unknown option is answered with the one that was meant", () => {
  expect(() => define({ operaton: () => 1 })).toThrowError(
    'Experiment: there is no such option, got "operaton". Did you mean "operation"? Correct the name.',
  );
  expect(() => define({ meta_data: {} })).toThrowError(/Did you mean "metadata"\?/);
  expect(() => define({ replicates: 3 })).toThrowError(/seeds\(\{ replicates: 3 \}\)/);
  expect(() => define({ xyz: 3 })).toThrowError(/The options are name, version/);
  expect(() => new Experiment("sweep" as never)).toThrowError(
    expect.objectContaining({ code: "METALAB_OPTIONS" }),
  );
});

test("a manifest says all of the definition, with values as they were given", () => {
  const experiment = new Experiment({
    ...base,
    version: "0.1",
    description: "why",
    tags: ["a"],
    metadata: { limit: Number.POSITIVE_INFINITY },
    context: { data: file("x.csv") },
    defaults: { wd: Number.NaN },
    seeds: seeds({ base: 42, replicates: 3 }),
    objective: minimize("loss"),
  });
  const manifest = createManifest(experiment, { contextHash: "c", encodedContext: { n: 1 }, created: 7 });
  expect(manifest).toEqual({
    format: 1,
    name: "sweep",
    version: "0.1",
    description: "why",
    tags: ["a"],
    metadata: { limit: Number.POSITIVE_INFINITY },
    context: { n: 1 },
    contextHash: "c",
    params: { kind: "manual", points: [{ lr: 0.1 }, { lr: 1 }] },
    defaults: { wd: Number.NaN },
    seeds: { base: 42, replicates: 3 },
    objectives: [{ metric: "loss", direction: "minimize" }],
    trials: 2,
    runs: 6,
    created: 7,
  });
});

test("a manifest without a context or description leaves them out", () => {
  const manifest = createManifest(new Experiment(base), {
    contextHash: null,
    encodedContext: undefined,
    created: 0,
  });
  expect(manifest.context).toBeNull();
  expect(manifest.contextHash).toBeNull();
  expect("description" in manifest).toBe(false);
});
