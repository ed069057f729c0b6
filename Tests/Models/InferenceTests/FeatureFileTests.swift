import Batching
import Checkpoints
import Files
import Inference
import TestSupport
import Testing

@Suite struct FeatureFileTests {
  private let stamp = ModelStamp(name: "a \"model\"", fingerprint: "00ff", precision: "fp32")

  @Test func whatIsWrittenIsRead() throws {
    let directory = try TemporaryDirectory()
    let file = FeatureFile(
      stamp: stamp,
      images: .init(features: Features([1, 0, 0.6, 0.8], width: 2), names: ["a/\"ü\".jpg", "line\nbreak"]),
      texts: .init(features: Features([0, 1], width: 2), names: ["two dogs"]), imageOfText: [1], photos: "/photos")
    try file.write(to: directory("f"))
    let read = try FeatureFile(path: directory("f"))
    #expect(read.stamp == stamp && read.images == file.images && read.texts == file.texts)
    #expect(read.imageOfText == [1] && read.photos == "/photos")
    #expect(try directoryEntries(directory.path) == ["f"])
    #expect(read.media?.kind == .photos && read.media?.table == file.images && read.clips == nil)
  }

  /// What is searched among are clips where there are no photos.
  @Test func clipsHaveNamesOfTheirOwn() throws {
    let directory = try TemporaryDirectory()
    var file = FeatureFile(
      stamp: stamp,
      clips: .init(features: Features([1, 0, 0.6, 0.8], width: 2), names: ["a.wav", "b.wav"]),
      clipOfText: [1, -1])
    try file.write(to: directory("f"))
    var read = try FeatureFile(path: directory("f"))
    #expect(
      read.clips == file.clips && read.clipOfText == [1, -1] && read.images == nil
        && read.imageOfText == nil)
    #expect(read.media?.kind == .clips && read.media?.table == file.clips)
    let names = try SafetensorsFile(path: directory("f")).entries.map(\.name)
    #expect(Set(names) == ["audio_features", "audio_names", "audio_of_text"])
    file.images = .init(features: Features([0, 1], width: 2), names: ["a.jpg"])
    try file.write(to: directory("f"))
    read = try FeatureFile(path: directory("f"))
    #expect(read.media?.kind == .photos && read.clips == file.clips)
  }

  @Test func otherFilesAreRefused() throws {
    let directory = try TemporaryDirectory()
    let model = try TinyCLIP(in: directory("model"))
    #expect(throws: InferenceError.self) { try FeatureFile(path: model.path + "/model.safetensors") }
    #expect(throws: FileError.self) { try FeatureFile(path: directory("none")) }
    let metadata = [
      ("kind", "mmtrain-features"), ("version", "1"), ("model", "m"), ("model_fingerprint", "f"), ("precision", "fp32"),
    ]
    func write(_ names: String, values: [Float]) throws {
      try writeSafetensors(
        [
          NamedTensor(name: "image_features", elementType: .float32, shape: [values.count / 2, 2], copying: values),
          NamedTensor(name: "image_names", elementType: .uint8, shape: [names.utf8.count], copying: Array(names.utf8)),
        ], metadata: metadata, to: directory("f"))
    }
    try write("[\"a\"]", values: [1, 0])
    #expect(try FeatureFile(path: directory("f")).images?.names == ["a"])
    for (names, values) in [("[]", [1, 0]), ("[1]", [1, 0]), ("no json", [1, 0])] as [(String, [Float])] {
      try write(names, values: values)
      #expect(throws: InferenceError.self) { try FeatureFile(path: directory("f")) }
    }
    try write("[\"a\"]", values: [3e30, 0])
    #expect { try FeatureFile(path: directory("f")) } throws: { "\($0)".contains("length one") }
    try write("[\"a\"]", values: [1, .nan])
    #expect(throws: SafetensorsError.self) { try FeatureFile(path: directory("f")) }
  }

  @Test func theFingerprintIsThatOfTheWeights() throws {
    let one = try Workshop()
    let stamp = try one.model.stamp(name: "x")
    #expect(try Workshop(threads: 3).model.stamp(name: "x") == stamp)
    let other = try Workshop(seed: 2).model
    #expect(try other.stamp(name: "x").fingerprint != stamp.fingerprint)
    var file = FeatureFile(stamp: stamp)
    #expect {
      try other.require(file, path: "index", name: "y")
    } throws: { "\($0)".contains("y is another model") }
    try one.model.require(file, path: "index", name: "y")
    file.images = .init(features: Features([1, 0], width: 2), names: ["a"])
    #expect {
      try one.model.require(file, path: "index", name: "y")
    } throws: { "\($0)".contains("its features have 2 numbers") }
  }

  @Test func oneChangedWeightIsSeen() throws {
    let workshop = try Workshop()
    let path = workshop.directory("model/model.safetensors")
    var bytes = try readFile(path)
    bytes[bytes.count - 3] ^= 1
    try writeAtomically(bytes, to: path)
    #expect(try workshop.copy().stamp(name: "x").fingerprint != workshop.model.stamp(name: "x").fingerprint)
  }
}
