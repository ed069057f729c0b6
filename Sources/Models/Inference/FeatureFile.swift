public import Batching
internal import Checkpoints
internal import Foundation
internal import Reporting

/// Features of photos, of clips, of texts or of several of them with what they were made of, as one safetensors file (docs/inference.md).
///
/// `image_features`, `audio_features` and `text_features` are F32 [N, D], their rows of length one. `image_names`, `audio_names` and
/// `texts` are U8: a JSON list with a string for each row, so that any number of names in any letters fits. `image_of_text` and
/// `audio_of_text` are I32: the row of each text's photo, or clip, where texts are captions.
public struct FeatureFile: Sendable {
  /// Rows and what each of them is called.
  public struct Table: Sendable, Equatable {
    public var features: Features
    public var names: [String]

    public init(features: Features, names: [String]) {
      precondition(features.count == names.count, "\(features.count) rows, \(names.count) names")
      (self.features, self.names) = (features, names)
    }
  }

  public var stamp: ModelStamp
  public var images: Table?
  public var clips: Table?
  public var texts: Table?
  public var imageOfText: [Int32]?
  public var clipOfText: [Int32]?
  /// Where the photos are, by which the photos of an index are shown: a folder or a prepared set.
  public var photos: String?
  /// Of features that were computed in bytes: how near they are to those of fp32, a sentence a kind.
  public var nearness: [String] = []

  public init(
    stamp: ModelStamp, images: Table? = nil, clips: Table? = nil, texts: Table? = nil, imageOfText: [Int32]? = nil,
    clipOfText: [Int32]? = nil, photos: String? = nil
  ) {
    (self.stamp, self.photos) = (stamp, photos)
    (self.images, self.clips, self.texts) = (images, clips, texts)
    (self.imageOfText, self.clipOfText) = (imageOfText, clipOfText)
  }

  /// What is searched among, and what its rows are of: photos, where there are any, else clips.
  public var media: (table: Table, kind: MediaKind)? {
    images.map { ($0, .photos) } ?? clips.map { ($0, .clips) }
  }

  private static let kind = "mmtrain-features"
  private static let version = "1"

  /// Whole or not at all.
  /// - Throws: `InferenceError.notFiniteFeatures`, the errors of writing.
  public func write(to path: String) throws {
    var tensors: [NamedTensor] = []
    for (features, names, table) in [
      ("image_features", "image_names", images), ("audio_features", "audio_names", clips),
      ("text_features", "texts", texts),
    ] {
      guard let table else { continue }
      guard table.features.values.allSatisfy(\.isFinite) else {
        throw InferenceError.notFiniteFeatures(path: path, table: features)
      }
      tensors.append(
        NamedTensor(
          name: features, elementType: .float32, shape: [table.features.count, table.features.width],
          copying: table.features.values))
      let list = Array(OrderedJSON.list(table.names.map { .text($0) }).line.utf8)
      tensors.append(NamedTensor(name: names, elementType: .uint8, shape: [list.count], copying: list))
    }
    for (name, rows) in [("image_of_text", imageOfText), ("audio_of_text", clipOfText)] {
      guard let rows else { continue }
      tensors.append(NamedTensor(name: name, elementType: .int32, shape: [rows.count], copying: rows))
    }
    var metadata = [
      ("format", "pt"), ("kind", Self.kind), ("version", Self.version), ("model", stamp.name),
      ("model_fingerprint", stamp.fingerprint), ("precision", stamp.precision),
    ]
    if let photos { metadata.append(("photos", photos)) }
    if !nearness.isEmpty { metadata.append(("nearness", nearness.joined(separator: "\n"))) }
    try writeSafetensors(tensors, metadata: metadata, to: path)
  }

  /// - Throws: `SafetensorsError`, `InferenceError.badFeatureFile`.
  public init(path: String) throws {
    let file = try SafetensorsFile(path: path)
    func entry(_ key: String) throws -> String {
      guard let value = file.metadata.first(where: { $0.key == key })?.value else {
        throw InferenceError.badFeatureFile(path: path, problem: "its metadata has no \"\(key)\"")
      }
      return value
    }
    let kind = file.metadata.first { $0.key == "kind" }?.value
    guard kind == Self.kind, try entry("version") == Self.version else {
      throw InferenceError.badFeatureFile(path: path, problem: "it is no \(Self.kind) file of version \(Self.version)")
    }
    stamp = ModelStamp(
      name: try entry("model"), fingerprint: try entry("model_fingerprint"), precision: try entry("precision"))
    images = try Self.table(file, "image_features", "image_names")
    clips = try Self.table(file, "audio_features", "audio_names")
    texts = try Self.table(file, "text_features", "texts")
    photos = file.metadata.first { $0.key == "photos" }?.value
    nearness = file.metadata.first { $0.key == "nearness" }?.value.split(separator: "\n").map(String.init) ?? []
    func rows(_ name: String) throws -> [Int32]? {
      guard file.entry(named: name) != nil else { return nil }
      return try file.integers(name).map { Int32(truncatingIfNeeded: $0) }
    }
    (imageOfText, clipOfText) = (try rows("image_of_text"), try rows("audio_of_text"))
  }

  private static func table(_ file: SafetensorsFile, _ features: String, _ names: String) throws -> Table? {
    guard let entry = file.entry(named: features) else { return nil }
    guard entry.shape.count == 2, entry.shape[1] > 0, entry.elementType == .float32,
      file.entry(named: names)?.elementType == .uint8
    else {
      throw InferenceError.badFeatureFile(
        path: file.path, problem: "\(features) is no F32 [N, D] with U8 \(names) beside it")
    }
    let list = try file.withBytes(names) { try? JSONDecoder().decode([String].self, from: Data($0)) }
    guard let list, list.count == entry.shape[0] else {
      throw InferenceError.badFeatureFile(
        path: file.path, problem: "\(names) is no JSON list of \(entry.shape[0]) strings")
    }
    let values = try file.floats(features)
    guard values.allSatisfy(\.isFinite) else {
      throw SafetensorsError.notFinite(path: file.path, tensors: [features])
    }
    let table = Table(features: Features(values, width: entry.shape[1]), names: list)
    guard table.features.haveLengthOne else {
      throw InferenceError.badFeatureFile(path: file.path, problem: "the rows of \(features) do not have length one")
    }
    return table
  }
}
