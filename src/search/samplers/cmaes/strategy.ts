/** Constants of one run of CMA-ES: table 1 of Hansen 2016, arXiv:1604.00772, whose names they have. */
export interface Strategy {
  /** Number of coordinates, n. */
  readonly size: number;
  /** Trials per generation, λ. */
  readonly population: number;
  /** Weights of a generation, best first (eq. 49–53): positive ones sum to 1, then negative ones. */
  readonly weights: Float64Array;
  /** Number of positive weights, μ. */
  readonly parents: number;
  readonly muEff: number;
  readonly cSigma: number;
  readonly dSigma: number;
  readonly cC: number;
  readonly c1: number;
  readonly cMu: number;
  /** Expected length of a standard normal vector. */
  readonly chi: number;
  /** Generations after which the covariance is decomposed again (appendix B.2). */
  readonly lag: number;
}

/** Default of λ (eq. 48). */
export function defaultPopulation(size: number): number {
  return 4 + Math.floor(3 * Math.log(size));
}

/**
 * The constants.
 *
 * @param size - number of coordinates, from 1.
 * @param population - trials per generation, from 2.
 */
export function strategyOf(size: number, population: number): Strategy {
  const n = size;
  const parents = Math.max(1, Math.floor(population / 2));
  const raw = Float64Array.from(
    { length: population },
    (_, at) => Math.log((population + 1) / 2) - Math.log(at + 1),
  );
  const effective = (from: number, to: number) => {
    let sum = 0;
    let squares = 0;
    for (let at = from; at < to; at += 1) {
      sum += raw[at]!;
      squares += raw[at]! ** 2;
    }
    return squares === 0 ? 0 : sum ** 2 / squares;
  };
  const muEff = effective(0, parents);
  const muEffMinus = effective(parents, population);
  const c1 = 2 / ((n + 1.3) ** 2 + muEff);
  const cMu = Math.min(1 - c1, (2 * (0.25 + muEff + 1 / muEff - 2)) / ((n + 2) ** 2 + muEff));
  const cSigma = (muEff + 2) / (n + muEff + 5);
  const dSigma = 1 + 2 * Math.max(0, Math.sqrt((muEff - 1) / (n + 1)) - 1) + cSigma;
  const cC = (4 + muEff / n) / (n + 4 + (2 * muEff) / n);
  const positive = raw.reduce((sum, w) => sum + Math.max(w, 0), 0);
  const negative = raw.reduce((sum, w) => sum + Math.max(-w, 0), 0);
  const total = Math.min(1 + c1 / cMu, 1 + (2 * muEffMinus) / (muEff + 2), (1 - c1 - cMu) / (n * cMu));
  const weights = raw.map((w) => (w >= 0 ? w / positive : (total * w) / negative));
  return {
    size,
    population,
    weights,
    parents,
    muEff,
    cSigma,
    dSigma,
    cC,
    c1,
    cMu,
    chi: Math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n)),
    lag: Math.max(1, Math.floor(1 / (10 * n * (c1 + cMu)))),
  };
}
