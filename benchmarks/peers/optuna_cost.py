"""CPU seconds that a whole search takes in Optuna: arguments are sampler, dimensions and trials; prints JSON."""

import json
import sys
import time
import warnings

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.filterwarnings("ignore")

SAMPLERS = {
    "cmaes": optuna.samplers.CmaEsSampler,
    "gp": optuna.samplers.GPSampler,
    "random": optuna.samplers.RandomSampler,
    "tpe": optuna.samplers.TPESampler,
}


def main():
    name, dimensions, trials = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    study = optuna.create_study(sampler=SAMPLERS[name](seed=0))
    last = []
    began = time.process_time()
    for _ in range(trials):
        asked = time.process_time()
        trial = study.ask()
        x = [trial.suggest_float(f"x{at}", -5, 5) for at in range(dimensions)]
        study.tell(trial, sum((value - 1) ** 2 for value in x))
        last.append(time.process_time() - asked)
    print(
        json.dumps(
            {
                "trials": trials,
                "seconds": time.process_time() - began,
                "lastMs": 1000 * sum(last[-100:]) / len(last[-100:]),
            }
        )
    )


if __name__ == "__main__":
    main()
