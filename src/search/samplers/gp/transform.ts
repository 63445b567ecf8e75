/** How strongly a transform compresses. */
export interface Shape {
  /** Exponent of Box and Cox; 1 leaves the losses as they are, 0 takes the logarithm. */
  readonly power: number;
  /** Added before the power is taken: below it, in units of the scale, losses are not spread out further. */
  readonly offset: number;
}

/** How losses become the targets of a Gaussian process: an increasing function. */
export interface Transform extends Shape {
  /** Smallest and largest loss that is told apart; others count as these. */
  readonly lowest: number;
  readonly highest: number;
  /** Half of the losses are less than `scale` above `lowest`. */
  readonly scale: number;
  /** Mean and standard deviation of the transformed losses. */
  readonly mean: number;
  readonly sd: number;
}

/** Leaves the losses as they are. */
export const PLAIN: Shape = { power: 1, offset: 1 };

/** The shapes among which the likelihood chooses. */
export const SHAPES: readonly Shape[] = [
  PLAIN,
  { power: 0.5, offset: 0.3 },
  { power: 0, offset: 3 },
  { power: 0, offset: 1 },
  { power: 0, offset: 0.3 },
  { power: 0, offset: 0.1 },
  { power: 0, offset: 0.03 },
  { power: 0, offset: 0.01 },
];

/** Losses beyond this many typical distances above the best are as bad as any: they say nothing about the good ones. */
const WINSOR = 1e6;

/**
 * Makes the transform of a shape for some losses: the power transform of Box & Cox (1964, equation 2) of the distance
 * from the best loss, standardized. Infinite losses become the worst finite ones.
 */
export function transformFor(losses: ArrayLike<number>, count: number, shape: Shape): Transform {
  const finite: number[] = [];
  for (let at = 0; at < count; at += 1) if (Number.isFinite(losses[at]!)) finite.push(losses[at]!);
  finite.sort((a, b) => a - b);
  const lowest = finite[0] ?? 0;
  const top = finite[finite.length - 1] ?? 0;
  let scale = (finite[finite.length >> 1] ?? 0) - lowest;
  if (!(scale > 0)) scale = top - lowest;
  if (!(scale > 0 && Number.isFinite(scale))) scale = Math.max(Math.abs(lowest), Math.abs(top), 1);
  const highest = Math.min(top, lowest + WINSOR * scale);
  const raw: Transform = { lowest, highest, scale, ...shape, mean: 0, sd: 1 };
  let mean = 0;
  for (let at = 0; at < count; at += 1) mean += apply(raw, losses[at]!) / count;
  let squares = 0;
  for (let at = 0; at < count; at += 1) squares += (apply(raw, losses[at]!) - mean) ** 2 / count;
  return { ...raw, mean, sd: squares > 1e-300 ? Math.sqrt(squares) : 1 };
}

/** The target for a loss. Below the best loss that the transform was made for, it goes on in a straight line. */
export function apply(transform: Transform, loss: number): number {
  const { lowest, highest, scale, power, offset, mean, sd } = transform;
  const above =
    loss === Number.NEGATIVE_INFINITY ? 0 : Math.max(-10, (Math.min(loss, highest) - lowest) / scale);
  return (boxCox(above, power, offset) - mean) / sd;
}

/** Logarithm of the derivative of the target by the loss, up to a constant that all shapes share. */
export function logSlope(transform: Transform, loss: number): number {
  const { lowest, highest, scale, power, offset, sd } = transform;
  const above = Math.max(0, (Math.min(loss, highest) - lowest) / scale);
  return (power - 1) * Math.log(above + offset) - Math.log(sd);
}

function boxCox(above: number, power: number, offset: number): number {
  if (power === 1) return above;
  if (above < 0) return boxCox(0, power, offset) + above * offset ** (power - 1);
  const base = above + offset;
  return power === 0 ? Math.log(base) : base ** power / power;
}
