internal import Models
internal import Objectives
internal import Tasks

extension ConfigurationKey {
  /// Which model, and its sizes.
  static let modelKeys: [ConfigurationKey] = [
    .name("model.name", \.model.name, ModelCatalogue.names, "The kind of model; docs/flow.md lists them."),
    .choice("model.preset", \.preset, "A set of sizes; the keys below change single ones.", otherNames: ["size"]),
    .name(
      "model.vision.encoder", \.model.vision.encoder, TowerCatalogue.imageSources, or: "auto",
      "What reads images, where the model takes any; auto takes the tower of initialize.vision, or the model's own kind."
    ),
    .integer(
      "model.vision.image_size", \.model.vision.imageSize, 8...2048, "Side of the square image, in pixels.",
      otherNames: ["resolution"]),
    .integer(
      "model.vision.patch_size", \.model.vision.patchSize, 1...256,
      "Side of a square patch, in pixels; divides the image size."),
    .integer("model.vision.width", \.model.vision.width, 8...8192, "Width of the image tower; its heads divide it."),
    .integer("model.vision.layers", \.model.vision.layers, 1...128, "Transformer layers of the image tower."),
    .integer("model.vision.heads", \.model.vision.heads, 1...256, "Attention heads of the image tower."),
    .integer(
      "model.vision.stages", \.model.vision.stages, 3...5, or: "auto",
      "How many of a network's last stages become tokens, where the model makes them of stages; auto takes 5."),
    .name(
      "model.audio.encoder", \.model.audio.encoder, TowerCatalogue.audioNames, or: "auto",
      "What hears clips, where the model takes any: it then hears them beside texts, in the place of photos; auto takes the tower of "
        + "initialize.audio, or hears none."),
    .integer(
      "model.audio.bands", \.model.audio.bands, 1...4096, "Bands of a frame of a clip.", otherNames: ["num_mel_bins"]),
    .integer(
      "model.audio.frames", \.model.audio.frames, 1...100_000,
      "Most frames of a clip, 100 a second; what comes after them is cut off.", otherNames: ["target_length"]),
    .integer(
      "model.audio.patch_size", \.model.audio.patchSize, 1...256, "Side of a square patch, in bands and in frames."),
    .integer(
      "model.audio.stride", \.model.audio.stride, 1...256, "Bands, and frames, from one patch to the next.",
      otherNames: ["fstride", "tstride", "frequency_stride", "time_stride"]),
    .integer("model.audio.width", \.model.audio.width, 8...8192, "Width of the tower of clips; its heads divide it."),
    .integer("model.audio.layers", \.model.audio.layers, 1...128, "Transformer layers of the tower of clips."),
    .integer("model.audio.heads", \.model.audio.heads, 1...256, "Attention heads of the tower of clips."),
    .integer(
      "model.regions.width", \.model.regions.width, 1...65_536, or: "auto",
      "Numbers of a region, where the model reads regions of photos; auto takes the data's.",
      otherNames: ["img_dim", "v_feature_size", "visual_feat_dim"]),
    .integer(
      "model.regions.limit", \.model.regions.limit, 1...4096,
      "Most regions of a photo, where the model reads them; a photo with more is refused.",
      otherNames: ["max_bb", "num_bb", "max_regions", "max_region_num"]),
    .choice(
      "model.frames.pooling", \.model.frames.pooling, or: "none",
      "What stands for a video, where the model looks at several frames: their mean, or the same after frames with positions in time "
        + "have seen each other; none looks at photos."),
    .integer(
      "model.frames.limit", \.model.frames.limit, 2...1024,
      "Most frames of a video; of more, those evenly between the first and the last are looked at.",
      otherNames: ["max_frames", "num_frames"]),
    .integer(
      "model.frames.layers", \.model.frames.layers, 1...64,
      "Transformer layers over the frames of a video with positions."),
    .name(
      "model.text.encoder", \.model.text.encoder, TowerCatalogue.textNames, or: "auto",
      "What reads texts, where the model takes any; auto takes the tower of initialize.text, or the model's own kind."),
    .choice(
      "model.text.pooling", \.model.text.pooling, or: "auto",
      "What stands for a text, where its tower has a choice; auto takes what it was published with."),
    .integer(
      "model.text.context_length", \.model.text.contextLength, 3...4096,
      "Most tokens of a text, start and end included; longer ones are cut.", otherNames: ["max_length"]),
    .integer("model.text.width", \.model.text.width, 8...8192, "Width of the text tower; its heads divide it."),
    .integer("model.text.layers", \.model.text.layers, 1...128, "Transformer layers of the text tower."),
    .integer("model.text.heads", \.model.text.heads, 1...256, "Attention heads of the text tower."),
    .flag("model.text.causal", \.model.text.isCausal, "Whether a token sees only those before it."),
    .integer(
      "model.text.vocabulary_size", \.model.text.vocabularySize, 3...1_000_000, or: "auto",
      "Rows of the token embedding; auto takes the tokenizer's size.", otherNames: ["vocab_size"]),
    .number(
      "model.text.dropout", \.model.text.dropout, NumberRange(0, 1, includesUpper: false),
      "The share of what each layer of a BERT adds, and of its embeddings, that a step drops.",
      otherNames: ["hidden_dropout_prob", "dropout"]),
    .number(
      "model.text.attention_dropout", \.model.text.attentionDropout, NumberRange(0, 1, includesUpper: false),
      "The same of the probabilities of its attention.", otherNames: ["attention_probs_dropout_prob"]),
    .integer(
      "model.embedding_width", \.model.embeddingWidth, 1...8192, "Width of the space that images and texts share.",
      otherNames: ["embed_dim", "projection_dim"]),
    .number(
      "model.projection.vision_dropout", \.model.projection.visionDropout, NumberRange(0, 1, includesUpper: false),
      "The share of an image's features that a step drops before they are projected, where towers are of any kind."),
    .number(
      "model.projection.text_dropout", \.model.projection.textDropout, NumberRange(0, 1, includesUpper: false),
      "The same of a text's features."),
    .choice(
      "model.projection.standardize", \.model.projection.standardize,
      "Brings features of locked towers to mean 0 and deviation 1 over the training split before they are projected."),
    .integer(
      "model.fusion.layers", \.model.fusion.layers, 1...128,
      "Layers in which the towers' states attend to each other, where the model has some."),
    .integer("model.fusion.heads", \.model.fusion.heads, 1...256, "Attention heads of the fusion layers."),
    .integer(
      "model.fusion.width", \.model.fusion.width, 8...8192, "Width of the fusion layers; their heads divide it."),
    .choice("model.fusion.direction", \.model.fusion.direction, "Which stream attends to the other."),
    .choice(
      "model.fusion.gate", \.model.fusion.gate,
      "What a learned gate holds back at first where streams attend to each other: nothing, that attention, or that and a perceptron."
    ),
    .flag(
      "model.fusion.sentinel", \.model.fusion.sentinel,
      "Whether a token may look at a sentinel of its own in the place of the other stream."),
    .choice(
      "model.fusion.kind", \.model.fusion.kind,
      "Who sees whom in the fusion layers: all tokens each other, each modality itself, both, or through bottlenecks."),
    .choice(
      "model.fusion.late", \.model.fusion.late, or: "auto",
      "How the vectors of modalities become one, where they are made apart; auto puts them side by side."),
    .integer(
      "model.fusion.bottlenecks", \.model.fusion.bottlenecks, 1...4096, or: "auto",
      "Tokens through which modalities see each other; auto takes 4.", otherNames: ["n_bottlenecks"]),
    .integer(
      "model.fusion.bottleneck_layer", \.model.fusion.bottleneckLayer, 0...127, or: "auto",
      "The first layer that sees them, counted from 0; auto takes the one behind two thirds, with two layers at least.",
      otherNames: ["fusion_layer"]),
    .choice(
      "model.batch_norm", \.model.batchNorm,
      "Batch norm, where the model has some: the statistics that its weights have, or those of each global batch.",
      otherNames: ["freeze_bn_stats", "sync_bn", "use_bn_sync"]),
    .flag(
      "model.reparameterize", \.model.reparameterize,
      "Folds branches of convolutions before the first step, where the model has some."),
    .integer(
      "model.lora.rank", \.model.lora.rank, 0...8192,
      "Rank of the updates that linear layers learn instead of their weights (LoRA); 0 trains the weights.",
      otherNames: ["r", "lora_rank", "lora_r"]),
    .number(
      "model.lora.alpha", \.model.lora.alpha, NumberRange(0, 100_000, includesLower: false),
      "An update is multiplied by this over the rank.", otherNames: ["lora_alpha"]),
    .list(
      "model.lora.targets", \.model.lora.targets,
      "The layers that get an update: the ends of their names, or globs over whole names.",
      otherNames: ["target_modules", "lora_targets"]),
    .list(
      "model.lora.train", \.model.lora.train,
      "Globs over parameter names that are trained whole beside the updates.", otherNames: ["modules_to_save"]),
    .choice(
      "model.match.what", \.model.match.budget, or: "none",
      "What the model is to have as much of as another: a width or a number of layers is found that does it within 2 %.",
      otherNames: ["model.fusion.match", "model.match"]
    ),
    .text(
      "model.match.with", \.model.match.other, or: "none",
      "That other model: NAME/PRESET, one of the two, a configuration file, or a model's directory."),
    .name(
      "model.match.vary", \.model.match.size, MatchSettings.sizes, or: "auto",
      "The size that is looked for; auto takes the width, or else the layers, of where image and text meet."),
  ]
}
