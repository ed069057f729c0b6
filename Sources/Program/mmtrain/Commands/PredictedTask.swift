internal import Inference
internal import Reporting
internal import Training

/// What `mmtrain predict` prints of a model whose task has a head of its own.
struct PredictedTask {
  let predicted: PredictedExamples
  /// Of the photos that were looked at.
  let images: [String]
  let texts: [String]
  let model: String
  let precision: String

  // MARK: For machines

  var document: String {
    let photos = zip(images, predicted.told).map { name, told in
      OrderedJSON.object([("name", .text(name)), ("predictions", .list(list(told)))])
    }
    let told =
      images.isEmpty ? ("predictions", OrderedJSON.list(predicted.told.flatMap(list))) : ("images", .list(photos))
    return OrderedJSON.object([
      ("model", .text(model)), ("precision", .text(precision)), told, ("skipped", skippedPhotos(predicted.problems)),
    ]).document
  }

  /// With the text that each belongs to, where there are texts.
  private func list(_ told: [PredictedExample]) -> [OrderedJSON] {
    told.enumerated().map { place, told in
      .object((texts.isEmpty ? [] : [("text", .text(texts[place]))]) + told.members)
    }
  }

  // MARK: For people

  var table: String {
    images.isEmpty
      ? predicted.told.map { lines($0, indent: "") }.joined()
      : zip(images, predicted.told).map { printable($0) + "\n" + lines($1, indent: "  ") }.joined()
  }

  private func lines(_ told: [PredictedExample], indent: String) -> String {
    told.enumerated().map { place, told in
      (texts.isEmpty ? "" : indent + printable(texts[place]) + "\n")
        + told.lines.map { indent + $0 + "\n" }.joined()
    }.joined()
  }
}
