"""Hypervolumes of Optuna's samplers on the problems of benchmarks/quality/multi, in the same form as ours.

    python -m venv venv && venv/bin/pip install optuna cmaes scipy torch
    venv/bin/python benchmarks/peers/optuna_multi.py --samplers random,nsga2,tpe --seeds 10

Points are evaluated by benchmarks/quality/multi/evaluate.ts. Writes benchmarks/quality/multi/optuna.jsonl; a line of
the same problem and sampler is replaced.
"""

import argparse
import json
import os
import subprocess
import time
import warnings

import numpy
import optuna
from optuna._hypervolume import compute_hypervolume

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
MULTI = os.path.join(ROOT, "benchmarks", "quality", "multi")
MARKS = [50, 100, 200]

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.filterwarnings("ignore")


def sampler_of(name, seed, is_constrained):
    constraints = (lambda trial: trial.user_attrs["violations"]) if is_constrained else None
    samplers = optuna.samplers
    if name == "random":
        return samplers.RandomSampler(seed=seed)
    if name == "nsga2":
        return samplers.NSGAIISampler(seed=seed, constraints_func=constraints)
    if name == "tpe":
        return samplers.TPESampler(seed=seed, constraints_func=constraints)
    raise SystemExit(f"no sampler {name}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--samplers", default="random,nsga2,tpe")
    parser.add_argument("--problems")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--out", default=os.path.join(MULTI, "optuna.jsonl"))
    given = parser.parse_args()
    jiti = os.path.join(ROOT, "node_modules", ".bin", "jiti")
    child = subprocess.Popen(
        [jiti, os.path.join(MULTI, "evaluate.ts")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    problems = json.loads(child.stdout.readline())
    order = [problem["id"] for problem in problems]
    if given.problems is not None:
        problems = [problem for problem in problems if problem["id"] in given.problems.split(",")]

    def evaluate(problem, x):
        child.stdin.write(json.dumps({"problem": problem["id"], "x": x}) + "\n")
        return json.loads(child.stdout.readline())

    def run(problem, name, seed):
        study = optuna.create_study(
            directions=["minimize", "minimize"], sampler=sampler_of(name, seed, problem["constraints"] > 0)
        )
        reference = numpy.array(problem["reference"], dtype=float)
        feasible, volumes, seconds = [], [], 0.0
        for index in range(max(MARKS)):
            began = time.perf_counter()
            trial = study.ask()
            x = {key: trial.suggest_float(key, low, high) for key, low, high in problem["box"]}
            seconds += time.perf_counter() - began
            outcome = evaluate(problem, x)
            began = time.perf_counter()
            trial.set_user_attr("violations", outcome["violations"])
            study.tell(trial, outcome["losses"])
            seconds += time.perf_counter() - began
            if all(violation <= 0 for violation in outcome["violations"]):
                feasible.append(outcome["losses"])
            if index + 1 in MARKS:
                inside = numpy.array([point for point in feasible if (numpy.array(point) < reference).all()])
                volume = compute_hypervolume(inside, reference) if len(inside) > 0 else 0.0
                volumes.append(float(f"{volume:.7g}"))
        return volumes, round(seconds, 3)

    for name in given.samplers.split(","):
        for problem in problems:
            runs = [run(problem, name, seed) for seed in range(given.seeds)]
            kept = []
            if os.path.exists(given.out):
                with open(given.out) as file:
                    kept = [json.loads(text) for text in file]
            kept = [old for old in kept if (old["problem"], old["sampler"]) != (problem["id"], name)]
            kept.append(
                {
                    "problem": problem["id"],
                    "sampler": name,
                    "sec": [seconds for _, seconds in runs],
                    "volumes": [volumes for volumes, _ in runs],
                }
            )
            kept.sort(key=lambda each: order.index(each["problem"]))
            with open(given.out, "w") as file:
                file.writelines(json.dumps(each, separators=(",", ":")) + "\n" for each in kept)
            print(name, problem["id"], flush=True)


if __name__ == "__main__":
    main()
