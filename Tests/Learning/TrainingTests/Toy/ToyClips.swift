import Audio
import Batching
import Files
import Inference
import TestSupport

/// A prepared set of clips, and the same clips in folders.
struct ToyClips {
  let place: TemporaryDirectory
  static let sounds = ["low", "middle", "high"]

  /// 36 tones of three heights, each of its own length, that say what they are.
  init() throws {
    place = try TemporaryDirectory()
    let writer = try PreparedDataSetWriter(directory: place("set"), description: .init(name: "tones"))
    try writer.addFile(
      "tokenizer.json", bytes: readFile(goldenDirectory + "/tokenization/tiny-tokenizer.json"))
    for number in 0..<36 {
      let sound = Self.sounds[number % 3]
      let samples = 1200 + 160 * (number % 7)
      let file = WaveFile.tone([60, 25, 9][number % 3] + number % 2, samples: samples)
      var columns = SampleColumns()
      columns.labels["height"] = [sound]
      let header = try file.span.bytes.withUnsafeBytes { try readSoundHeader($0) }
      try writer.add(
        clip: PreparedClip(file: file, header: header, frames: samples),
        record: SampleRecord(
          key: "k\(100 + number)", fileName: "\(100 + number).wav", split: number < 24 ? "train" : "validation",
          captions: ["a \(sound) tone"], columns: columns))
      if number >= 24 {
        try makeDirectory(place("folder/\(sound)"))
        try writeAtomically(file, to: place("folder/\(sound)/\(100 + number).wav"))
      }
    }
    try writer.finish()
  }

  /// A dual encoder that hears them.
  static let model = [
    "model.name=dual-encoder", "model.audio.encoder=ast", "model.audio.bands=32", "model.audio.frames=16",
    "model.audio.patch_size=4", "model.audio.stride=3", "model.audio.width=24", "model.audio.layers=1",
    "model.audio.heads=2", "model.text.width=16", "model.text.heads=2", "model.text.layers=1",
    "model.embedding_width=16",
    "evaluation.every_epochs=0",
  ]
}
