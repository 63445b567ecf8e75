"""Trivial runs in other tools: two numbers in, one metric out. Prints one JSON object of figures.

Uses what is installed: optuna, joblib. Missing ones are left out.
"""

import json
import os
import sys
import tempfile
import time


def booth(x, y):
    return (x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2


def optuna_figures(folder, runs):
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)

    def objective(trial):
        return booth(trial.suggest_float("x", -10, 10), trial.suggest_float("y", -10, 10))

    def rate(storage, count):
        sampler = optuna.samplers.RandomSampler(seed=1)
        study = optuna.create_study(storage=storage, sampler=sampler)
        start = time.perf_counter()
        study.optimize(objective, n_trials=count)
        return count / (time.perf_counter() - start), study

    figures = {"optunaMemoryPerSecond": rate(None, runs)[0]}
    figures["optunaSqlitePerSecond"] = rate(f"sqlite:///{folder}/study.db", min(runs, 300))[0]
    path = os.path.join(folder, "journal.log")
    backend = optuna.storages.journal.JournalFileBackend(path)
    figures["optunaJournalPerSecond"], study = rate(optuna.storages.JournalStorage(backend), runs)
    figures["optunaJournalBytesPerRun"] = os.path.getsize(path) / runs
    start = time.perf_counter()
    storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(path))
    frame = optuna.load_study(study_name=study.study_name, storage=storage).trials_dataframe()
    assert len(frame) == runs
    figures["optunaJournalOpenSeconds"] = time.perf_counter() - start
    return figures


def joblib_figures(folder, runs):
    import joblib

    cached = joblib.Memory(os.path.join(folder, "joblib"), verbose=0).cache(booth)
    start = time.perf_counter()
    for i in range(runs):
        cached(i / 3, i / 7)
    first = time.perf_counter() - start
    start = time.perf_counter()
    for i in range(runs):
        cached(i / 3, i / 7)
    return {"joblibPerSecond": runs / first, "joblibHitsPerSecond": runs / (time.perf_counter() - start)}


def main():
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    figures = {"runs": runs}
    for part in (optuna_figures, joblib_figures):
        with tempfile.TemporaryDirectory() as folder:
            try:
                figures.update(part(folder, runs))
            except ImportError as error:
                print(f"left out: {error}", file=sys.stderr)
    print(json.dumps(figures))


main()
