extension [WrittenSample] {
  /// What a page shows of captions: those that are most like people's, and least.
  package func exhibits(showing count: Int) -> [Exhibit] {
    let scored = indices.compactMap { number -> (number: Int, score: Double)? in
      self[number].scores.map { (number, $0.cider ?? $0.rougeL) }
    }
    let name = first?.scores?.cider == nil ? "ROUGE-L" : "CIDEr-D"
    let best = scored.sorted { ($1.score, $0.number) < ($0.score, $1.number) }
    let worst = scored.sorted { ($0.score, $0.number) < ($1.score, $1.number) }.prefix(count / 2)
    let likest = best.prefix(Swift.min((count + 1) / 2, best.count - worst.count))
    let choice = { (shown: Int, which: String) in
      "Of \(scored.count) captions the \(shown) with the \(which) \(name)."
    }
    return [
      ShownSamples(
        title: "Most like what people say", choice: choice(likest.count, "highest"),
        samples: likest.map { self[$0.number].shown }),
      ShownSamples(
        title: "Least like what people say", choice: choice(worst.count, "lowest"),
        samples: worst.map { self[$0.number].shown }),
    ].filter { !$0.samples.isEmpty }.map { .samples($0) }
  }
}

extension WrittenSample {
  fileprivate var shown: ShownSample {
    var sample = ShownSample(place: place, name: name)
    (sample.written, sample.right, sample.scores) = (text, references, scores)
    return sample
  }
}
