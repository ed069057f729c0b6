// swift-format-ignore-file
// Made by datasets/embed out of datasets/*.yaml.

/// The manifests that are built in, so that they are there wherever the program is run.
let builtInManifests: [(name: String, text: String)] = [
  ("coco-captions", #"""
# COCO 2014 with Karpathy's splits, as caption and retrieval papers use it. Sizes and digests are those that TensorFlow
# Datasets publishes (tensorflow_datasets/url_checksums/coco_captions.txt). The photos' server answers on plain http;
# the digests make up for that.
name: coco-captions
title: COCO Captions (2014, Karpathy's splits)
homepage: https://cocodataset.org/
licence: >-
  Captions and annotations: Creative Commons Attribution 4.0, COCO Consortium. The photos belong to their authors on
  Flickr and are used under Flickr's terms.
citation: >-
  T.-Y. Lin, M. Maire, S. Belongie, J. Hays, P. Perona, D. Ramanan, P. Dollár, C. L. Zitnick: Microsoft COCO: Common
  Objects in Context. ECCV 2014. X. Chen, H. Fang, T.-Y. Lin, R. Vedantam, S. Gupta, P. Dollár, C. L. Zitnick: Microsoft
  COCO Captions: Data Collection and Evaluation Server. arXiv:1504.00325, 2015. Splits: A. Karpathy, L. Fei-Fei: Deep
  Visual-Semantic Alignments for Generating Image Descriptions. CVPR 2015.
layouts: [karpathy-json]
files:
  - name: caption_datasets.zip
    role: captions
    urls:
      - https://cs.stanford.edu/people/karpathy/deepimagesent/caption_datasets.zip
      - http://cs.stanford.edu/people/karpathy/deepimagesent/caption_datasets.zip
    size: 36745453
    sha256: 4cfd70132527b80933105e5829dc9034eaab9573482e2e680abbab6130244817
    # The archive has those of Flickr8k and Flickr30k too.
    members: [dataset_coco.json]
  - name: train2014.zip
    role: photos
    urls: [http://images.cocodataset.org/zips/train2014.zip]
    size: 13510573713
    sha256: ede4087e640bddba550e090eae701092534b554b42b05ac33f0300b984b31775
  - name: val2014.zip
    role: photos
    urls: [http://images.cocodataset.org/zips/val2014.zip]
    size: 6645013297
    sha256: fe9be816052049c34717e077d9e34aa60814a55679f804cd043e3cbee3b9fde0
expected:
  photos: 123287
  captions: 616767
  # Karpathy's, restval counted as train. Most photos have 5 captions, some 6 or 7.
  splits: { train: 113287, validation: 5000, test: 5000 }

"""#),
  ("flickr30k", #"""
# What is known about Flickr30k. A local archive is needed: no address is given under which it may be fetched without
# asking, and no digest, because copies in circulation differ in their bytes.
name: flickr30k
title: Flickr30k
homepage: https://shannon.cs.illinois.edu/DenotationGraph/
licence: Non-commercial research and education only; the photos belong to their authors on Flickr.
citation: >-
  P. Young, A. Lai, M. Hodosh, J. Hockenmaier: From image descriptions to visual denotations: New similarity metrics for
  semantic inference over event descriptions. Transactions of the Association for Computational Linguistics 2, 67–78, 2014.
obtain: >-
  The homepage has a request form for the photos and captions. Pack the photos into one zip (with or without
  results_20130124.token), or leave them in a folder; for the usual splits give Karpathy's dataset_flickr30k.json, which
  is in https://cs.stanford.edu/people/karpathy/deepimagesent/caption_datasets.zip.
layouts: [token, csv-with-bars, karpathy-json, csv]
expected:
  photos: 31783
  captions: 158915
  captions_per_photo: 5
  # Karpathy's; 769 photos are in none of them.
  splits: { train: 29000, validation: 1014, test: 1000 }
known_faults:
  - >-
    The results.csv in wide use has one damaged row (2199200615.jpg, caption 4, whose second bar is missing); it is
    reported and left out.

"""#),
  ("flickr8k", #"""
# What is known about Flickr8k. The address is a public copy of the two archives that the University of Illinois hands
# out; the digests are those that two other projects publish for it (flashlight, R's torchdatasets). Nobody publishes a
# SHA-256 or the sizes: MD5 tells damage, and the SHA-256 that is found is printed and kept beside the file.
name: flickr8k
title: Flickr8k
homepage: http://hockenmaier.cs.illinois.edu/8k-pictures.html
licence: Non-commercial research and education only; the photos belong to their authors on Flickr.
citation: >-
  M. Hodosh, P. Young, J. Hockenmaier: Framing Image Description as a Ranking Task: Data, Models and Evaluation Metrics.
  Journal of Artificial Intelligence Research 47, 853–899, 2013.
obtain: >-
  The University of Illinois (J. Hockenmaier's group) hands out Flickr8k_Dataset.zip (photos) and Flickr8k_text.zip
  (captions and lists) on request. With both here, unpack the text archive and give
  --archive Flickr8k_Dataset.zip --captions TEXT/Flickr8k.token.txt; the lists beside the caption file are taken.
  Kaggle's copy (one zip with Images/ and captions.txt) has no lists: its splits are made by hash, or taken from
  --splits FILE.
layouts: [token, csv, karpathy-json]
files:
  - name: Flickr8k_Dataset.zip
    role: photos
    urls: [https://github.com/jbrownlee/Datasets/releases/download/Flickr8k/Flickr8k_Dataset.zip]
    md5: f18a1e2920de5bd84dae7cf08ec78978
  - name: Flickr8k_text.zip
    role: captions
    urls: [https://github.com/jbrownlee/Datasets/releases/download/Flickr8k/Flickr8k_text.zip]
    md5: bf6c1abcb8e4a833b7f922104de18627
    members:
      - Flickr8k.token.txt
      - Flickr_8k.trainImages.txt
      - Flickr_8k.devImages.txt
      - Flickr_8k.testImages.txt
expected:
  photos: 8091
  captions: 40455
  captions_per_photo: 5
  # The official lists, which are Karpathy's too; 91 photos are in none of them.
  splits: { train: 6000, validation: 1000, test: 1000 }
known_faults:
  - Flickr8k.token.txt names 2258277193_586949ec62.jpg.1, for which there is no photo (five captions).

"""#),
]
