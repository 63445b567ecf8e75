"""Curves of Optuna's samplers on the problems of benchmarks/quality, in the same form as ours.

    python -m venv venv && venv/bin/pip install optuna cmaes scipy torch
    venv/bin/python benchmarks/peers/optuna_quality.py held-out --samplers random,qmc,cma,tpe,tpe_ind,tpe_mvg --seeds 20
    venv/bin/python benchmarks/peers/optuna_quality.py held-out --samplers gp --seeds 5

Points are evaluated by benchmarks/quality/evaluate.ts, so that there is one implementation of each problem. Noise is
added here, from the same generator. Writes benchmarks/quality/<suite>/optuna.jsonl; a line of the same problem and
sampler is replaced.
"""

import argparse
import json
import math
import os
import subprocess
import time
import warnings

import optuna

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
QUALITY = os.path.join(ROOT, "benchmarks", "quality")
FILES = {
    "public": ("problems.json", "peers/optuna.jsonl"),
    "held-out": ("held-out/problems.json", "held-out/optuna.jsonl"),
}
MASK = 0xFFFFFFFF

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.filterwarnings("ignore")


def gauss(seed, index):
    """The noise of one evaluation; noise.ts says the same."""
    state = (seed * 0x9E3779B1 + index * 0x85EBCA6B + 1) & MASK

    def uniform():
        nonlocal state
        state = (state + 0x6D2B79F5) & MASK
        mixed = ((state ^ (state >> 15)) * (1 | state)) & MASK
        mixed = ((mixed + (((mixed ^ (mixed >> 7)) * (61 | mixed)) & MASK)) & MASK) ^ mixed
        return (mixed ^ (mixed >> 14)) / 2**32

    radius = math.sqrt(-2 * math.log(max(uniform(), 1e-12)))
    return radius * math.cos(2 * math.pi * uniform())


def sampler_of(name, seed):
    samplers = optuna.samplers
    if name == "random":
        return samplers.RandomSampler(seed=seed)
    if name == "qmc":
        return samplers.QMCSampler(seed=seed)
    if name == "cma":
        return samplers.CmaEsSampler(seed=seed)
    if name == "tpe":
        return samplers.TPESampler(seed=seed)
    if name == "tpe_ind":
        return samplers.TPESampler(seed=seed, multivariate=False)
    if name == "tpe_mvg":
        return samplers.TPESampler(seed=seed, multivariate=True, group=True)
    if name == "gp":
        return samplers.GPSampler(seed=seed)
    raise SystemExit(f"no sampler {name}")


def suggest(trial, parameters):
    x = {}
    for parameter in parameters:
        name = parameter["name"]
        condition = parameter.get("when", {})
        wanted = {key: value if isinstance(value, list) else [value] for key, value in condition.items()}
        if any(x.get(key) not in values for key, values in wanted.items()):
            continue
        if parameter["type"] == "cat":
            x[name] = trial.suggest_categorical(name, parameter["choices"])
        else:
            ask = trial.suggest_int if parameter["type"] == "int" else trial.suggest_float
            x[name] = ask(name, parameter["low"], parameter["high"], log=parameter.get("log", False))
    return x


class Evaluator:
    def __init__(self, suite):
        jiti = os.path.join(ROOT, "node_modules", ".bin", "jiti")
        script = os.path.join(QUALITY, "evaluate.ts")
        self.child = subprocess.Popen(
            [jiti, script, suite], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def value(self, problem, x):
        self.child.stdin.write(json.dumps({"problem": problem, "x": x}) + "\n")
        return json.loads(self.child.stdout.readline())["value"]


def run(evaluator, problem, name, seed, budget):
    study = optuna.create_study(sampler=sampler_of(name, seed))
    sd = problem.get("noise", {}).get("sd", 0)
    best, curve, evaluating = math.inf, [], 0.0
    began = time.perf_counter()
    for index in range(budget):
        trial = study.ask()
        x = suggest(trial, problem["params"])
        before = time.perf_counter()
        true = evaluator.value(problem["id"], x)
        evaluating += time.perf_counter() - before
        seen = true + sd * gauss(seed, index) if sd > 0 else true
        study.tell(trial, seen)
        if seen < best:
            best = seen
            curve.append([index + 1, float(f"{true:.7g}")])
    return curve, round(time.perf_counter() - began - evaluating, 3)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("suite", choices=list(FILES))
    parser.add_argument("--samplers", default="random,qmc,cma,tpe,tpe_ind,tpe_mvg")
    parser.add_argument("--problems")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--budget", type=int, default=100)
    parser.add_argument("--out")
    given = parser.parse_args()
    problems_file, curves_file = FILES[given.suite]
    out = given.out or os.path.join(QUALITY, curves_file)
    with open(os.path.join(QUALITY, problems_file)) as file:
        problems = json.load(file)["problems"]
    if given.problems is not None:
        problems = [problem for problem in problems if problem["id"] in given.problems.split(",")]
    evaluator = Evaluator(given.suite)
    for name in given.samplers.split(","):
        for problem in problems:
            runs = [run(evaluator, problem, name, seed, given.budget) for seed in range(given.seeds)]
            line = {
                "problem": problem["id"],
                "sampler": name,
                "seeds": list(range(given.seeds)),
                "sec": [seconds for _, seconds in runs],
                "curves": [curve for curve, _ in runs],
            }
            kept = []
            if os.path.exists(out):
                with open(out) as file:
                    kept = [json.loads(text) for text in file]
            kept = [old for old in kept if (old["problem"], old["sampler"]) != (problem["id"], name)]
            kept.append(line)
            order = [each["id"] for each in problems]
            kept.sort(key=lambda each: order.index(each["problem"]) if each["problem"] in order else -1)
            with open(out + ".new", "w") as file:
                file.writelines(json.dumps(each, separators=(",", ":")) + "\n" for each in kept)
            os.replace(out + ".new", out)
            print(name, problem["id"], flush=True)


if __name__ == "__main__":
    main()
