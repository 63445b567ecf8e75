/**
 * Runs every speed case in a process of its own, against the built package, and prints one table; keeps the figures
 * in benchmarks/results/speed.json with machine, Node and commit.
 *
 *   npm run bench                 everything (some minutes)
 *   npm run bench -- throughput   one case
 *
 * METALAB_BENCH_PYTHON names a Python with optuna, joblib, cmaes and torch; without it the peers are left out.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Figures } from "./case.ts";
import { commandLineCost } from "./command-line.ts";
import { searchCost } from "./search-cost.ts";
import { workerStart } from "./worker-start.ts";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const compiled = join(root, ".cache", "bench");
const wanted = new Set(process.argv.slice(2));
const MILLION = 1_000_000;

/** One line of the table. */
interface Row {
  readonly what: string;
  readonly ours: string;
  readonly target: string;
  readonly beside: string;
}

const rows: Row[] = [];
const kept: Record<string, Figures> = {};

function node(script: string, args: readonly string[] = [], flags: readonly string[] = []): Figures {
  const done = spawnSync(process.execPath, [...flags, join(compiled, script), ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  const last = done.stdout.trim().split("\n").at(-1) ?? "";
  if (done.status !== 0) throw new Error(`bench: ${script} ended with ${done.status ?? done.signal}`);
  return JSON.parse(last) as Figures;
}

/** Median of whole-process seconds of a command, after one warm-up. */
function processSeconds(args: readonly string[], times = 15): number {
  const took: number[] = [];
  for (let i = 0; i <= times; i += 1) {
    const start = performance.now();
    execFileSync(process.execPath, args, { stdio: "ignore" });
    if (i > 0) took.push((performance.now() - start) / 1000);
  }
  return took.sort((a, b) => a - b)[Math.floor(took.length / 2)]!;
}

const count = (value: number) => Math.round(value).toLocaleString("en-US");
const fixed = (value: number, digits = 2) => value.toFixed(digits);

function peers(): Figures | undefined {
  const python = process.env.METALAB_BENCH_PYTHON;
  if (python === undefined) return undefined;
  const out = execFileSync(python, [join(root, "benchmarks", "peers", "trivial.py"), "2000"], {
    encoding: "utf8",
  });
  return JSON.parse(out.trim()) as Figures;
}

const cases: Readonly<Record<string, () => void>> = {
  throughput() {
    const other = peers();
    if (other !== undefined) kept.peers = other;
    for (const runs of [10_000, 100_000]) {
      const figures = node("throughput.js", [String(runs)]);
      kept[`throughput-${runs}`] = figures;
      rows.push({
        what: `${count(runs)} trivial runs into the file store`,
        ours: `${count(figures.runsPerSecond!)} runs/s`,
        target: "≥ 40,000/s at 100k",
        beside:
          `a file per run ${count(figures.naiveFilePerRunPerSecond!)}/s, bare append ${count(figures.naiveBareAppendPerSecond!)}/s` +
          (other === undefined
            ? ""
            : `; Optuna memory ${count(other.optunaMemoryPerSecond ?? 0)}/s, journal ${count(other.optunaJournalPerSecond ?? 0)}/s, SQLite ${count(other.optunaSqlitePerSecond ?? 0)}/s; joblib ${count(other.joblibPerSecond ?? 0)}/s`),
      });
      if (runs === 100_000) {
        rows.push({
          what: "files and bytes a run",
          ours: `${figures.filesPerRun!.toFixed(5)} files, ${fixed(figures.bytesPerRun!, 0)} bytes`,
          target: "≤ 0.001 files, ≤ 400 bytes",
          beside:
            other === undefined
              ? ""
              : `Optuna journal ${fixed(other.optunaJournalBytesPerRun ?? 0, 0)} bytes`,
        });
      }
    }
  },
  retry() {
    const folder = mkdtempSync(join(tmpdir(), "metalab-bench-"));
    const args = ["100000", join(folder, "runs")];
    try {
      node("retry.js", [...args, "fill"]);
      const figures = node("retry.js", args);
      kept["retry"] = figures;
      rows.push({
        what: "the one failed run of 100k begins again",
        ours: `${fixed(figures.firstStartSeconds!)} s`,
        target: "≤ 1.5 s",
        beside: "",
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  million() {
    const folder = mkdtempSync(join(tmpdir(), "metalab-bench-"));
    const args = [String(MILLION), join(folder, "runs")];
    const dropCache = () => rmSync(join(folder, "runs", "cache"), { recursive: true, force: true });
    try {
      const fill = node("fill.js", args);
      dropCache();
      const resumeCold = node("resume.js", args);
      const resumeWarm = node("resume.js", args);
      dropCache();
      const openCold = node("open.js", args);
      const openWarm = node("open.js", args);
      const naive = node("open-naive.js", args);
      const gc = node("gc.js", args);
      const compact = node("compact.js", args);
      Object.assign(kept, {
        fill,
        resumeCold,
        resumeWarm,
        openCold,
        openWarm,
        openNaive: naive,
        gc,
        compact,
      });
      const other = kept.peers;
      const rss = (figures: Figures) => `${fixed(figures.peakMegabytes!, 0)} MB`;
      rows.push(
        {
          what: "1M trivial runs into the file store",
          ours: `${count(fill.runsPerSecond!)} runs/s, ${rss(fill)}`,
          target: "flat from 100k",
          beside: "",
        },
        {
          what: "resume of 1M done runs, hashing every id",
          ours: `${fixed(resumeCold.seconds!)} s, ${rss(resumeCold)}`,
          target: "≤ 7 s, < 600 MB",
          beside: other === undefined ? "" : `joblib hits ${count(other.joblibHitsPerSecond ?? 0)}/s`,
        },
        {
          what: "resume of 1M done runs through the index",
          ours: `${fixed(resumeWarm.seconds!)} s, ${rss(resumeWarm)}`,
          target: "≤ 1.5 s, < 600 MB",
          beside: "",
        },
        {
          what: "open 1M runs as a table, without index",
          ours: `${fixed(openCold.seconds!)} s, ${rss(openCold)}`,
          target: "≤ 12 s",
          beside: `JSON.parse of every line ${fixed(naive.seconds!)} s`,
        },
        {
          what: "open 1M runs as a table, from the index",
          ours: `${fixed(openWarm.seconds!)} s, ${rss(openWarm)}`,
          target: "≤ 2 s",
          beside:
            other === undefined
              ? ""
              : `Optuna journal, 2k trials: ${fixed(other.optunaJournalOpenSeconds ?? 0)} s`,
        },
        {
          what: "what gc would remove of 1M runs",
          ours: `${fixed(gc.seconds!)} s, ${rss(gc)}`,
          target: "≤ 10 s",
          beside: "",
        },
        {
          what: "compaction of 1M runs, each of them written anew",
          ours: `${fixed(compact.seconds!)} s, ${rss(compact)}`,
          target: "≤ 60 s",
          beside: "",
        },
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  seed() {
    const figures = node("seed-example.js");
    kept.seedExample = figures;
    rows.push({
      what: "the seed's example, 108 runs × 10,000 steps",
      ours: `${fixed(figures.seconds!)} s, ${fixed(figures.megabytes!, 1)} MB, ${count(figures.points!)} points`,
      target: "≤ 5 s, ≤ 15 MB, nothing dropped",
      beside: `rows as JSON text ${fixed(figures.naiveSeconds!)} s`,
    });
  },
  import() {
    const bare = processSeconds(["-e", "0"]);
    const entry = join(root, "dist", "index.js");
    const ours = processSeconds(["--input-type=module", "-e", `import ${JSON.stringify(entry)}`]);
    const required = processSeconds(["-e", `require(${JSON.stringify(entry)})`]);
    kept.import = { bareSeconds: bare, importSeconds: ours, requireSeconds: required };
    rows.push({
      what: "import of the main entry, over bare node",
      ours: `${fixed((ours - bare) * 1000, 0)} ms (require ${fixed((required - bare) * 1000, 0)} ms)`,
      target: "≤ 60 ms",
      beside: `bare node ${fixed(bare * 1000, 0)} ms`,
    });
  },
  flight() {
    for (const calls of [10_000, 50_000]) {
      const figures = node("in-flight.js", [String(calls)]);
      kept[`inFlight-${calls}`] = figures;
      rows.push({
        what: `100 calls in flight of a 10 ms operation, ${count(calls)} calls`,
        ours: `${fixed(figures["shareOfIdeal"]! * 100, 1)} % of ideal`,
        target: "≥ 90 %",
        beside: `bare promises ${fixed((figures["idealSeconds"]! / figures["bareSeconds"]!) * 100, 1)} %`,
      });
    }
  },
  sample() {
    const figures = node("sample.js");
    kept.sample = figures;
    rows.push({
      what: "1,000 of a million cells: until the first run",
      ours: `${fixed(figures.startMs!, 0)} ms`,
      target: "< 100 ms",
      beside: `listing the cells ${fixed(figures.naiveListMs!, 0)} ms`,
    });
  },
  code() {
    // The median of five processes: the first time is there once in each.
    const median = (modules: number): Figures => {
      const all = Array.from({ length: 5 }, () => node("code.js", [String(modules)]));
      return all.sort((a, b) => a.coldMs! - b.coldMs!)[2]!;
    };
    const figures = median(200);
    const alone = median(1);
    kept.code = { ...figures, oneModuleColdMs: alone.coldMs! };
    rows.push({
      what: "code fingerprint of 200 modules, cold, of another experiment, cached",
      ours: `${fixed(figures.coldMs!, 0)} ms, ${fixed(figures.otherMs!, 0)} ms, ${fixed(figures.cachedMs!, 1)} ms`,
      target: "≤ 150, –, ≤ 10 ms",
      beside: `of one module, what carries it out loaded as well, ${fixed(alone.coldMs!, 0)} ms; hashing the bytes ${fixed(figures.naiveBytesMs!, 1)} ms`,
    });
  },
  workers() {
    const folder = mkdtempSync(join(tmpdir(), "metalab-bench-"));
    const time = (kind: string, runs: number, loops: number): Figures => {
      const figures = node("workers.js", [kind, String(runs), String(loops), join(folder, kind)]);
      rmSync(join(folder, kind), { recursive: true, force: true });
      return figures;
    };
    try {
      const loops = 4_000_000;
      for (const runs of [300, 1_000]) {
        const alone = time("inline", runs, loops);
        const bare = node("bare-workers.js", [String(runs), String(loops)]);
        const bareSpeedup = alone.totalMs! / bare.totalMs!;
        kept[`workers-bare-${runs}`] = { speedup: bareSpeedup };
        for (const kind of ["processes", "threads"]) {
          const busy = time(kind, runs, loops);
          kept[`workers-${kind}-${runs}`] = { speedup: alone.totalMs! / busy.totalMs! };
          rows.push({
            what: `${count(runs)} runs of ${fixed(alone.msPerRun!, 0)} ms in 2 ${kind}, start included`,
            ours: `${fixed(alone.totalMs! / busy.totalMs!)} × one core`,
            target: "≥ 1.9 ×",
            beside: `two bare processes, half each, ${fixed(bareSpeedup)} ×`,
          });
        }
      }
      for (const kind of ["processes", "threads"]) {
        const trivial = time(kind, 200_000, 0);
        kept[`workers-${kind}`] = { msPerTrivialRun: trivial.msPerRun! };
        rows.push({
          what: `overhead of a trivial run in 2 ${kind}`,
          ours: `${fixed(trivial.msPerRun!, 3)} ms`,
          target: "≤ 0.03 ms",
          beside: "",
        });
      }
      const start = workerStart(root);
      kept.workerStart = start;
      rows.push(
        {
          what: "run() to the first run finished in a process, JavaScript",
          ours: `${fixed(start.javaScriptMs!, 0)} ms`,
          target: "≤ 350 ms",
          beside: "",
        },
        {
          what: "the same, TypeScript cold and warm",
          ours: `${fixed(start.coldMs!, 0)} ms, ${fixed(start.warmMs!, 0)} ms`,
          target: "≤ 900 ms, ≤ 500 ms",
          beside: "",
        },
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  sweep() {
    const figures = node("sweep.js");
    kept.sweep = figures;
    const ms = (name: string) => `${fixed(figures[`${name}Seconds`]! * 1000, 1)} ms`;
    rows.push({
      what: `arguments of a script, ${figures.combinations!.toExponential()} combinations`,
      ours: `${ms("parse")}, first and last command ${ms("ends")}`,
      target: "≤ 50 ms",
      beside: `every command written out ${ms("all")}`,
    });
  },
  cli() {
    const cost = commandLineCost(root, processSeconds, (args) => node("fill.js", args));
    kept.cli = cost.figures;
    rows.push(...cost.rows);
  },
  search() {
    const time = (args: readonly string[]) => node("search.js", args, ["--expose-gc"]);
    const cost = searchCost(root, time, process.env.METALAB_BENCH_PYTHON);
    Object.assign(kept, cost.figures);
    rows.push(...cost.rows);
  },
  programs() {
    const figures = node("programs.js", ["500"]);
    kept.programs = figures;
    rows.push({
      what: "a run of a program, on top of starting it alone",
      ours: `${fixed(figures.overheadMs!, 1)} ms`,
      target: "≤ 5 ms",
      beside: `${fixed(figures.aloneMs!, 1)} ms alone`,
    });
    const output = node("program-output.js", ["2"]);
    kept["program-output"] = output;
    rows.push({
      what: `${fixed(output.gigabytes!, 0)} GB of output of a program`,
      ours: `${fixed(output.moreMegabytes!, 0)} MB of memory`,
      target: "bounded",
      beside: `${fixed(output.megabytesPerSecond!, 0)} MB/s`,
    });
  },
  report() {
    for (const runs of [10_000, 100_000]) {
      const figures = node("report.js", [String(runs)]);
      kept[`report-${runs}`] = figures;
      rows.push({
        what: `report of ${count(runs)} runs, 10 params, 11 metrics`,
        ours: `${fixed(figures.seconds!)} s (CPU ${fixed(figures.cpuSeconds!)} s), ${fixed(figures.megabytes!, 1)} MB`,
        target: runs === 10_000 ? "≤ 5 s, < 5 MB" : "",
        beside: `peak ${fixed(figures.peakMegabytes!, 0)} MB, the runs included`,
      });
    }
  },
  query() {
    const figures = node("query.js");
    kept.query = figures;
    const ms = (name: string) =>
      `${fixed(figures[`${name}Seconds`]! * 1000, 0)} ms (CPU ${fixed(figures[`${name}CpuSeconds`]! * 1000, 0)} ms)`;
    const of = "100k runs × 10 params × 10 metrics";
    const groups = `${figures.groups} groups × 10 metrics`;
    rows.push(
      { what: `${of}: to columns`, ours: ms("columns"), target: "≤ 1 s", beside: "" },
      {
        what: `${of}: a filter as text`,
        ours: ms("filter"),
        target: "≤ 50 ms",
        beside: `the same as a function ${ms("naiveFilter")}`,
      },
      { what: `${of}: one of 20 conditions`, ours: ms("longFilter"), target: "≤ 50 ms", beside: "" },
      { what: `${of}: ${groups}, t intervals`, ours: ms("groupT"), target: "≤ 300 ms", beside: "" },
      { what: `${of}: ${groups}, bootstrap`, ours: ms("groupBootstrap"), target: "≤ 300 ms", beside: "" },
      { what: `${of}: SQL, Parquet included`, ours: ms("sql"), target: "", beside: "" },
    );
  },
  export() {
    const folder = mkdtempSync(join(tmpdir(), "metalab-bench-"));
    const args = [String(MILLION), join(folder, "runs")];
    try {
      kept.exportFill = node("export.js", [...args, "fill"]);
      for (const form of ["parquet", "arrow"]) {
        const figures = node("export.js", [...args, form]);
        kept[`export-${form}`] = figures;
        rows.push({
          what: `1M runs × 10 params × 10 metrics as ${form}`,
          ours: `${fixed(figures.seconds!, 1)} s (CPU ${fixed(figures.cpuSeconds!, 1)} s), ${fixed(figures.peakMegabytes!, 0)} MB`,
          target: form === "parquet" ? "≤ 15 s, < 800 MB" : "",
          beside: `file ${fixed(figures.megabytes!, 0)} MB`,
        });
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  plots() {
    const figures = node("plots.js");
    kept.plots = figures;
    const slowest = Object.entries(figures).sort((a, b) => b[1] - a[1]);
    rows.push({
      what: "any plot of 100k runs × 10 params × 10 metrics, PNG included",
      ours: slowest
        .slice(0, 3)
        .map(([kind, ms]) => `${kind} ${fixed(ms, 0)} ms`)
        .join(", "),
      target: "≤ 500 ms",
      beside: `the quickest ${fixed(slowest.at(-1)![1], 0)} ms; CPU time`,
    });
  },
  importance() {
    const figures = node("importance.js");
    kept.importance = figures;
    const python = process.env.METALAB_BENCH_PYTHON;
    let beside = "";
    if (python !== undefined) {
      const script = join(root, "benchmarks", "peers", "optuna_importance.py");
      const env = { ...process.env, OMP_NUM_THREADS: "1" };
      const other = JSON.parse(execFileSync(python, [script, "1000"], { encoding: "utf8", env })) as Figures;
      kept.importanceOptuna = other;
      beside = `Optuna ${fixed(other["fanova"]!)} CPU s, without interactions; PED-ANOVA ${fixed(other["pedanova"]!)} CPU s`;
    }
    rows.push({
      what: "fANOVA of 1,000 trials × 10 params, interactions included",
      ours: `${fixed(figures["fanova"]!)} CPU s (PED-ANOVA with 64 resamples ${fixed(figures["pedanova"]!)})`,
      target: "≤ 2 s",
      beside,
    });
  },
  memory() {
    const figures = node("memory.js", [String(MILLION)], ["--expose-gc"]);
    kept.memory = figures;
    rows.push({
      what: "memory of the driver over 1M runs",
      ours: `${fixed(figures.bytesPerRun!, 1)} bytes a run`,
      target: "≤ 100 bytes",
      beside: `peak ${fixed(figures.peakMegabytes!, 0)} MB, with the results opened`,
    });
  },
};

for (const name of wanted) {
  if (!(name in cases)) throw new Error(`bench: no case "${name}". Cases: ${Object.keys(cases).join(", ")}.`);
}

mkdirSync(compiled, { recursive: true });
await build({
  entryPoints: [join(here, "cases", "*.ts")],
  outdir: compiled,
  bundle: true,
  external: ["metalab"],
  format: "esm",
  platform: "node",
  target: "node20",
  logLevel: "error",
});
for (const [name, body] of Object.entries(cases)) if (wanted.size === 0 || wanted.has(name)) body();

const widths = (["what", "ours", "target"] as const).map((key) =>
  Math.max(...rows.map((row) => row[key].length)),
);
for (const row of rows) {
  console.log(
    `${row.what.padEnd(widths[0]!)}  ${row.ours.padEnd(widths[1]!)}  ${row.target.padEnd(widths[2]!)}  ${row.beside}`,
  );
}
if (wanted.size === 0) {
  const commit = execFileSync("git", ["rev-parse", "HEAD"], { cwd: root, encoding: "utf8" }).trim();
  const machine = {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    gigabytes: Math.round(totalmem() / 2 ** 30),
  };
  const path = join(root, "benchmarks", "results", "speed.json");
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(
    path,
    `${JSON.stringify({ machine, node: process.version, commit, rows, figures: kept }, null, 2)}\n`,
  );
  console.log(`kept in ${path}`);
}
