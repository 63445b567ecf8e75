"""Writes numpy-draws.json: what numpy.random gives for calls that a flag may hold, after numpy.random.seed(0) and (42).

    python3 -m venv venv && venv/bin/pip install numpy && venv/bin/python test/golden/numpy-draws.py
    npx biome check --write test/golden/numpy-draws.json

Each call is one branch of an algorithm of RandomState. Its stream is frozen, so any version from 1.17 on gives the same.
"""

import json
import math
import pathlib

import numpy

SEEDS = [0, 42]

CALLS = """
beta(2, 3, 5) | beta(0.5, 0.5, 5) | beta(1, 1, 5) | beta(0.001, 0.002, 5) | beta(0.2, 7, 5)
binomial(10, 0.3, 5) | binomial(10, 0.8, 5) | binomial(1000, 0.4, 9) | binomial(1000, 0.97, 9)
binomial(1000000, 0.3, 20) | binomial(100000, 0.6, 20) | binomial(0, 0.5, 3) | binomial(7, 0, 3) | binomial(7, 1, 3)
binomial(100, 0.31, 30) | binomial(200, 0.5, 30)
chisquare(1, 5) | chisquare(2, 5) | chisquare(7.5, 5)
exponential(size=5) | exponential(2.5, 5)
f(2, 5, 5) | f(1, 1, 5)
gamma(0.3, 2, 5) | gamma(1, 2, 5) | gamma(9.5, 0.1, 5) | gamma(0, 1, 3) | gamma(3, size=5)
geometric(0.5, 5) | geometric(0.1, 5) | geometric(1, 3) | geometric(0.0001, 5) | geometric(0.3333333333333334, 5)
gumbel(size=5) | gumbel(1, 2, 5)
hypergeometric(5, 5, 5, 5) | hypergeometric(15, 5, 8, 5) | hypergeometric(3, 50, 10, 5) | hypergeometric(100, 50, 30, 9)
hypergeometric(50, 100, 120, 9) | hypergeometric(10, 90, 50, 9) | hypergeometric(20, 5, 11, 9) | hypergeometric(0, 4, 3, 3)
laplace(size=5) | laplace(1, 2, 5)
logistic(size=5) | logistic(1, 2, 5)
lognormal(size=5) | lognormal(-3, 0.5, 5)
logseries(0.5, 9) | logseries(0.99, 9) | logseries(0.001, 5) | logseries(0, 3)
negative_binomial(3, 0.5, 5) | negative_binomial(0.5, 0.1, 5) | negative_binomial(40, 0.2, 5) | negative_binomial(2, 1, 3)
noncentral_chisquare(3, 2, 5) | noncentral_chisquare(0.5, 2, 5) | noncentral_chisquare(1, 30, 5)
noncentral_chisquare(3, 0, 5)
noncentral_f(3, 2, 1, 5) | noncentral_f(0.5, 2, 1.5, 5) | noncentral_f(3, 2, 0, 5)
normal(size=5) | normal(10, 0.1, 5) | normal(loc=2, scale=0, size=3)
pareto(3, 5) | pareto(0.5, 5)
poisson(size=5) | poisson(0, 3) | poisson(0.01, 5) | poisson(9.99, 9) | poisson(10, 9) | poisson(1000, 9) | poisson(3e9, 5)
power(0.5, 5) | power(5, 5)
rand(5) | randn(5) | random(5) | random_sample(5)
randint(10, size=5) | randint(0, 10, 5) | randint(-5, 5, 5) | randint(5, 6, 3) | randint(0, 4294967295, 5)
randint(0, 4294967296, 5) | randint(0, 4294967297, 5) | randint(0, 1099511627776, 5) | randint(-4503599627370496, 4503599627370495, 5)
random_integers(6, size=5) | random_integers(0, 5, 5)
rayleigh(size=5) | rayleigh(3, 5)
standard_cauchy(5) | standard_exponential(5) | standard_normal(5)
standard_gamma(0.5, 5) | standard_gamma(2, 5) | standard_gamma(1, 5)
standard_t(1, 5) | standard_t(30, 5)
triangular(0, 1, 3, 5) | triangular(0, 0, 1, 5) | triangular(-1, 2, 2, 5)
uniform(1e-5, 1e-1, 3) | uniform(size=5) | uniform(-1, 1, 5) | uniform(low=5, high=2, size=3)
vonmises(0, 0, 5) | vonmises(1, 1e-9, 5) | vonmises(1, 1e-6, 5) | vonmises(0, 0.5, 5) | vonmises(3, 4, 9) | vonmises(-4, 4, 9)
vonmises(10, 200, 5)
wald(3, 2, 5) | wald(0.1, 20, 5)
weibull(1.5, 5) | weibull(0.3, 5) | weibull(0, 3)
zipf(2, 5) | zipf(1.1, 9) | zipf(5, 9) | zipf(300, 5)
choice([10, 20, 30, 40], 6) | choice(7, 6) | choice([1, 2, 3], 5, True, [0.1, 0.2, 0.7]) | choice(5, 5, False)
choice([10, 20, 30, 40], 3, replace=False) | choice([1, 2, 3, 4], 3, replace=False, p=[0.1, 0.1, 0.1, 0.7])
choice([1, 2, 3, 4, 5], size=4, replace=False, p=[0.9, 0.04, 0.03, 0.02, 0.01])
"""


def main():
    cases = []
    for call in (part.strip() for line in CALLS.strip().splitlines() for part in line.split("|")):
        for seed in SEEDS:
            numpy.random.seed(seed)
            values = numpy.asarray(eval("numpy.random." + call)).ravel().tolist()
            assert all(math.isfinite(value) for value in values), call
            cases.append({"call": call, "seed": seed, "values": values})
    numpy.random.seed(7)
    order = [eval("numpy.random." + call).tolist() for call in ["normal(0, 1, 3)", "uniform(0, 1, 2)", "normal(0, 1, 2)"]]
    lines = ",\n".join("    " + json.dumps(case) for case in cases)
    text = '{\n  "numpy": "%s",\n  "inOneStream": {"seed": 7, "values": %s},\n  "cases": [\n%s\n  ]\n}\n'
    path = pathlib.Path(__file__).with_name("numpy-draws.json")
    path.write_text(text % (numpy.__version__, json.dumps(order), lines))


if __name__ == "__main__":
    import warnings

    warnings.simplefilter("ignore")
    main()
