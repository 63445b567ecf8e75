import { digamma, inverseTrigamma, trigamma } from "./gamma.ts";

/** A variance that was estimated, and how well. */
export interface VarianceEstimate {
  readonly variance: number;
  /** Degrees of freedom: one less than the values of a sample, or what such a sample would have. */
  readonly df: number;
}

/**
 * What several samples together say of the variance of another one like them: an estimate with as many degrees of
 * freedom as their variances, by how alike they are, are worth. It may be pooled with that of the new sample.
 *
 * Samples without spread are left out. Without at least two others `df` is 0, and nothing is known.
 *
 * @see Smyth 2004, "Linear models and empirical Bayes methods for assessing differential expression in microarray
 * experiments", Statistical Applications in Genetics and Molecular Biology 3, article 3, section 6.2. The degrees of
 * freedom are at most those of all samples together, since the estimate is itself made from no more.
 */
export function variancePrior(samples: Iterable<VarianceEstimate>): VarianceEstimate {
  let count = 0;
  let total = 0;
  let mean = 0;
  let squares = 0;
  let expected = 0;
  for (const { variance, df } of samples) {
    if (!(variance > 0 && variance < Number.POSITIVE_INFINITY && df > 0)) continue;
    const log = Math.log(variance) - digamma(df / 2) + Math.log(df / 2);
    count += 1;
    total += df;
    const deviation = log - mean;
    mean += deviation / count;
    squares += deviation * (log - mean);
    expected += (trigamma(df / 2) - expected) / count;
  }
  if (count < 2) return { variance: Number.NaN, df: 0 };
  const excess = squares / (count - 1) - expected;
  const df = excess > 0 ? Math.min(2 * inverseTrigamma(excess), total) : total;
  return { variance: Math.exp(mean + digamma(df / 2) - Math.log(df / 2)), df };
}
