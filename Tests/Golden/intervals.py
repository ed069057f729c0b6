"""Makes intervals.json: 95 % intervals of retrieval, matching and masked words, by NumPy and SciPy.

    python Tests/Golden/intervals.py > Tests/Golden/intervals.json

Made with Python 3.11.7, NumPy 2.4.6, SciPy 1.17.1; seed 0. A made-up split of 40 images in 25 clusters, of which the figures
are computed twice over:

- "resampled": 2,000 times on the items that mmtrain draws (streams.py). A resample is the list of its items, each as often as it was drawn, and its figures
  are NumPy's of that list; then numpy.nanpercentile. To be equal but for the last digits.
- "scipy": scipy.stats.bootstrap on the clusters with SciPy's own draws, ten times: the mean of each end and the standard
  deviation over the ten. To be equal but for that.
"""
import json, warnings

import numpy
import scipy.stats

from streams import below, words

IMAGES, CLUSTERS, RESAMPLES = 40, 25, 2000


def draw(random):
    """The split: what mmtrain is given."""
    clusters = numpy.concatenate([numpy.arange(CLUSTERS), random.integers(0, CLUSTERS, IMAGES - CLUSTERS)])
    random.shuffle(clusters)
    owners = numpy.repeat(numpy.arange(IMAGES), random.integers(1, 6, IMAGES))
    random.shuffle(owners)
    # What an image's captions have in common: the clusters matter.
    ease = random.normal(size=CLUSTERS)[clusters]
    rank = lambda image, most: numpy.clip(numpy.exp(2 - 2 * ease[image] + random.normal(size=len(image))), 1, most).astype(int)
    pairs = numpy.repeat(owners, 2)
    labels = numpy.tile([1, 0], len(owners))
    scores = numpy.round((labels - 0.5 + ease[pairs] / 2 + random.normal(size=len(pairs))) * 4) / 4
    tokens = random.integers(0, 5, len(owners))
    right = random.binomial(tokens, 1 / (1 + numpy.exp(1 - ease[owners])))
    blind = random.binomial(tokens, 1 / (1 + numpy.exp(1.5 - ease[owners])))
    costs = numpy.round(tokens * numpy.exp(random.normal(size=len(owners)) / 2) * 2, 3)
    # Three images alone have a pair of the other kind, so that some resamples have no area under the curve.
    rare = numpy.flatnonzero(numpy.isin(pairs, numpy.unique(owners)[:3]) | (labels == 1))
    return {
        "clusters": [f"group {chr(65 + c)}" for c in clusters], "image_of_caption": owners.tolist(),
        "image_ranks": rank(numpy.arange(IMAGES), len(owners)).tolist(), "caption_ranks": rank(owners, IMAGES).tolist(),
        "pairs": {"images": pairs.tolist(), "labels": labels.tolist(), "scores": scores.tolist()},
        "rare_pairs": {"images": pairs[rare].tolist(), "labels": labels[rare].tolist(), "scores": scores[rare].tolist()},
        "masked": {"tokens": tokens.tolist(), "right": right.tolist(), "costs": costs.tolist()},
        "masked_with_others": {"tokens": tokens.tolist(), "right": blind.tolist(), "costs": (costs + 0.125 * tokens).tolist()},
    }


def recall(ranks):
    return {f"r{k}": 100 * numpy.mean(ranks <= k) for k in (1, 5, 10)} | {"median_rank": numpy.median(ranks)}


def matching(scores, labels):
    match, other = scores[labels == 1], scores[labels == 0]
    auc = numpy.nan
    if len(match) and len(other):
        auc = scipy.stats.mannwhitneyu(match, other).statistic / (len(match) * len(other))
    return {"accuracy": 100 * numpy.mean((scores >= 0) == labels), "auc": auc}


def masked(own, blind):
    tell = lambda sums: (100 * sums["right"].sum() / sums["tokens"].sum(), numpy.exp(sums["costs"].sum() / sums["tokens"].sum()))
    (a, p), (b, q) = tell(own), tell(blind)
    return {"accuracy": a, "perplexity": p, "accuracy_with_other_photos": b, "perplexity_with_other_photos": q,
            "accuracy_difference": a - b, "perplexity_difference": p - q}


def figures(split, clusters, drawn):
    """Of the items whose clusters were drawn, each as often as that."""
    times = numpy.bincount(drawn, minlength=CLUSTERS)[clusters]
    take = lambda values, images: numpy.repeat(numpy.asarray(values), times[images])
    owners = numpy.asarray(split["image_of_caption"])
    of_captions = lambda sums: {name: take(values, owners) for name, values in sums.items()}
    of_pairs = lambda pairs: matching(take(pairs["scores"], pairs["images"]), take(pairs["labels"], pairs["images"]))
    return {
        "image_to_text": recall(take(split["image_ranks"], numpy.arange(IMAGES))),
        "text_to_image": recall(take(split["caption_ranks"], owners)),
        "matching": of_pairs(split["pairs"]), "rare_matching": of_pairs(split["rare_pairs"]),
        "masked_text": masked(of_captions(split["masked"]), of_captions(split["masked_with_others"])),
    }


def flat(figures):
    return numpy.array([value for group in figures.values() for value in group.values()])


def named(figures, rows):
    """Rows of numbers by the figures' names."""
    rows = iter(rows)
    return {group: {name: next(rows).tolist() for name in values} for group, values in figures.items()}


def main():
    warnings.simplefilter("ignore")
    random = numpy.random.default_rng(0)
    split = draw(random)
    names = list(dict.fromkeys(split["clusters"]))
    clusters = numpy.array([names.index(name) for name in split["clusters"]])
    all_of_it = figures(split, clusters, numpy.arange(CLUSTERS))
    resamples = []
    for resample in range(RESAMPLES):
        stream = words(0, 13, resample)
        resamples.append(flat(figures(split, clusters, [below(stream, CLUSTERS) for _ in range(CLUSTERS)])))
    own = numpy.nanpercentile(resamples, [2.5, 97.5], axis=0).T
    several = []
    for seed in range(10):
        draws = numpy.random.default_rng(seed)
        statistic = lambda drawn: flat(figures(split, clusters, drawn))
        found = scipy.stats.bootstrap(
            (numpy.arange(CLUSTERS),), statistic, n_resamples=RESAMPLES, vectorized=False, method="percentile", random_state=draws)
        several.append(numpy.array(found.confidence_interval).T)
    by_scipy = numpy.concatenate([numpy.mean(several, axis=0), numpy.std(several, axis=0, ddof=1)], axis=1)
    by_scipy = named(all_of_it, by_scipy)
    del by_scipy["rare_matching"]["auc"]  # scipy.stats.bootstrap has no percentile of a figure that some resamples lack
    print(json.dumps({
        "split": split, "figures": named(all_of_it, flat(all_of_it)), "resampled": named(all_of_it, own),
        "scipy": by_scipy}, separators=(",", ":")))


main()
