"""CPU seconds of Optuna's importance evaluators over the trials of the case "importance"; prints JSON."""

import json
import math
import sys
import time
import warnings

import optuna
from optuna.distributions import FloatDistribution
from optuna.importance import (
    FanovaImportanceEvaluator,
    PedAnovaImportanceEvaluator,
    get_param_importances,
)

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.filterwarnings("ignore")

ROOTS = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]


def main():
    study = optuna.create_study()
    space = {f"x{k}": FloatDistribution(0, 1) for k in range(len(ROOTS))}
    for at in range(int(sys.argv[1])):
        p = {f"x{k}": ((at + 1) * math.sqrt(root)) % 1 for k, root in enumerate(ROOTS)}
        value = p["x0"] ** 2 + p["x1"] * p["x2"] + 0.1 * p["x3"]
        study.add_trial(optuna.trial.create_trial(params=p, distributions=space, value=value))
    took = {}
    for name, evaluator in (
        ("fanova", FanovaImportanceEvaluator(seed=0)),
        ("pedanova", PedAnovaImportanceEvaluator()),
    ):
        began = time.process_time()
        get_param_importances(study, evaluator=evaluator)
        took[name] = time.process_time() - began
    print(json.dumps(took))


if __name__ == "__main__":
    main()
