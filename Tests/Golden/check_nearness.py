"""How near features of one file are to those of another, and what both find: cosines, and recall of photos and captions.

    mmtrain embed --model M --data D --output fp32.safetensors
    mmtrain embed --model M --data D --precision int8 --output int8.safetensors
    python Tests/Golden/check_nearness.py fp32.safetensors int8.safetensors

Versions: numpy 2.4, safetensors 0.8.
"""
import sys

import numpy
from safetensors.numpy import load_file


def recall(photos, texts, photo_of_text, best):
    """Percent of photos with a caption of theirs among the `best` nearest, and of captions with their photo."""
    likeness = photos @ texts.T
    of_photo = numpy.argsort(-likeness, axis=1, kind="stable")[:, :best]
    of_text = numpy.argsort(-likeness.T, axis=1, kind="stable")[:, :best]
    found = numpy.mean([photo in photo_of_text[rows] for photo, rows in enumerate(of_photo)])
    told = numpy.mean([photo_of_text[text] in rows for text, rows in enumerate(of_text)])
    return f"{100 * found:.1f} / {100 * told:.1f}"


first = load_file(sys.argv[1])
for path in sys.argv[1:]:
    file = load_file(path)
    print(path)
    for kind in ("image_features", "text_features"):
        cosines = (file[kind].astype(numpy.float64) * first[kind]).sum(axis=1)
        print(f"  {kind}: cosine {cosines.mean():.4f} in the mean, {cosines.min():.4f} at least, of {len(cosines)}")
    for best in (1, 5, 10):
        found = recall(file["image_features"], file["text_features"], file["image_of_text"], best)
        print(f"  R@{best} image→text / text→image: {found}")
