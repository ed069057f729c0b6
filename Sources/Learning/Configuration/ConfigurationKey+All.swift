internal import Batching
internal import Images
internal import Models
internal import Objectives
internal import Tasks

extension ConfigurationKey {
  /// Every key, in the order in which it is shown.
  public static let all: [ConfigurationKey] =
    taskKeys + modelKeys + dataKeys + objectiveKeys + balanceKeys + privacyKeys + optimizationKeys + runKeys

  private static let taskKeys: [ConfigurationKey] = [
    .name("task.name", \.task.name, TaskCatalogue.names, "What the run is for, and how it is measured."),
    .text(
      "task.label", \.task.label, or: "auto", "The label that is told; auto takes the only one that the data have.",
      otherNames: ["label_column", "target"]),
    .list(
      "task.inputs", \.task.inputs, "What is looked at: image, audio, text for a caption, text:NAME for another text.",
      otherNames: ["modalities"]),
    .flag("task.several", \.task.isSeveral, "Whether a sample may have several classes, or none: one sigmoid a class."),
    .number(
      "task.smoothing", \.task.smoothing, NumberRange(0, 1, includesUpper: false),
      "The share of a target that goes to all classes alike.", otherNames: ["label_smoothing"]),
    .choice(
      "task.weights", \.task.weights, "How much classes count in the loss: as often as they come, or all the same.",
      otherNames: ["class_weight", "class_weights", "pos_weight"]),
    .choice(
      "task.sampling", \.task.sampling,
      "Each sample once an epoch; or all classes, all groups, or samples with what is scarce and others, equally often.",
      otherNames: ["sampler", "balanced_sampling"]),
    .choice(
      "task.answers.form", \.task.answerForm,
      "How answers are told: of a list, by a head; open, written by a decoder; ranked, a list by the decoder's likelihood."
    ),
    .integer(
      "task.answers.most", \.task.mostAnswers, 2...100_000, "Most answers that are told apart, the most frequent ones.",
      otherNames: ["num_answers", "answer_vocab_size"]),
    .text(
      "task.answers.file", \.task.answersFile, or: "none",
      "A file with the answers that are told, one a line; none takes the model's own, or the data's most frequent."),
    .choice(
      "task.blind", \.task.blind, or: "none", "Hides the image, or the question: what the other one tells alone."),
    .text(
      "task.prompt", \.task.prompt, or: "none",
      "What captions begin with: it is given to the decoder, and not learnt.", otherNames: ["prefix", "text_prompt"]),
  ]

  private static let dataKeys: [ConfigurationKey] = [
    .text(
      "data.path", \.data.path, or: "built-in",
      "A directory made by `mmtrain prepare`; built-in draws coloured scenes.",
      otherNames: ["dataset", "train_data"]),
    .text("data.split", \.data.split, "The split that is trained on."),
    .choice(
      "data.augmentation", \.data.augmentation, "Random crops and colours for images, or none.", otherNames: ["augment"]
    ),
    .number(
      "data.mixup", \.data.mixUp, NumberRange(0, 1),
      "The share of samples that are mixed with another one, classes included, by shares of Beta(10, 10).",
      otherNames: ["mix_up", "mixup_rate"]),
    .number(
      "data.word_drop", \.data.wordDrop, NumberRange(0, 1, includesUpper: false),
      "The probability of each word of a text to be left out in an epoch; one word stays.",
      otherNames: ["word_dropout", "text_dropout"]),
    .choice(
      "data.decoding", \.data.decoding,
      "Augmented photos: at a fraction of their size where the crop allows it, faster, or all pixels."),
    .flag("data.shuffle", \.data.shuffle, "A new order each epoch, or the order of the file names."),
    .choice("data.caption", \.data.caption, "Which of an image's captions an epoch takes."),
    .integer(
      "data.workers", \.data.workers, 1...256, or: "auto", "Threads of a rank that decode images.",
      otherNames: ["num_workers"]),
  ]

  /// A weight for each objective, and what several of them share.
  private static let objectiveKeys: [ConfigurationKey] =
    ObjectiveCatalogue.all.map { kind in
      .number(
        "objective.\(kind.name)", \.objective[kind.name], NumberRange(0, 1000),
        "Weight, 0 leaves it out: \(kind.summary)", otherNames: kind.otherNames)
    } + [
      .number(
        "objective.masked_regions.share", \.objective.maskedRegions.share,
        NumberRange(0, 1, includesLower: false, includesUpper: false),
        "The share of a photo's regions that are hidden and asked for; at least one is."),
      .number(
        "objective.masked_regions.kept", \.objective.maskedRegions.kept, NumberRange(0, 1, includesUpper: false),
        "The share of these that the model sees all the same."),
      .number(
        "objective.masked_regions.overlap", \.objective.maskedRegions.overlap, NumberRange(0, 1), or: "none",
        "Regions that overlap one that is asked for by more than this (intersection over union) are hidden with it."),
      .choice(
        "objective.masked_regions.scale", \.objective.maskedRegions.scale, or: "auto",
        "What losses of hidden regions are means over: all numbers, or regions; auto as the model's authors have it."),
      .choice(
        "objective.group", \.objective.group.method,
        "How groups of samples count: alike, by their number (reweighting), or by what they lose (dro, group DRO).",
        otherNames: ["group_dro", "groupdro", "group_dro.method"]),
      .list(
        "objective.group_by", \.objective.group.by,
        "What groups are made by: group, label:NAME, or several of these together."),
      .number(
        "objective.group_rate", \.objective.group.rate, NumberRange(0, 10, includesLower: false),
        "How fast weights of groups move (dro): the step size of their logarithms.",
        otherNames: ["robust_step_size", "group_dro.eta"]),
      .number(
        "objective.group_adjustment", \.objective.group.adjustment, NumberRange(0, 1000),
        "What a group's loss gains over the root of its samples before weights move (dro).",
        otherNames: ["generalization_adjustment"]),
      .choice("objective.mix", \.objective.mix, "Several objectives: their sum in every step, or one a step, drawn."),
      .number(
        "objective.margin", \.objective.margin, NumberRange(-1, 1),
        "The cosine above which an unrelated pair costs, where an objective has a margin."),
      .number(
        "objective.masked_share", \.objective.maskedShare, NumberRange(0, 1, includesLower: false),
        "The share of words that are masked, where an objective masks."),
      .choice(
        "objective.negatives", \.objective.negatives, or: "auto",
        "Wrong pairs: hard ones by features, or random ones; auto takes hard ones where the model has features."),
      .flag("objective.whole_words", \.objective.masksWholeWords, "Masks words whole, rather than token by token."),
      .number(
        "objective.task", \.objective.ofTask, NumberRange(0, 1000),
        "Weight of the losses that the task has of its own; 0 leaves them out, where something else is learnt.",
        otherNames: ["ce_weight", "xe_weight"]),
      .integer(
        "objective.self_critical_samples", \.objective.selfCritical.samples, 1...100,
        "Captions that are drawn of each photo: one beside the likeliest, or several, each beside the mean of the others.",
        otherNames: ["train_sample_n", "num_samples"]),
      .integer(
        "objective.self_critical_length", \.objective.selfCritical.length, 3...4096,
        "Most tokens of a drawn caption, those that open and close it included; it is cut there."),
    ]

  /// How modalities are kept in balance.
  private static let balanceKeys: [ConfigurationKey] = [
    .choice(
      "balance.method", \.task.balance.method, "How modalities that are learnt together are kept in balance.",
      otherNames: ["balance", "modulation", "ogm"]),
    .flag(
      "balance.measure", \.task.balance.measures,
      "Measures each modality by a linear head of its own, which changes nothing else; methods do so anyway."),
    .number(
      "balance.head_weight", \.task.balance.headWeight, NumberRange(0, 1000),
      "What the loss of each modality's own head counts beside that of all together, where it teaches towers.",
      otherNames: ["unimodal_weight"]),
    .list(
      "balance.loss_weights", \.task.balance.lossWeights,
      "What that is multiplied by for single modalities, as [image=2, text=0.5]; 1 for others."),
    .list(
      "balance.rate_weights", \.task.balance.rateWeights,
      "What the learning rate of their towers is multiplied by, likewise."),
    .number(
      "balance.alpha", \.task.balance.alpha, NumberRange(0, 100, includesLower: false), or: "auto",
      "How strongly a modality that is ahead is held back; auto takes the authors' (modulation 0.8, dropout 0.5)."),
    .number(
      "balance.rate", \.task.balance.rate, NumberRange(0, 1),
      "How often a modality is hidden that is no further than the others (dropout).", otherNames: ["q_base"]),
    .number(
      "balance.share", \.task.balance.share, NumberRange(0, 1), "The share of steps in which any is hidden (dropout)."),
    .flag(
      "balance.noise", \.task.balance.noise,
      "Adds noise of each gradient's own deviation to that of the towers (modulation)."),
  ]

  private static let optimizationKeys: [ConfigurationKey] = [
    .integer(
      "batch.global", \.batch.global, 1...1_048_576,
      "Image–text pairs in a step over all ranks; it is divided over them.",
      otherNames: ["batch_size", "size", "train_batch_size"]),
    .integer(
      "batch.micro", \.batch.micro, 1...1_048_576, or: "auto",
      "Pairs that a rank computes at once; auto takes its whole share.", otherNames: ["micro_batch_size"]),
    .choice("optimizer.name", \.optimizer.name, "AdamW with decoupled weight decay (Loshchilov and Hutter, 2019)."),
    .number(
      "optimizer.learning_rate", \.optimizer.learningRate, NumberRange(0, 10), "The highest learning rate.",
      otherNames: ["lr"]),
    .number(
      "optimizer.weight_decay", \.optimizer.weightDecay, NumberRange(0, 10),
      "Decay of weight matrices; gains, biases and the logit scale are left alone.", otherNames: ["wd"]),
    .number(
      "optimizer.layer_decay", \.optimizer.layerDecay, NumberRange(0, 1, includesLower: false),
      "What the learning rate is multiplied by from each layer of a tower to the one before it; 1 leaves all alike.",
      otherNames: ["layer_lr_decay", "llrd", "layerwise_decay"]),
    .number(
      "optimizer.beta1", \.optimizer.beta1, NumberRange(0, 1, includesUpper: false), "Decay of the first moment."),
    .number(
      "optimizer.beta2", \.optimizer.beta2, NumberRange(0, 1, includesUpper: false), "Decay of the second moment."),
    .number(
      "optimizer.epsilon", \.optimizer.epsilon, NumberRange(0, 1, includesLower: false),
      "Added to the root of the second moment.", otherNames: ["eps"]),
    .number(
      "optimizer.gradient_clip", \.optimizer.gradientClip, NumberRange(0, 1_000_000),
      "Largest norm of the whole gradient; 0 never clips.",
      otherNames: ["grad_clip", "max_grad_norm", "grad_clip_norm", "clip"]),
    .number(
      "optimizer.average", \.optimizer.average, NumberRange(0, 1, includesUpper: false), or: "none",
      "What a moving average of the weights keeps of itself at each update, 0.999 say; none or 0 keeps no average.",
      otherNames: ["ema", "ema_decay", "model_ema", "model_ema_decay", "ema_momentum"]),
    .integer(
      "schedule.warmup_steps", \.schedule.warmupSteps, 0...100_000_000, or: nil,
      "Steps in which the learning rate rises from 0; or give schedule.warmup_fraction.", otherNames: ["warmup"]),
    .number(
      "schedule.warmup_fraction", \.schedule.warmupFraction, NumberRange(0, 1), or: nil,
      "The same as a part of all steps, rounded to whole ones.", otherNames: ["warmup_ratio", "pct_start"]),
    .integer(
      "schedule.epochs", \.schedule.epochs, 1...1_000_000, or: nil, "Passes over the split; or give schedule.steps.",
      otherNames: ["num_epochs", "max_epochs", "num_train_epochs"]),
    .integer(
      "schedule.steps", \.schedule.steps, 1...1_000_000_000, or: nil, "Steps in all; or give schedule.epochs.",
      otherNames: ["max_steps", "num_steps"]),
    .choice(
      "schedule.decay", \.schedule.decay, "How the learning rate falls after the warm-up: to 0, or not at all.",
      otherNames: ["scheduler", "lr_scheduler"]),
    .choice(
      "precision", \.precision,
      "What matrix products multiply, and what stands between them; weights, sums and losses stay fp32.",
      otherNames: ["dtype", "amp"]),
    .choice(
      "products", \.products,
      "The library of fp32 matrix products and convolutions; auto takes the faster one for each kind of product, and a run keeps it."
    ),
    .choice(
      "memory.recompute", \.memory.recompute,
      "What keeps its input alone and runs again in the backward pass: less memory, a third more work.",
      otherNames: ["gradient_checkpointing", "activation_checkpointing"]),
    .choice(
      "memory.cache_locked", \.memory.cacheLocked,
      "Computes once what a locked tower makes of a split, and keeps it in the run directory; auto where that pays."),
  ]

  private static let runKeys: [ConfigurationKey] = [
    .choice(
      "communication.wire", \.communication.wire,
      "What sums of gradients travel as between nodes; within a node, and in every addition, they are fp32."),
    .choice(
      "communication.overlap", \.communication.overlap,
      "Whether gradients are summed while the backward pass goes on; auto tries it with several nodes."),
    .text(
      "initialize.weights", \.initialize.weights, or: "none",
      "A checkpoint directory or safetensors file to start from; a directory brings its architecture and tokenizer.",
      otherNames: ["pretrained", "init_from"]),
    .text(
      "initialize.vision", \.initialize.towers.vision, or: "none",
      "An image tower to start from: a directory or file of its own kind, or a hub name; brings its preprocessing.",
      otherNames: ["vision_model", "image_tower"]),
    .text(
      "initialize.audio", \.initialize.towers.audio, or: "none",
      "A tower of clips to start from: a directory or file of its own kind, or a hub name; brings its preprocessing.",
      otherNames: ["audio_model", "audio_tower"]),
    .text(
      "initialize.text", \.initialize.towers.text, or: "none",
      "A text tower to start from: a directory of its own kind, or a hub name; brings its tokenizer.",
      otherNames: ["text_model", "language_model"]),
    .flag(
      "initialize.strict", \.initialize.strict,
      "Names and shapes must be the model's; false loads what fits, and says what did not."),
    .list("initialize.freeze", \.initialize.freeze, "Globs over parameter names that are not trained."),
    .integer(
      "initialize.lock.vision", \.initialize.lock.vision, 0...1000, or: "none",
      "Locks the image tower but for so many groups at its end; 0 locks all of it.",
      otherNames: ["lock_image", "unlocked_groups", "image"]),
    .integer(
      "initialize.lock.audio", \.initialize.lock.audio, 0...1000, or: "none",
      "Locks the tower of clips but for so many groups at its end; 0 locks all of it."),
    .integer(
      "initialize.lock.text", \.initialize.lock.text, 0...1000, or: "none",
      "Locks the text tower but for so many groups at its end; 0 locks all of it.",
      otherNames: ["lock_text", "unlocked_layers"]),
    .integer(
      "checkpoint.every_steps", \.checkpoint.everySteps, 1...1_000_000_000, "Steps from one checkpoint to the next.",
      otherNames: ["save_steps", "save_every"]),
    .integer(
      "checkpoint.keep", \.checkpoint.keep, 1...10_000, "Newest checkpoints that stay, beside the best one.",
      otherNames: ["save_total_limit"]),
    .number(
      "guard.spike_factor", \.safeguards.spikeFactor, NumberRange(0, 1_000_000),
      "A step whose loss is more than this times the window's median, or whose gradient norm is more than this times "
        + "its largest, is skipped; 0 skips none.",
      otherNames: ["spike_threshold", "loss_spike"]),
    .integer(
      "guard.window", \.safeguards.window, 2...100_000,
      "Steps that are looked back at, and in which skipped steps are counted."),
    .integer(
      "guard.max_skips", \.safeguards.maximumSkips, 0...100_000,
      "Skipped steps in a window that are put up with; one more ends the run with 80, or rewinds it.",
      otherNames: ["max_nan", "nan_budget"]),
    .integer(
      "guard.rewinds", \.safeguards.rewinds, 0...1000,
      "How often too many spikes put the weights back to the checkpoint before them, before they end the run with 80.",
      otherNames: ["rewind", "max_rewinds"]),
    .integer(
      "guard.check_every", \.safeguards.checkEvery, 0...1_000_000_000,
      "Steps from one comparison of the ranks' weights and times to the next; 0 compares only before a checkpoint.",
      otherNames: ["check_weight_hash_across_dp_replicas_interval"]),
    .integer(
      "guard.same_texts", \.safeguards.sameTexts, 0...1_000_000,
      "Evaluations in a row that end a run with 80 where the texts it writes are all the same, or say something again and again; 0 ends none."
    ),
    .text("evaluation.split", \.evaluation.split, "The split that is evaluated on; none leaves evaluation out."),
    .integer(
      "evaluation.every_epochs", \.evaluation.everyEpochs, 0...1_000_000,
      "Epochs from one evaluation to the next; 0 evaluates only at the end.", otherNames: ["eval_every"]),
    .integer(
      "evaluation.patience", \.evaluation.patience, 1...1_000_000, or: "none",
      "Evaluations in a row without a better one that end the run; none trains to the end. The best weights stay.",
      otherNames: ["early_stopping", "early_stopping_patience"]),
    .integer(
      "evaluation.pairs", \.evaluation.pairs, 4...1_000_000_000,
      "Most pairs that a matching head scores for retrieval, where the model has no features; fewer photos are taken for it."
    ),
    .integer(
      "evaluation.shown", \.evaluation.shown, 0...1000,
      "Samples of that split whose texts, as the model writes them, are shown with each evaluation while it trains, by a task that writes any; 0 "
        + "shows none, and nothing watches them."
    ),
    .flag(
      "log.tensorboard", \.log.tensorBoard,
      "Writes event files for TensorBoard into the run directory, beside metrics.jsonl."),
    .integer("seed", \.seed, 0...Int.max, "Seeds every random number of the run.", otherNames: ["random_seed"]),
    .text(
      "output", \.output, or: "auto", "The run directory; auto is `runs/MODEL-PRESET`.",
      otherNames: ["output_dir", "out_dir"]),
  ]

  /// Where the key `path` stands in `all`.
  static func index(of path: String) -> Int? { all.firstIndex { $0.path == path } }

  /// Where the key `form` of a group stands: what one word in the place of the group says.
  static func index(ofForm section: String) -> Int? { index(of: section + ".form") }

  /// The names of the groups, each once, in order: `model`, `model.vision`, ….
  static let sections: [String] = {
    var sections: [String] = []
    for key in all {
      var parts = key.path.split(separator: ".").dropLast()
      var prefixes: [String] = []
      while !parts.isEmpty {
        prefixes.insert(parts.joined(separator: "."), at: 0)
        parts.removeLast()
      }
      for prefix in prefixes where !sections.contains(prefix) { sections.append(prefix) }
    }
    return sections
  }()
}
