import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Experiment } from "../../src/experiment/experiment.ts";
import { seeds } from "../../src/experiment/seeds.ts";
import { manual } from "../../src/experiment/sources.ts";
import { writeTensorBoard } from "../../src/results/export/tensorboard/write.ts";
import { run } from "../../src/run/run.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { pythonFor } from "../helpers/python.ts";

const python = pythonFor("tensorboard", "tensorboard");
const folder = mkdtempSync(join(tmpdir(), "metalab-tensorboard-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Params {
  readonly [name: string]: unknown;
  readonly epochs: number;
  readonly lr: number;
  readonly opt: string;
}

/** Params of many kinds; the third fails, the fourth is pruned. */
const POINTS: readonly Params[] = [
  { epochs: 4, lr: 0.125, opt: "sgd", nesterov: true, limit: 1 },
  { epochs: 4, lr: 0.25, opt: "adam", limit: Number.POSITIVE_INFINITY },
  { epochs: 4, lr: 0.5, opt: "sgd", layers: [64, 32] },
  { epochs: 4, lr: 1, opt: "größe 漢字 <b>" },
];

beforeAll(async () => {
  if (python === undefined) return;
  const experiment = new Experiment({
    name: "descent",
    params: manual(POINTS),
    seeds: seeds({ replicates: 2 }),
    operation: ({ params, trial, capture }) => {
      if (params.lr === 0.5) throw new Error("out of luck <script>");
      for (let step = 0; step < 4; step++) {
        const loss = step === 2 ? Number.NaN : params.lr * (4 - step) + trial.replicate;
        capture.metric("loss", loss, { step });
      }
      if (params.lr === 1) trial.prune();
      return { accuracy: 0.5 + trial.replicate / 4, isGood: true, note: "*plain*" };
    },
  });
  const results = await run(experiment, { store: memoryStore(), progress: false }).result();
  await writeTensorBoard(results, folder);
});

/** Prints what TensorBoard's own reader makes of the files. */
const READ = `
import json, math, sys
from tensorboard.backend.event_processing.event_multiplexer import EventMultiplexer
from tensorboard.plugins.hparams import plugin_data_pb2
from google.protobuf import json_format
runs = EventMultiplexer().AddRunsFromDirectory(sys.argv[1])
runs.Reload()
told = {}
for name, tags in runs.Runs().items():
    reader = runs.GetAccumulator(name)
    scalars = {t: [[e.step, repr(e.value)] for e in reader.Scalars(t)] for t in tags["scalars"]}
    plugin = {}
    for tag, content in reader.PluginTagToContent("hparams").items():
        plugin[tag] = json_format.MessageToDict(plugin_data_pb2.HParamsPluginData.FromString(content))
    told[name] = {"scalars": scalars, "hparams": plugin}
print(json.dumps(told))
`;

interface ReadRun {
  readonly scalars: Readonly<Record<string, readonly (readonly [number, string])[]>>;
  readonly hparams: Readonly<Record<string, { readonly [part: string]: Readonly<Record<string, unknown>> }>>;
}

describe.skipIf(python === undefined)("event files", () => {
  test("are read by TensorBoard's own reader", () => {
    const { stdout, stderr, status } = spawnSync(python!, ["-c", READ, folder], { encoding: "utf8" });
    expect([status, stderr.includes("Traceback")]).toEqual([0, false]);
    const told = JSON.parse(stdout) as Readonly<Record<string, ReadRun>>;
    expect(Object.keys(told)).toHaveLength(9);
    const of = (start: string) => Object.entries(told).find(([name]) => name.startsWith(start))![1];
    const first = of("descent@1/t0-r1-");
    expect(first.scalars).toEqual({
      loss: [
        [0, "1.5"],
        [1, "1.375"],
        [2, "nan"],
        [3, "1.125"],
      ],
      accuracy: [[0, "0.75"]],
      isGood: [[0, "1.0"]],
    });
    const start = (one: ReadRun) => one.hparams["_hparams_/session_start_info"]!["sessionStartInfo"]!;
    expect(start(first)["hparams"]).toEqual({ epochs: 4, lr: 0.125, opt: "sgd", nesterov: true, limit: "1" });
    expect(start(of("descent@1/t1-r0-"))["hparams"]).toEqual({
      epochs: 4,
      lr: 0.25,
      opt: "adam",
      limit: "Infinity",
    });
    expect(start(of("descent@1/t2-r0-"))["hparams"]).toEqual({
      epochs: 4,
      lr: 0.5,
      opt: "sgd",
      layers: "[64,32]",
    });
    expect(start(of("descent@1/t3-r0-"))["hparams"]).toEqual({ epochs: 4, lr: 1, opt: "größe 漢字 <b>" });
    expect(start(first)["groupName"]).toBe(start(of("descent@1/t0-r0-"))["groupName"]);
    expect(start(first)["groupName"]).not.toBe(start(of("descent@1/t1-r0-"))["groupName"]);
    const end = (one: ReadRun) => one.hparams["_hparams_/session_end_info"]!["sessionEndInfo"]!["status"];
    expect(end(first)).toBe("STATUS_SUCCESS");
    expect(end(of("descent@1/t2-r0-"))).toBe("STATUS_FAILURE");
    expect(end(of("descent@1/t3-r0-"))).toBeUndefined();
  }, 120_000);

  test("are shown by the real server", async () => {
    const port = await freePort();
    const server = spawn(
      python!,
      ["-m", "tensorboard.main", "--logdir", folder, "--host", "127.0.0.1", "--port", String(port)],
      { stdio: "ignore" },
    );
    try {
      const ask = async (path: string, body?: object): Promise<unknown> => {
        const url = `http://127.0.0.1:${port}/data/plugin/${path}`;
        const headers = { "content-type": "application/json" };
        const answer = await fetch(
          url,
          body === undefined ? {} : { method: "POST", headers, body: JSON.stringify(body) },
        );
        if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
        return answer.json();
      };
      const tags = await settled(async () => {
        const found = (await ask("scalars/tags")) as Readonly<Record<string, object>>;
        return Object.keys(found).length === 6 ? found : undefined;
      });
      const run = Object.keys(tags).find((name) => name.startsWith("descent@1/t0-r0-"))!;
      expect(Object.keys(tags[run]!).sort()).toEqual(["accuracy", "isGood", "loss"]);
      const points = (await ask(
        `scalars/scalars?run=${encodeURIComponent(run)}&tag=loss`,
      )) as readonly unknown[][];
      expect(points.map(([, step, value]) => [step, value])).toEqual([
        [0, 0.5],
        [1, 0.375],
        [2, "NaN"],
        [3, 0.125],
      ]);
      const experiment = (await ask("hparams/experiment", { experimentName: "" })) as {
        hparamInfos: { name: string; differs: boolean }[];
        metricInfos: { name: { tag: string } }[];
      };
      expect(experiment.hparamInfos.map(({ name, differs }) => [name, differs])).toEqual([
        ["layers", true],
        ["limit", true],
        ["lr", true],
        ["nesterov", true],
        ["opt", true],
        ["epochs", false],
      ]);
      expect(experiment.metricInfos.map(({ name }) => name.tag)).toEqual(["accuracy", "isGood", "loss"]);
      const { sessionGroups } = (await ask("hparams/session_groups", {
        experimentName: "",
        allowedStatuses: ["STATUS_UNKNOWN", "STATUS_SUCCESS", "STATUS_FAILURE", "STATUS_RUNNING"],
        colParams: [{ hparam: "lr", order: "ORDER_DESC" }, { metric: { group: "", tag: "accuracy" } }],
        aggregationType: "AGGREGATION_AVG",
        startIndex: 0,
        sliceSize: 100,
      })) as {
        sessionGroups: {
          hparams: { lr: number };
          sessions: object[];
          metricValues: { name: { tag: string }; value: number }[];
        }[];
      };
      expect(sessionGroups.map(({ hparams, sessions }) => [hparams.lr, sessions.length])).toEqual([
        [1, 2],
        [0.5, 2],
        [0.25, 2],
        [0.125, 2],
      ]);
      const mean = sessionGroups[3]!.metricValues.find(({ name }) => name.tag === "accuracy")!.value;
      expect(mean).toBe(0.625);
      const texts = (await ask("text/tags")) as Readonly<Record<string, readonly string[]>>;
      expect(Object.values(texts).flat().sort()).toEqual([
        "error",
        "error",
        ...Array(4).fill("metrics/note"),
      ]);
    } finally {
      const gone = once(server, "exit");
      server.kill("SIGTERM");
      await gone;
    }
  }, 240_000);
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Asks until there is an answer, for at most three minutes: the server starts, then reads the files. */
async function settled<T>(ask: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + 180_000;
  for (;;) {
    const answer = await ask().catch((error: unknown) => {
      if (Date.now() > end) throw error;
      return undefined;
    });
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error("TensorBoard did not get there in time");
    await sleep(500);
  }
}
