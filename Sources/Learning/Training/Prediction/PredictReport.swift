public import Batching
public import Evaluation
public import Inference
internal import Reporting

/// What `mmtrain predict` tells of examples, in one of several forms.
public struct PredictReport {
  /// As they were named.
  public let models: [String]
  let precision: String
  /// How texts are written; nil where none are.
  public let way: String?

  /// - Parameters:
  ///   - models: as they were named.
  ///   - way: how texts are written, where any are.
  public init(models: [String], precision: String, way: String? = nil) {
    (self.models, self.precision, self.way) = (models, precision, way)
  }

  // MARK: For people

  /// A photo, and below it each text with what is told of it.
  public func table(_ sample: ToldSample?, _ told: [PredictedExample]) -> String {
    let indent = sample == nil ? "" : "  "
    let texts = told.map { example in
      (example.text.map { indent + printable($0.words) + "\n" } ?? "")
        + example.lines.map { indent + $0 + "\n" }.joined()
    }
    return (sample.map { printable($0.words) + "\n" } ?? "") + texts.joined()
  }

  // MARK: For machines

  /// An object a line, for each photo and text.
  public func lines(_ sample: ToldSample?, _ told: [PredictedExample]) -> String {
    told.map { OrderedJSON.object((sample?.members ?? []) + members($0)).line + "\n" }.joined()
  }

  public func line(_ problem: PhotoProblem) -> String {
    OrderedJSON.object([("name", .text(problem.name)), ("skipped", .text(problem.reason))]).line + "\n"
  }

  /// All in one object.
  /// - Parameter samples: with their names, or once without.
  public func document(
    _ samples: [(sample: ToldSample?, told: [PredictedExample])], _ problems: [PhotoProblem], written: WrittenCounts
  ) -> String {
    let lists = samples.map { OrderedJSON.list($0.told.map { .object(members($0)) }) }
    let told: (String, OrderedJSON)
    if samples.contains(where: { $0.sample == nil }) {
      told = ("predictions", lists.first ?? .list([]))
    } else {
      told = (
        "images",
        .list(
          zip(samples, lists).map { sample, list in
            .object((sample.sample?.members ?? []) + [("predictions", list)])
          })
      )
    }
    let named: (String, OrderedJSON) =
      models.count == 1 ? ("model", .text(models[0])) : ("models", .list(models.map { .text($0) }))
    let writing: [(String, OrderedJSON)] =
      way.map { way in
        [
          ("way", .text(way)), ("texts", .integer(written.texts)),
          ("tokens", .integer(written.tokens)), ("cut", .integer(written.cut)),
        ]
      } ?? []
    return OrderedJSON.object(
      [named, ("precision", .text(precision))] + (writing.isEmpty ? [] : [("written", .object(writing))])
        + [told, ("skipped", skippedPhotos(problems))]
    ).document
  }

  /// With the text that it belongs to, where there is one.
  private func members(_ told: PredictedExample) -> [(String, OrderedJSON)] {
    (told.text.map { [($0.name, .text($0.words))] } ?? []) + told.members
  }
}

/// Of which file, or of which photo and clip together, something is told.
public struct ToldSample {
  /// A path: the photo's, or the clip's where there is no photo.
  public let name: String
  /// Of photo and clip where these are looked at together.
  private let parts: (image: String?, audio: String?)?

  /// - Parameter place: in the collection.
  public init(_ photos: any PhotoCollection, _ place: Int) {
    name = photos.name(at: place)
    func path(_ files: any PhotoCollection) -> String? { files.isAbsent(at: place) ? nil : files.name(at: place) }
    parts = photos.clips.map { (path(photos), path($0)) }
  }

  /// For people.
  public var words: String { parts.map { [$0.image, $0.audio].compactMap(\.self).joined(separator: ", ") } ?? name }

  var members: [(String, OrderedJSON)] {
    func member(_ path: String?) -> OrderedJSON { path.map { .text($0) } ?? .null }
    return [("name", .text(name))] + (parts.map { [("image", member($0.image)), ("audio", member($0.audio))] } ?? [])
  }
}
