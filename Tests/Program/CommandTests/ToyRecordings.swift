import Files
import TestSupport

/// A dozen samples that are seen, heard and read, in files of their own and as a prepared set, and models that were trained on them for a
/// moment: what these say means nothing, but is said of the right files.
struct ToyRecordings {
  let place: TemporaryDirectory
  /// Photos and clips, each of a sample with the same name but for its end.
  var source: String { place("source") }
  /// The clips alone, each in a folder of its kind.
  var clips: String { place("clips") }
  static let kinds = ["low", "high"]

  init() throws {
    place = try TemporaryDirectory()
    var table = "photo,clip,words,kind,split\n"
    try writePhotos((0..<12).map { "s\(100 + $0).jpg" }, in: source)
    for number in 0..<12 {
      let (name, kind) = ("s\(100 + number)", Self.kinds[number % 2])
      let sound = WaveFile.tone([60, 9][number % 2] + number, samples: 1200 + 160 * (number % 5))
      try writeAtomically(sound, to: source + "/\(name).wav")
      try makeDirectory(clips + "/" + kind)
      try writeAtomically(sound, to: clips + "/\(kind)/\(name).wav")
      table += "\(name).jpg,\(name).wav,a \(kind) tone number \(number),\(kind),\(number < 8 ? "train" : "test")\n"
    }
    try writeAtomically(table.utf8, to: place("table.csv"))
    try done([
      "prepare", "--images", source, "--table", place("table.csv"), "--columns",
      "image=photo,audio=clip,caption=words,label:kind=kind,split=split", "--output", place("set"),
    ])
  }

  private static let hearing = [
    "model.audio.bands=16", "model.audio.frames=12", "model.audio.patch_size=8", "model.audio.stride=6",
    "model.audio.width=16", "model.audio.heads=2", "model.audio.layers=1", "model.embedding_width=16",
    "model.text.width=16", "model.text.heads=2", "model.text.layers=1",
  ]
  /// Two towers, of clips and of texts.
  static let hearingAndReading = ["model.name=dual-encoder", "model.audio.encoder=ast"] + hearing

  /// Three towers.
  static let all =
    [
      "model.name=trimodal", "model.vision.encoder=vit", "model.vision.image_size=8", "model.vision.patch_size=4",
      "model.vision.width=16", "model.vision.heads=2", "model.vision.layers=1", "model.text.encoder=bert",
      "model.audio.encoder=ast", "model.fusion.layers=1", "model.fusion.width=16", "model.fusion.heads=2",
    ] + hearing
  static let classes = ["task.name=classification", "task.inputs=[image, text, audio]"]

  /// - Returns: the directory of a model.
  func train(_ name: String, _ settings: [String]) throws -> String {
    let usual = [
      "data.path=" + place("set"), "batch.global=4", "schedule.steps=2", "schedule.warmup_steps=0",
      "evaluation.split=none", "optimizer.learning_rate=0.01",
    ]
    try done(["train", "--output", place(name)] + (usual + settings).flatMap { ["--set", $0] })
    return place(name + "/last")
  }

  /// Runs the program, which must end well.
  @discardableResult func done(_ arguments: [String]) throws -> Program.Result {
    let result = try Program.run(Program.path, arguments)
    guard result.exitCode == 0 else { throw Failure(words: "\(arguments): \(result.errors)") }
    return result
  }

  struct Failure: Error { let words: String }
}
