/**
 * Asks many wide runs in the ways in which one asks: to columns, by a filter as text, by group with intervals, in SQL.
 * Of each question the median of several times; of the filter and the groups also the processor's time, which a busy
 * machine leaves as it is.
 */
import { join } from "node:path";
import { run, sql } from "metalab";
import { type Figures, measure, peakMegabytes, seconds, size } from "../case.ts";
import { wide } from "../wide.ts";

const runs = size(100_000);
const metrics = Array.from({ length: 10 }, (_, i) => `m${i}`);
const short = 'params.p2 < 0.5 and status = "success" and tag = "grid"';
const long = [
  ...Array.from({ length: 10 }, (_, i) => `p${i} <= 0.99`),
  ...metrics.map((name) => `metrics.${name} > 0.5`),
].join(" or ");

/** Median seconds of some tries, by the clock and by the processor. */
async function tries(
  body: () => unknown,
  times = 5,
): Promise<{ readonly wall: number; readonly cpu: number }> {
  const wall: number[] = [];
  const cpu: number[] = [];
  for (let i = 0; i < times; i += 1) {
    const before = process.cpuUsage();
    wall.push(await seconds(body));
    const { user, system } = process.cpuUsage(before);
    cpu.push((user + system) / 1e6);
  }
  const middle = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(times / 2)]!;
  return { wall: middle(wall), cpu: middle(cpu) };
}

await measure(async (folder): Promise<Figures> => {
  const results = await run(wide(runs), { store: join(folder, "runs"), progress: false }).result();
  const groups = results.groupBy("p0", "p1");
  const asked = {
    columns: await tries(() => results.toArrow()),
    filter: await tries(() => results.filter(short)),
    longFilter: await tries(() => results.filter(long)),
    groupT: await tries(() => results.groupBy("p0", "p1").summary(metrics)),
    groupBootstrap: await tries(() =>
      results.groupBy("p0", "p1").summary(metrics, { interval: "bootstrap" }),
    ),
    naiveFilter: await tries(() =>
      results.filter(
        (one) => Number(one.params["p2"]) < 0.5 && one.status === "success" && one.tags.includes("grid"),
      ),
    ),
    sql: await tries(() => sql(results, "select params.p0, avg(metrics.m0) from runs group by 1"), 3),
  };
  const figures: Record<string, number> = { runs, groups: groups.length, peakMegabytes: peakMegabytes() };
  for (const [name, { wall, cpu }] of Object.entries(asked)) {
    figures[`${name}Seconds`] = wall;
    figures[`${name}CpuSeconds`] = cpu;
  }
  return figures;
});
