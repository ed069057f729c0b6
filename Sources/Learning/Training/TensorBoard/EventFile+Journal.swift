package import Evaluation
package import Inference
package import Layers
package import Reporting
internal import TensorEngine

extension EventFile {
  /// Shows what a line of `metrics.jsonl` says: its numbers as curves, its words as texts, tagged by the way to them, as
  /// `step/losses/contrastive`. Members of a list are tagged by their names.
  package func write(event: String, _ members: [(String, OrderedJSON)]) {
    guard let step = members.step else { return }
    var values: [(tag: String, value: SummaryValue)] = []
    for (name, member) in members where name != "step" && name != "texts" {
      collect(member, event + "/" + name, &values)
    }
    write(step: step, values)
  }

  private func collect(_ member: OrderedJSON, _ tag: String, _ values: inout [(tag: String, value: SummaryValue)]) {
    switch member {
    case .null: break
    case .flag(let flag): values.append((tag, .scalar(flag ? 1 : 0)))
    case .integer(let number): values.append((tag, .scalar(Float(number))))
    case .float(let number): values.append((tag, .scalar(number)))
    case .number(let number): values.append((tag, .scalar(Float(number))))
    case .text(let words): values.append((tag, .text(words)))
    case .object(let members): for (name, member) in members { collect(member, tag + "/" + name, &values) }
    case .list(let items):
      for case .object(let members) in items.prefix(Self.mostOfAList) {
        guard let name = members.name else { continue }
        for (part, member) in members where part != "name" { collect(member, "\(tag)/\(name)/\(part)", &values) }
      }
    }
  }

  /// Of a list with more members, as of a thousand classes, the others stand in `metrics.jsonl` alone.
  private static let mostOfAList = 50

  /// How the weights of each array are distributed that is learnt, but for norms and biases.
  package func write(step: Int, weightsOf arena: ParameterArena) {
    for slice in arena.trainedSlices where slice.shape.count > 1 {
      let histogram = ValueHistogram(UnsafeBufferPointer(arena.weights(of: slice)))
      write(step: step, [("weights/" + slice.name.replacing(".", with: "/"), .histogram(histogram))])
    }
  }

  /// What the model has written of samples, beside people's words.
  package func write(step: Int, _ samples: some Collection<WrittenSample>) {
    guard !samples.isEmpty else { return }
    let rows = samples.map { "| \(cell($0.name)) | \(cell($0.text.words)) | \(cell($0.references.first ?? "")) |" }
    write(
      step: step, [("texts", .text((["| of | written | people's |", "|---|---|---|"] + rows).joined(separator: "\n")))])
  }

  /// The photos of samples.
  package func write(
    step: Int, photosOf samples: some Collection<WrittenSample>, _ thumbnail: (_ place: Int) -> Thumbnail?
  ) {
    for sample in samples {
      guard let small = thumbnail(sample.place) else { continue }
      write(step: step, [("photos/" + sample.name, .picture(small.jpeg, width: small.width, height: small.height))])
    }
  }

  private func cell(_ words: String) -> String {
    words.replacing("\n", with: " ").replacing("|", with: "\\|").replacing("<", with: "&lt;")
  }
}

extension [(String, OrderedJSON)] {
  fileprivate var step: Int? {
    for case ("step", .integer(let step)) in self { return step }
    return nil
  }

  fileprivate var name: String? {
    for case ("name", .text(let name)) in self { return name }
    return nil
  }
}
