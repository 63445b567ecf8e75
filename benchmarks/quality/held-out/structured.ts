/** Spaces of categories, integers and conditions, as the settings of programs have them. */
import type { MakeFunction } from "../functions.ts";

const { log2, log10 } = Math;

/** Effects of categories one by one and in pairs, and a number whose best value depends on the first category. */
const categories: MakeFunction = (consts) => {
  const { main, pairs, best, base } = consts as {
    main: Readonly<Record<string, Readonly<Record<string, number>>>>;
    pairs: readonly {
      readonly of: readonly [string, string];
      readonly effect: Readonly<Record<string, Readonly<Record<string, number>>>>;
    }[];
    best: Readonly<Record<string, number>>;
    base: number;
  };
  return (x) => {
    let total = -base;
    for (const [name, effects] of Object.entries(main)) total += effects[x[name] as string]!;
    for (const { of, effect } of pairs) total += effect[x[of[0]] as string]![x[of[1]] as string]!;
    return total + 3 * ((x["share"] as number) - best[x["c1"] as string]!) ** 2;
  };
};

/** A bowl over integers of many ranges, turned in the unit cube. `log` names those on a logarithmic scale. */
const integers: MakeFunction = (consts, names) => {
  const { low, high, log, best, rotation, weights } = consts as {
    low: number[];
    high: number[];
    log: string[];
    best: number[];
    rotation: number[][];
    weights: number[];
  };
  const unit = (value: number, i: number) =>
    log.includes(names[i]!)
      ? log2(value / low[i]!) / log2(high[i]! / low[i]!)
      : (value - low[i]!) / (high[i]! - low[i]!);
  return (x) => {
    const off = names.map((name, i) => unit(x[name] as number, i) - unit(best[i]!, i));
    return rotation.reduce((total, row, i) => {
      const along = row.reduce((part, weight, j) => part + weight * off[j]!, 0);
      return total + weights[i]! * along * along;
    }, 0);
  };
};

/** Three kinds of model; settings three conditions deep. The best kind is not the one that is best on average. */
const pipeline: MakeFunction = () => (point) => {
  const x = point as Readonly<Record<string, number>>;
  const { model, booster, optimizer } = point as Readonly<Record<string, string>>;
  if (model === "linear") return 0.3 + 0.03 * (log10(x["l2"]!) + 1.5) ** 2;
  if (model === "trees") {
    const depth = x["depth"]!;
    if (booster === "forest") return 0.16 + 0.5 * (x["features"]! - 0.35) ** 2 + 0.004 * (depth - 10) ** 2;
    const eta = log10(x["eta"]!);
    const steps = log10(x["rounds"]!) + eta - 0.9;
    return 0.08 + 0.08 * steps ** 2 + 0.05 * (eta + 1.3) ** 2 + 0.006 * (depth - 4) ** 2;
  }
  const layers = x["layers"]!;
  const sgd = optimizer === "sgd";
  let value = [0.15, 0.0, 0.05][layers - 1]! + 0.02 * (log2(x["units1"]!) - 6.5) ** 2;
  if (layers >= 2) value += 0.015 * (log2(x["units2"]!) - 0.5 * log2(x["units1"]!) - 2) ** 2;
  if (layers === 3) value += 0.01 * (log2(x["units3"]!) - 3) ** 2;
  value += (sgd ? 0 : 0.03) + (sgd ? 0.15 : 0.06) * (log10(x["lr"]!) - (sgd ? -1.2 : -2.8)) ** 2;
  return sgd ? value + 0.8 * (x["momentum"]! - 0.87) ** 2 : value;
};

export const STRUCTURED: Readonly<Record<string, MakeFunction>> = { categories, integers, pipeline };
