internal import Batching

extension SampleColumns {
  /// Takes in what another row of the same file says about the photo. Where they contradict each other, the first counts.
  ///
  /// - Returns: the contradictions, in words.
  mutating func append(_ other: SampleColumns) -> [String] {
    questions += other.questions
    boxes += other.boxes
    for name in other.labels.keys.sorted() {
      for value in other.labels[name] ?? [] where !labels[name, default: []].contains(value) {
        labels[name, default: []].append(value)
      }
    }
    return appendTexts(other) + appendGroup(other)
  }

  /// Takes in what another file says about the photo. Files may overlap: what both say counts once.
  mutating func merge(_ other: SampleColumns) -> [String] {
    var rest = other
    let known = Set(questions.map { [$0.id ?? "", $0.text] })
    rest.questions.removeAll { known.contains([$0.id ?? "", $0.text]) }
    if boxes == rest.boxes { rest.boxes = [] }
    return append(rest)
  }

  private mutating func appendTexts(_ other: SampleColumns) -> [String] {
    var contradictions: [String] = []
    for name in other.texts.keys.sorted() {
      let text = other.texts[name] ?? ""
      if let known = texts[name] {
        if known != text { contradictions.append("its text \(name) comes a second time, and is another") }
      } else {
        texts[name] = text
      }
    }
    return contradictions
  }

  private mutating func appendGroup(_ other: SampleColumns) -> [String] {
    guard let second = other.group else { return [] }
    guard let first = group else {
      group = second
      return []
    }
    return first == second ? [] : ["it is of group \(first), and here of \(second)"]
  }
}
