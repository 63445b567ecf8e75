import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { ensureBuilt, ROOT } from "../../helpers/built.ts";
import { type CliEnded, cli, scratchFolder } from "../../helpers/cli.ts";
import { until } from "../../helpers/sandbox.ts";
import { SEED_YAML } from "../../helpers/seed-yaml.ts";

const hasPython = spawnSync("python3", ["--version"]).status === 0;

beforeAll(ensureBuilt);

let scratch: ReturnType<typeof scratchFolder>;
beforeEach(() => {
  scratch = scratchFolder();
});
afterEach(() => scratch.remove());

function write(path: string, text: string): void {
  const file = join(scratch.folder, path);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, text, { mode: 0o755 });
}

const read = (path: string): string => readFileSync(join(scratch.folder, path), "utf8");

function metalab(...argv: readonly string[]): Promise<CliEnded> {
  return cli(argv, { cwd: scratch.folder, env: { PATH: process.env["PATH"] ?? "" } });
}

interface Answer {
  readonly trials: number;
  readonly runs: number;
  readonly success: number;
  readonly pruned: number;
  readonly failed: number;
  readonly best: {
    readonly params: Readonly<Record<string, number>>;
    readonly value: number;
    readonly config: string;
  } | null;
}

/** A training of no network: how good the settings are is a formula. Reads its config as anybody would without a package. */
const TRAIN = `
import json, math, os, sys

def settings(path):
    found, above = {}, []
    for line in open(path):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        indent = len(line) - len(line.lstrip())
        key, _, value = line.strip().partition(":")
        while above and above[-1][0] >= indent:
            above.pop()
        above.append((indent, key))
        if value.strip():
            found[".".join(name for _, name in above)] = value.split(" #")[0].strip()
    return found

config = settings(sys.argv[sys.argv.index("--config") + 1])
lr = float(config["optimizer.lr"])
momentum = float(config.get("optimizer.momentum", 0.9))
batch = int(config["training.batch_size"])
assert "search.metric" not in config
for epoch in range(int(config.get("training.num_epochs", 10))):
    acc = 0.95 - 0.1 * abs(math.log10(lr) + 2.5) - abs(momentum - 0.9) - abs(batch - 32) / 500 - 0.3 / (epoch + 1)
    print(json.dumps({"step": epoch, "val_acc": acc}), flush=True)
`;

/** Its metric is its argument: \`./score.sh --x 0.3\`. */
const SCORE = '#!/bin/sh\nshift\necho "{\\"loss\\": $1}"\n';
const SCORE_CONFIG = `
study_name: tiny
metric: loss
sampler: random
search_space: { x: { type: uniform, low: 0, high: 1 } }
`;

describe.skipIf(!hasPython)("the guide of ml-search, command by command", () => {
  test("init, search, plot, train with the best", async () => {
    write("train.py", TRAIN);
    mkdirSync(join(scratch.folder, "data", "my_dataset", "train", "cat"), { recursive: true });
    mkdirSync(join(scratch.folder, "data", "my_dataset", "train", "dog"));

    const made = await metalab("init", "data/my_dataset", "--yes");
    expect(made).toMatchObject({ code: 0, err: "" });
    expect(read("configs/my_dataset_config.yaml")).toContain("num_classes: 2");

    const searched = await metalab(
      "search",
      "--config",
      "configs/my_dataset_config.yaml",
      "--n-trials",
      "10",
      "--json",
    );
    expect(searched.err).toBe("");
    const { best, ...answer } = searched.json as Answer;
    expect(answer).toMatchObject({ trials: 10, runs: 10, failed: 0 });
    expect(best?.config).toBe(
      join(scratch.folder, "runs", "studies", "my_dataset_optimization", "best_config.yaml"),
    );

    const drawn = await metalab(
      "plot",
      "--study-name",
      "my_dataset_optimization",
      "--type",
      "contour",
      "--params",
      "lr",
      "batch_size",
    );
    expect(drawn).toMatchObject({ code: 0 });
    expect(drawn.out).toContain("optimizer.lr");

    const trained = await metalab(
      "train",
      "--config",
      "runs/studies/my_dataset_optimization/best_config.yaml",
      "--json",
    );
    expect(trained).toMatchObject({ code: 0, err: "" });
    const { metrics, params } = trained.json as {
      metrics: { val_acc: number };
      params: Record<string, unknown>;
    };
    expect(metrics.val_acc).toBe(best?.value);
    expect(params).toMatchObject(best?.params ?? {});
  });

  test("the seed's own file, pruning at work, and the store that stands for SQLite", async () => {
    write("train.py", TRAIN);
    write(
      "configs/my_config.yaml",
      `optimizer: { name: sgd, lr: 0.01 }\ntraining: { batch_size: 32, num_epochs: 12 }\n${SEED_YAML}`,
    );
    const ended = await metalab(
      "search",
      "-c",
      "configs/my_config.yaml",
      "--n-trials",
      "25",
      "--json",
      "--",
      "python",
      "train.py",
    );
    const answer = ended.json as Answer;
    expect(answer).toMatchObject({ trials: 25, runs: 25, failed: 0 });
    expect(answer.pruned).toBeGreaterThan(0);
    expect(answer.success + answer.pruned).toBe(25);
    expect(ended.err).toContain("sqlite:///optuna_studies.db is the folder optuna_studies");
    // Found again though the store is not the usual one.
    const drawn = await metalab("plot", "--study-name", "my_optimization", "--type", "slice");
    expect(drawn).toMatchObject({ code: 0 });
    expect(drawn.err).toContain("my_optimization is in the store optuna_studies");
    // No run is stopped before the warm-up, nor before five have ended.
    const rows = (await metalab("ls", "my_optimization", "--store", "optuna_studies", "--json"))
      .json as unknown;
    expect(JSON.stringify(rows)).toContain("pruned");
    expect(read("optuna_studies/studies/my_optimization/best_config.yaml")).toContain(
      "  command: [python, train.py]\n",
    );
  });

  test("manual tuning: one run for each command, side by side", async () => {
    write("train.py", TRAIN);
    write("configs/my_config.yaml", `optimizer: { name: sgd, lr: 0.001 }\ntraining: { batch_size: 32 }\n`);
    const train = (...settings: readonly string[]): Promise<CliEnded> =>
      metalab(
        "train",
        "--config",
        "configs/my_config.yaml",
        ...settings,
        "--json",
        "--",
        "python",
        "train.py",
      );
    const runs = [
      await train(),
      await train("--lr", "0.01"),
      await train("--batch_size", "64"),
      await train("--lr", "0.01", "--batch_size", "64"),
    ].map(({ json }) => json as { params: Record<string, unknown>; experiment: string });
    expect(runs.map(({ params }) => [params["optimizer.lr"], params["training.batch_size"]])).toEqual([
      [0.001, 32],
      [0.01, 32],
      [0.001, 64],
      [0.01, 64],
    ]);
    expect(new Set(runs.map(({ experiment }) => experiment))).toEqual(new Set(["my_config"]));
    expect((await train()).json).toMatchObject({ cached: true });
    expect((await train("--again")).json).toMatchObject({ cached: false });
  });
});

describe.skipIf(process.platform === "win32")("metalab search", () => {
  test("--resume adds trials, --total fills up, and without either a study is not written into", async () => {
    write("score.sh", SCORE);
    write("search.yaml", SCORE_CONFIG);
    const search = (...more: readonly string[]): Promise<CliEnded> =>
      metalab("search", "-c", "search.yaml", "-j", "2", "--json", ...more, "--", "./score.sh");
    expect((await search("--n-trials", "5")).json).toMatchObject({ trials: 5, runs: 5, success: 5 });

    const again = await search("--n-trials", "5");
    expect(again).toMatchObject({ code: 2, out: "" });
    expect(again.err).toContain("--resume");

    expect((await search("--resume", "--n-trials", "50")).json).toMatchObject({
      trials: 55,
      runs: 55,
      success: 55,
    });
    expect((await search("--total", "55")).json).toMatchObject({ trials: 55, runs: 55 });
    expect((await search("--total", "57")).json).toMatchObject({ trials: 57, runs: 57 });
    // The file's 50 are there already.
    expect((await search("--resume")).json).toMatchObject({ trials: 57, runs: 57 });
    expect((await search("--n-trials", "1", "--total", "2")).code).toBe(2);
    // The program is known from the first time.
    expect(
      (await metalab("search", "-c", "search.yaml", "--resume", "--n-trials", "1", "--json")).json,
    ).toMatchObject({ runs: 58 });
  });

  test("a file in another encoding is refused", async () => {
    writeFileSync(join(scratch.folder, "latin.yaml"), Buffer.from("name: caf\xe9\n", "latin1"));
    const ended = await metalab("search", "-c", "latin.yaml", "--", "./score.sh");
    expect(ended).toMatchObject({ code: 2, out: "" });
    expect(ended.err).toContain("must be UTF-8");
  });

  test("--total below what there is makes nothing, and forgets nothing", async () => {
    write("score.sh", SCORE);
    write("search.yaml", SCORE_CONFIG);
    const search = async (...more: readonly string[]): Promise<unknown> =>
      (await metalab("search", "-c", "search.yaml", "--json", ...more, "--", "./score.sh")).json;
    const all = await search("-n", "8");
    expect(all).toMatchObject({ trials: 8, runs: 8 });
    const best = read("runs/studies/tiny/best_config.yaml");
    expect(await search("--total", "1")).toEqual(all);
    expect(read("runs/studies/tiny/best_config.yaml")).toBe(best);
  });

  test("cancelled after its space was changed, the best is one of the space it has now", async () => {
    write("score.sh", SCORE);
    write("search.yaml", SCORE_CONFIG);
    await metalab("search", "-c", "search.yaml", "-n", "2", "--json", "--", "./score.sh");
    write("search.yaml", SCORE_CONFIG.replace("low: 0, high: 1", "low: 1, high: 2"));
    write("score.sh", `${SCORE}echo begun >> begun.txt\nsleep 0.3\n`);
    const going = metalab("search", "-c", "search.yaml", "--resume", "--json", "--", "./score.sh");
    await until(() => existsSync(join(scratch.folder, "begun.txt")) && read("begun.txt").length > 6);
    await metalab("cancel", "tiny", "--json");
    expect(await going).toMatchObject({ code: 130 });
    expect(Number(/^x: (.*)$/m.exec(read("runs/studies/tiny/best_config.yaml"))?.[1])).toBeGreaterThan(1);
  });

  test("stopped, it says what goes on with it", async () => {
    write("score.sh", `${SCORE}sleep 0.3\n`);
    write("search.yaml", SCORE_CONFIG);
    const stopped = async (...more: readonly string[]): Promise<string> => {
      const going = metalab("search", "-c", "search.yaml", ...more, "--", "./score.sh");
      const isAsked = async () => /"pid"/.test((await metalab("cancel", "tiny", "--json")).out);
      await vi.waitUntil(isAsked, { timeout: 60_000 });
      const { code, err } = await going;
      expect(code).toBe(130);
      return err;
    };
    expect(await stopped("-n", "400")).toContain(
      "The same command with --total 400 in place of --n-trials 400 goes on from there.",
    );
    expect(await stopped("--total", "400")).toContain("runs done. The same command goes on from there.");
    expect(await stopped("--resume")).toContain("runs done. The same command goes on from there.");
  });

  test("the best is the smallest loss, and its config trains again", async () => {
    write("score.sh", SCORE);
    write("search.yaml", SCORE_CONFIG);
    const { json } = await metalab("search", "-c", "search.yaml", "-n", "8", "--json", "--", "./score.sh");
    const { best } = json as Answer;
    expect(best?.value).toBe(best?.params["x"]);
    const trained = await metalab("train", "-c", "runs/studies/tiny/best_config.yaml", "--json");
    expect(trained.json).toMatchObject({ status: "success", params: { x: best?.value } });
  });

  test("cross-validation: each trial once for each fold, told in METALAB_FOLD", async () => {
    write("fold.sh", '#!/bin/sh\necho "{\\"loss\\": $METALAB_FOLD}"\n');
    write(
      "search.yaml",
      `${SCORE_CONFIG}cross_validation: { enabled: true, n_folds: 3, aggregation: max }\n`,
    );
    const { json } = await metalab("search", "-c", "search.yaml", "-n", "2", "--json", "--", "./fold.sh");
    expect(json).toMatchObject({ trials: 2, runs: 6, success: 6, best: { value: 2 } });
  });

  test("places in the command, and settings of one's own", async () => {
    write(
      "show.sh",
      '#!/bin/sh\nfor word in "$@"; do echo "word: $word"; done\ncat "$1"\necho "{\\"loss\\": 1}"\n',
    );
    write("search.yaml", `model: { depth: 3 }\nsearch:\n${SCORE_CONFIG.trim().replace(/^/gm, "  ")}\n`);
    const command = ["--", "./show.sh", "{config}", "a b;$(x)", "--x={x}", "{params}", "{{other}}"];
    await metalab("search", "-c", "search.yaml", "-n", "1", "--depth", "5", "--style", "equals", ...command);
    const { out } = await metalab("logs", "tiny", "--json");
    const [id] = [...(await metalab("ls", "tiny", "--json")).out.matchAll(/"id": "([0-9a-f]{64})"/g)].map(
      ([, one]) => one!,
    );
    const text = out + (await metalab("logs", id!)).out;
    expect(text).toMatch(/word: .*config\.yaml/);
    expect(text).toContain("word: a b;$(x)");
    expect(text).toMatch(/word: --x=0\.\d+/);
    expect(text).toContain("word: {other}");
    expect(text).toContain("depth: 5");
    expect(text).not.toContain("word: --config");
  });

  test("off a terminal it tells how far it is in plain lines", async () => {
    write("score.sh", `${SCORE}sleep 0.5\n`);
    write("search.yaml", SCORE_CONFIG);
    const argv = ["search", "-c", "search.yaml", "-n", "3", "--progress-every", "1ms", "--", "./score.sh"];
    const { code, err } = await cli(argv, {
      cwd: scratch.folder,
      env: { PATH: process.env["PATH"] ?? "" },
      isErrTerminal: false,
    });
    expect(code).toBe(0);
    expect(err).toMatch(/^metalab: tiny {2}\[\S+\] {2}1\/3 {2}33%.*best loss/m);
    expect(err).not.toContain("\u001b");
    expect(err).not.toContain("\r");
    const silent = await cli([...argv.slice(0, 3), "--resume", "-n", "1", "--json", ...argv.slice(5)], {
      cwd: scratch.folder,
      env: { PATH: process.env["PATH"] ?? "" },
      isErrTerminal: false,
    });
    expect(silent).toMatchObject({ code: 0, err: "" });
  });

  test("a place that there is not is refused before the first trial, for search and train", async () => {
    write("score.sh", SCORE);
    write("search.yaml", SCORE_CONFIG);
    for (const verb of ["search", "train"]) {
      const { code, err } = await metalab(verb, "-c", "search.yaml", "--", "./score.sh", "{config_file}");
      expect(code).toBe(2);
      expect(err).toContain('got "{config_file}". There are {config}, {params},');
    }
    expect((await metalab("ls", "--json")).code).toBe(2);
  });

  test("killed in the middle, it goes on and ends as if nothing had been", { timeout: 180_000 }, async () => {
    write("slow.sh", '#!/bin/sh\nsleep 0.05\nshift\necho "{\\"loss\\": $1}"\n');
    write("search.yaml", SCORE_CONFIG);
    const main = join(ROOT, "dist", "cli", "main.js");
    const argv = ["search", "-c", "search.yaml", "--n-trials", "30", "--", "./slow.sh"];
    const child = spawn(process.execPath, [main, ...argv], { cwd: scratch.folder, stdio: "ignore" });
    const segments = join(scratch.folder, "runs", "experiments", "tiny@1", "segments");
    const lines = (): number =>
      existsSync(segments)
        ? readdirSync(segments).reduce(
            (sum, name) => sum + readFileSync(join(segments, name), "utf8").split("\n").length,
            0,
          )
        : 0;
    const ended = new Promise((resolve) => child.once("close", resolve));
    expect(await until(() => lines() > 10, 50_000)).toBe(true);
    child.kill("SIGKILL");
    await ended;

    const resumed = await metalab(
      "search",
      "-c",
      "search.yaml",
      "--resume",
      "--total",
      "30",
      "--json",
      "--",
      "./slow.sh",
    );
    expect(resumed.json).toMatchObject({ trials: 30, runs: 30, success: 30 });
    const whole = await metalab(
      "search",
      "-c",
      "search.yaml",
      "-n",
      "30",
      "--store",
      "other",
      "--json",
      "--",
      "./slow.sh",
    );
    expect((resumed.json as Answer).best?.params).toEqual((whole.json as Answer).best?.params);
  });

  test("some runs failed: exit code 1, and nothing is best where all did", async () => {
    write("fail.sh", "#!/bin/sh\nexit 3\n");
    write("search.yaml", SCORE_CONFIG);
    const ended = await metalab("search", "-c", "search.yaml", "-n", "2", "--json", "--", "./fail.sh");
    expect(ended.code).toBe(1);
    expect(ended.json).toMatchObject({ failed: 2, best: null });
  });

  test("a limit that was reached: exit code 3", async () => {
    write("fail.sh", "#!/bin/sh\nexit 3\n");
    write("search.yaml", `${SCORE_CONFIG}max_failures: 2\n`);
    const failed = await metalab("search", "-c", "search.yaml", "-n", "9", "--json", "--", "./fail.sh");
    expect(failed.code).toBe(3);
    expect(failed.json).toMatchObject({ failed: 2, best: null });

    write("score.sh", SCORE);
    write("other.yaml", `${SCORE_CONFIG}budget: { runs: 3 }\n`);
    const used = await metalab(
      "search",
      "-c",
      "other.yaml",
      "--study-name",
      "other",
      "-n",
      "9",
      "--json",
      "--",
      "./score.sh",
    );
    expect(used.code).toBe(3);
    expect(used.json).toMatchObject({ runs: 3, stoppedBy: expect.stringContaining("budget.runs") });
  });

  test("Ctrl-C: what is in flight ends, the best so far is written, exit code 130", {
    timeout: 180_000,
  }, async () => {
    write("slow.sh", '#!/bin/sh\nsleep 0.05\nshift\necho "{\\"loss\\": $1}"\n');
    write("search.yaml", SCORE_CONFIG);
    const argv = ["search", "-c", "search.yaml", "--n-trials", "1000", "--", "./slow.sh"];
    const child = spawn(process.execPath, [join(ROOT, "dist", "cli", "main.js"), ...argv], {
      cwd: scratch.folder,
      stdio: "ignore",
    });
    const ended = new Promise((resolve) => child.once("close", (code) => resolve(code)));
    const best = join(scratch.folder, "runs", "studies", "tiny", "best_config.yaml");
    // Written meanwhile, too.
    expect(await until(() => existsSync(best), 100_000)).toBe(true);
    child.kill("SIGINT");
    expect(await ended).toBe(130);
    expect(read("runs/studies/tiny/best_config.yaml")).toMatch(/^x: 0\.\d+$/m);
  });

  test("--dry-run runs nothing", async () => {
    write("score.sh", SCORE);
    write("search.yaml", SCORE_CONFIG);
    const ended = await metalab("search", "-c", "search.yaml", "--dry-run", "--", "./score.sh");
    expect(ended).toMatchObject({ code: 0, err: "" });
    expect(ended.out).toContain("50 trials");
    expect(existsSync(join(scratch.folder, "runs"))).toBe(false);
  });

  test.each([
    [["search"], "a config file is needed"],
    [["search", "my.yaml"], "Write --config my.yaml"],
    [["search", "-c", "serch.yaml"], 'Did you mean "search.yaml"?'],
    [["search", "-c", "search.yaml"], "a program is needed"],
    [["search", "-c", "search.yaml", "--n-trails", "5", "--", "./score.sh"], "Did you mean --n-trials?"],
    [
      ["search", "-c", "search.yaml", "--n-trials", "0", "--", "./score.sh"],
      "--n-trials takes a whole number from 1",
    ],
    [["search", "-c", "search.yaml", "--x", "1", "--", "./score.sh"], '"x" is chosen by the search'],
    [["search", "-c", "search.yaml", "word", "--", "./score.sh"], "a setting is written --name value"],
    [["search", "-c", "search.yaml", "--", "./scor.sh"], "score.sh"],
    [["search", "-c", "wrong.yaml", "--", "./score.sh"], "wrong.yaml:2:1: metrc"],
    [["search", "-c", "settings.yaml", "--", "./score.sh"], "Write search: with metric"],
    [["train", "-c", "settings.yaml", "--dept", "2", "--", "./score.sh"], "Did you mean depth?"],
    [["train", "-c", "settings.yaml"], "a program is needed"],
    [["init", "--preset", "bold"], "one of conservative, comprehensive, architecture"],
    [["init", "--name", "a/b"], 'got "a/b"'],
  ])("%j is a wrong command line", async (argv, message) => {
    write("score.sh", SCORE);
    write("search.yaml", SCORE_CONFIG);
    write("settings.yaml", "depth: 1\n");
    write("wrong.yaml", "\nmetrc: loss\nsearch_space: { x: [1] }\n");
    const ended = await metalab(...(argv as string[]));
    expect(ended).toMatchObject({ code: 2, out: "" });
    expect(ended.err).toContain(message);
    expect(ended.err).not.toMatch(/^\s+at /m);
  });
});

describe("metalab init", () => {
  test("asks before it writes over a file", async () => {
    const path = "configs/my_config.yaml";
    expect(await metalab("init")).toMatchObject({ code: 0, err: "" });
    const first = read(path);
    expect(await metalab("init", "--preset", "comprehensive")).toMatchObject({ code: 2 });
    const refused = await cli(["init", "--preset", "comprehensive"], { cwd: scratch.folder, answer: "n" });
    expect(refused.code).toBe(1);
    expect(read(path)).toBe(first);
    expect(
      (await cli(["init", "--preset", "comprehensive"], { cwd: scratch.folder, answer: "y" })).code,
    ).toBe(0);
    expect(read(path)).not.toBe(first);
  });

  test("looks at a table", async () => {
    write("data/iris.csv", "sepal length,petal length,species\n1,2,a\n");
    expect((await metalab("init", "data/iris.csv", "--json")).json).toMatchObject({
      name: "iris",
      columns: ["sepal length", "petal length", "species"],
    });
    expect(read("configs/iris_config.yaml")).toContain("target: species");
  });
});
