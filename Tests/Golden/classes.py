"""Makes classes.json: figures of classification, calibration, groups and binomial limits, by scikit-learn, SciPy and NumPy.

    python Tests/Golden/classes.py > Tests/Golden/classes.json

Made with Python 3.11.7, NumPy 2.4.6, SciPy 1.17.1, scikit-learn 1.9.1; seed 0. Two made-up splits of 60 samples in
30 clusters, one of one class of four each (with a class that nobody is of, and logits on a grid, so that some are equal), one of
three labels each of which may be true. "resampled" has the 95 % intervals of 2,000 resamples of the items that mmtrain draws
(streams.py): a resample is the list of its items, each as often as it was drawn.
"""
import json, warnings

import numpy
import scipy.optimize, scipy.special, scipy.stats
import sklearn.linear_model, sklearn.metrics

from streams import below, words

SAMPLES, CLUSTERS, RESAMPLES = 60, 30, 2000


def draw(random):
    clusters = numpy.concatenate([numpy.arange(CLUSTERS), random.integers(0, CLUSTERS, SAMPLES - CLUSTERS)])
    random.shuffle(clusters)
    one = random.integers(0, 3, SAMPLES)
    logits = random.normal(size=(SAMPLES, 4)) * 1.5
    logits[numpy.arange(SAMPLES), one] += 1.5
    several = (random.random((SAMPLES, 3)) < [0.5, 0.3, 0.1]).astype(int)
    scores = random.normal(size=(SAMPLES, 3)) * 1.5 + 2 * several - 1
    return (clusters, numpy.round(logits * 4) / 4, one), (clusters, numpy.round(scores * 4) / 4, several)


def expected_error(stated, true, bins=15):
    """As the reference of Guo et al. has it: (low, high] each."""
    edges = numpy.linspace(0, 1, bins + 1)
    error = 0
    for low, high in zip(edges[:-1], edges[1:]):
        inside = (stated > low) & (stated <= high)
        if inside.any():
            error += inside.mean() * abs(true[inside].mean() - stated[inside].mean())
    return error


def equal_mass(stated, true, bins=15):
    """Bins of n·b/15 to n·(b+1)/15 in ascending order; of equal ones each has their common share of truth."""
    order = numpy.argsort(stated, kind="stable")
    stated, true = stated[order], true[order].astype(float)
    for value in numpy.unique(stated):
        true[stated == value] = true[stated == value].mean()
    edges = [len(stated) * b // bins for b in range(bins + 1)]
    return sum(abs(true[a:b].sum() - stated[a:b].sum()) for a, b in zip(edges, edges[1:])) / len(stated)


def risk_areas(sure, right):
    """Mean over samples of the share of errors among all that are at least as sure."""
    errors = 1 - right
    area = numpy.mean([errors[sure >= value].mean() for value in sure])
    wrong = int(errors.sum())
    best = numpy.concatenate([numpy.zeros(len(sure) - wrong), numpy.ones(wrong)])
    return area, area - numpy.mean(numpy.cumsum(best) / numpy.arange(1, len(sure) + 1))


def mean_auroc(truth, p):
    areas = [sklearn.metrics.roc_auc_score(truth[:, k], p[:, k]) for k in range(p.shape[1]) if 0 < truth[:, k].sum() < len(truth)]
    return numpy.mean(areas) if areas else numpy.nan


def one_figures(logits, y):
    p = scipy.special.softmax(logits, axis=1)
    said, truth = logits.argmax(axis=1), numpy.eye(4, dtype=int)[y]
    right, sure = (said == y).astype(int), p.max(axis=1)
    area, excess = risk_areas(sure, right)
    return {
        "accuracy": 100 * sklearn.metrics.accuracy_score(y, said),
        "balanced_accuracy": 100 * sklearn.metrics.balanced_accuracy_score(y, said),
        "macro_f1": 100 * sklearn.metrics.f1_score(y, said, average="macro"), "auroc": mean_auroc(truth, p),
        "nll": sklearn.metrics.log_loss(y, p, labels=range(4)), "brier": numpy.mean(((p - truth) ** 2).sum(axis=1)),
        "ece": expected_error(sure, right), "ece_equal_mass": equal_mass(sure, right), "aurc": area, "excess_aurc": excess,
    }


def several_figures(logits, truth):
    p = scipy.special.expit(logits)
    said = (logits >= 0).astype(int)
    right, sure = (said == truth).all(axis=1).astype(int), scipy.special.expit(abs(logits).min(axis=1))
    area, excess = risk_areas(sure, right)
    both = [k for k in range(3) if 0 < truth[:, k].sum() < len(truth)]
    return {
        "accuracy": 100 * sklearn.metrics.accuracy_score(truth, said),
        "balanced_accuracy": 100 * numpy.mean([sklearn.metrics.balanced_accuracy_score(truth[:, k], said[:, k]) for k in both]),
        "macro_f1": 100 * sklearn.metrics.f1_score(truth, said, average="macro", zero_division=numpy.nan),
        "auroc": mean_auroc(truth, p), "nll": numpy.mean([sklearn.metrics.log_loss(truth[:, k], p[:, k], labels=[0, 1]) for k in range(3)]),
        "brier": numpy.mean((p - truth) ** 2), "ece": expected_error(p.ravel(), truth.ravel()),
        "ece_equal_mass": equal_mass(p.ravel(), truth.ravel()), "aurc": area, "excess_aurc": excess,
    }


def resampled(figures, clusters, logits, truth, keys):
    names = list(dict.fromkeys(clusters.tolist()))
    number = numpy.array([names.index(c) for c in clusters])
    rows = []
    for resample in range(RESAMPLES):
        stream = words(0, 13, resample)
        times = numpy.bincount([below(stream, CLUSTERS) for _ in range(CLUSTERS)], minlength=CLUSTERS)[number]
        items = numpy.repeat(numpy.arange(SAMPLES), times)
        values = figures(logits[items], truth[items])
        rows.append([values[key] for key in keys])
    ends = numpy.nanpercentile(rows, [2.5, 97.5], axis=0).T.tolist()
    return dict(zip(keys, ends))


def temperature(cost):
    found = scipy.optimize.minimize_scalar(cost, bounds=(1e-3, 1e3), method="bounded", options={"xatol": 1e-12, "maxiter": 10000})
    return [found.x, cost(1), found.fun]


def binomial(random):
    limits = []
    for n, k, doubt in [(100, 0, 0.001), (100, 2, 0.05), (500, 10, 0.01), (1000, 50, 0.001), (7, 3, 0.05), (22, 15, 0.025)]:
        upper = scipy.stats.beta.ppf(1 - doubt, k + 1, n - k)
        lower = scipy.stats.beta.ppf(doubt, k, n - k + 1) if k else 0
        wilson = scipy.stats.binomtest(k, n).proportion_ci(0.95, method="wilson")
        limits.append([n, k, doubt, upper, lower, wilson.low, wilson.high, scipy.stats.binom.cdf(k, n, 0.05)])
    return limits


def sets(probabilities, y, miss):
    """The quantile of split conformal prediction by NumPy, and the sizes of the sets: 1 − p, and the mass of what is as likely."""
    mass = lambda p: numpy.array([1 - numpy.sort(p[p < value]).sum() for value in p])
    scores = {"least": 1 - probabilities, "adaptive": numpy.array([mass(p) for p in probabilities])}
    made = {}
    for name, all_scores in scores.items():
        own = all_scores[numpy.arange(len(y)), y]
        quantile = numpy.sort(own)[int(numpy.ceil((len(y) + 1) * (1 - miss))) - 1]
        made[name] = {"quantile": quantile, "sizes": (all_scores <= quantile).sum(axis=1).tolist()}
    return made


def probe(random):
    x, y = random.normal(size=(40, 5)), random.integers(0, 3, 40)
    x[numpy.arange(40), y] += 1
    asked = random.normal(size=(30, 5))
    centred = x - x.mean(axis=0)
    ridge = 0.01 * numpy.mean((centred**2).sum(axis=0))
    model = sklearn.linear_model.RidgeClassifier(alpha=ridge).fit(x, y)
    return {"features": x.tolist(), "targets": y.tolist(), "asked": asked.tolist(), "said": model.predict(asked).tolist()}


def main():
    warnings.simplefilter("ignore")
    random = numpy.random.default_rng(0)
    one, several = draw(random)
    keys = list(one_figures(one[1], one[2]))
    softmax_cost = lambda t: sklearn.metrics.log_loss(one[2], scipy.special.softmax(one[1] / t, axis=1), labels=range(4))
    sigmoid_cost = lambda t: numpy.mean(numpy.logaddexp(0, numpy.where(several[2] == 1, -1, 1) * several[1] / t))
    tables = [sklearn.metrics.confusion_matrix(one[2], one[1].argmax(axis=1), labels=range(4)).tolist()]
    split = lambda s: {"clusters": s[0].tolist(), "logits": s[1].tolist(), "targets": s[2].tolist()}
    print(json.dumps({
        "one": split(one), "several": split(several),
        "figures": {"one": one_figures(*one[1:]), "several": several_figures(*several[1:])},
        "resampled": {
            "one": resampled(one_figures, *one, keys),
            "several": resampled(several_figures, *several, keys)},
        "confusion": tables[0], "temperature": {"one": temperature(softmax_cost), "several": temperature(sigmoid_cost)},
        "binomial": binomial(random), "sets": sets(scipy.special.softmax(one[1], axis=1), one[2], 0.1), "probe": probe(random),
    }, separators=(",", ":")))


main()
