internal import Settings

// The labels of a classifier, as transformers keeps them: `id2label` {"0": "yes", …}, and `label2id` the other way round.

/// `id2label`, to be written.
struct LabelMap: Encodable {
  private let labels: [String]

  init(_ labels: [String]) { self.labels = labels }

  /// `label2id`; of equal labels the last counts, as in Python.
  var numbers: [String: Int] {
    Dictionary(labels.enumerated().map { ($1, $0) }) { _, last in last }
  }

  func encode(to encoder: any Encoder) throws {
    try Dictionary(uniqueKeysWithValues: labels.enumerated().map { ("\($0)", $1) }).encode(to: encoder)
  }
}

extension Settings {
  /// The labels of `id2label`, in the order of their numbers; nil where it is not there.
  /// - Throws: `SettingsError` where they are not the numbers from 0 on, each once, or `label2id` says otherwise.
  func labels() throws(SettingsError) -> [String]? {
    guard let map = try group("id2label") else { return nil }
    var labels = [String?](repeating: nil, count: map.keys.count)
    for key in map.keys {
      guard let number = Int(key), labels.indices.contains(number), labels[number] == nil else {
        throw map.unsupported(key, wanted: "the numbers from 0 to \(labels.count - 1), each once, as keys")
      }
      labels[number] = try map.required(map.text(key), key)
    }
    let found = labels.compactMap(\.self)
    guard let numbers = try group("label2id") else { return found }
    for label in numbers.keys {
      guard let number = try numbers.whole(label), found.indices.contains(number), found[number] == label else {
        throw numbers.unsupported(label, wanted: "the numbers that id2label gives them")
      }
    }
    return found
  }
}
