/// Models of a few ten thousand parameters: a step takes hundredths of a second.
enum TinyModel: String, CaseIterable, Sendable {
  /// Trained with the contrastive loss.
  case clip
  /// Trained with the contrastive and the matching loss.
  case crossAttention = "cross-attention"

  fileprivate var settings: [String] {
    let towers = [
      "model.name=\(rawValue)", "model.vision.image_size=32", "model.vision.patch_size=8", "model.vision.width=16",
      "model.vision.layers=1", "model.vision.heads=2", "model.text.context_length=40", "model.text.width=16",
      "model.text.layers=1", "model.text.heads=2", "model.embedding_width=16",
    ]
    let fusion = ["model.fusion.width=16", "model.fusion.layers=1", "model.fusion.heads=2"]
    return self == .clip ? towers : towers + fusion
  }
}

/// A training run of a tiny model: fp32, 16 pairs a step, one thread a rank.
struct TinyRun: Sendable {
  var model = TinyModel.crossAttention
  /// A prepared data set; nil is the built-in one.
  var data: String?
  /// The run directory.
  var output: String
  var steps: Int
  /// More `key=value`.
  var settings: [String] = []

  /// Arguments of mmtrain.
  var arguments: [String] {
    let own =
      (data.map { ["data.path=\($0)"] } ?? []) + [
        "batch.global=16", "schedule.steps=\(steps)", "schedule.warmup_steps=2", "precision=fp32",
        "evaluation.every_epochs=0",
      ]
    return ["train", "--threads", "1", "--output", output]
      + (model.settings + own + settings).flatMap { ["--set", $0] }
  }

  /// A run that is long enough to be stopped on its way: 40 steps in ten epochs, with a checkpoint after every second
  /// step and a validation after every second epoch.
  static func long(data: String, output: String) -> TinyRun {
    TinyRun(
      data: data, output: output, steps: 40,
      settings: ["checkpoint.every_steps=2", "checkpoint.keep=20", "evaluation.every_epochs=2"])
  }
}
