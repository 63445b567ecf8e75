/** The search configuration of the guide of ml-search, as it stands there. */
export const SEED_YAML = `search:
  study_name: 'my_optimization'
  storage: 'sqlite:///optuna_studies.db'
  n_trials: 50
  direction: 'maximize'  # or 'minimize'
  metric: 'val_acc'      # or 'val_loss'

  # Sampler: How to suggest hyperparameters
  sampler:
    type: 'TPESampler'          # Tree-structured Parzen Estimator (recommended)
    n_startup_trials: 10        # Random trials before optimization

  # Pruner: Early stopping for unpromising trials
  pruner:
    type: 'MedianPruner'
    n_startup_trials: 5
    n_warmup_steps: 5

  # Define search space
  search_space:
    optimizer.lr:
      type: 'loguniform'
      low: 1e-5
      high: 1e-1

    training.batch_size:
      type: 'categorical'
      choices: [16, 32, 64]

    optimizer.momentum:
      type: 'uniform'
      low: 0.8
      high: 0.99
`;
