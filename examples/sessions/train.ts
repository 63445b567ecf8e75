import type { Session } from "metalab";

/** Simulates training with the given hyperparameters; gives the final accuracy. */
export function trainWithConfig(lr: number, batchSize: number, session: Session): number {
  const epochs = 10;
  let finalAccuracy = 0;
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    // A lower learning rate is better, but converges more slowly.
    const loss = (1 / (epoch + 1)) * (lr / 0.01) + 0.1 * (Math.random() - 0.5);
    // A larger batch is slightly worse.
    const accuracy = Math.min(0.95, 0.5 + epoch * 0.05 * (32 / batchSize));
    session.track("loss").append({ value: loss, epoch });
    session.track("accuracy").append({ value: accuracy, epoch });
    finalAccuracy = accuracy;
  }
  return finalAccuracy;
}
