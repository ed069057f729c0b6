"""What scipy and statsmodels say of fixed numbers, and all resamples of a few groups enumerated: statistics.json, for StatisticsTests.

    python Tests/Golden/statistics.py        scipy 1.17.1, statsmodels 0.15.0, numpy 2.4.6; seed 20
"""
import itertools
import json
from pathlib import Path

import numpy
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

random = numpy.random.default_rng(20)


def mean(values):
    result = stats.ttest_1samp(values, 0)
    low, high = result.confidence_interval(0.95)
    return {"values": list(values), "mean": float(numpy.mean(values)), "deviation": float(numpy.std(values, ddof=1)),
            "low": float(low), "high": float(high), "p": float(result.pvalue)}


def pair(first, second):
    result = stats.ttest_rel(first, second)
    low, high = result.confidence_interval(0.95)
    return {"first": list(first), "second": list(second), "low": float(low), "high": float(high), "p": float(result.pvalue)}


def bootstrap(groups):
    """Differences of the samples of each group; every resample of the groups, with equal weight."""
    sums, counts = [sum(group) for group in groups], [len(group) for group in groups]
    drawn = numpy.array([
        sum(sums[g] for g in choice) / sum(counts[g] for g in choice)
        for choice in itertools.product(range(len(groups)), repeat=len(groups))])
    difference = sum(sums) / sum(counts)
    far = numpy.abs(drawn - difference) >= abs(difference) - 1e-12
    low, high = numpy.percentile(drawn, [2.5, 97.5])
    return {"groups": groups, "difference": difference, "low": low, "high": high, "p": float(far.mean())}


golden = {
    "quantiles": [
        {"freedom": freedom, "doubt": doubt, "t": float(stats.t.ppf(1 - doubt / 2, freedom))}
        for freedom in (1, 2, 4, 9, 30, 200) for doubt in (0.2, 0.05, 0.001)],
    "tails": [
        {"freedom": freedom, "t": t, "p": float(2 * stats.t.sf(abs(t), freedom))}
        for freedom in (1, 2, 5, 14, 100) for t in (0.0, -0.3, 1.0, 2.5, 12.0)],
    "means": [mean(random.normal(0.3, 1, count).tolist()) for count in (2, 3, 5, 15)],
    "pairs": [pair(random.normal(1, 1, count).tolist(), random.normal(0, 1, count).tolist()) for count in (3, 5, 10)],
    "holm": [
        {"p": values, "corrected": multipletests(values, method="holm")[1].tolist()}
        for values in ([0.04], [0.01, 0.04, 0.03, 0.005], [0.5, 0.5, 0.9], [0.02, 0.02, 0.02], random.uniform(0, 0.2, 9).tolist())],
    "mcnemar": [
        {"first": first, "second": second,
         "p": float(mcnemar([[40, first], [second, 30]], exact=first + second < 25, correction=True).pvalue)}
        for first, second in ((0, 0), (5, 1), (1, 5), (12, 12), (15, 9), (20, 5), (30, 18), (80, 41), (7, 0))],
    "bootstraps": [
        bootstrap([[1, 0, 1], [0], [-1, 1], [1, 1], [0, 1, 0, 1]]), bootstrap([[1], [1], [0], [-1], [1], [0]]),
        bootstrap([[0.5, -0.25], [0.125], [1], [-0.5, -0.5, 0.75]])],
}
Path(__file__).with_suffix(".json").write_text(json.dumps(golden, indent=1) + "\n")
