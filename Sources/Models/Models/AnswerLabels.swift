internal import Settings

// The labels of a classifier, as transformers keeps them: `id2label` {"0": "yes", …}, and `label2id` the other way round.

/// A description of a model that may have a head for answers, which its `config.json` may name.
public protocol AnsweringDescription: ModelDescription {
  /// A: logits of the head; nil where there is none.
  var answerCount: Int? { get }
  /// Of classes, as `config.json` names them, whether or not there is a head for them; nil where it names none.
  var labels: [String]? { get }
  /// What the answers are called, in the order of the logits; nil where it has no head for them, or nobody says.
  var answers: [String]? { get }
}

extension AnsweringDescription {
  public var answers: [String]? { answerCount == nil ? nil : labels }

  /// Why the labels are not the head's.
  var answersFlaw: String? {
    guard let answerCount, let answers, answers.count != answerCount else { return nil }
    return "id2label names \(answers.count) answers, and the head for them has \(answerCount)"
  }
}

// MARK: Names in config.json

/// The keys of labels.
enum LabelKey: String, CodingKey, CaseIterable {
  case labels = "id2label"
  case numbers = "label2id"
}

extension AnsweringDescription {
  /// Beside what else a description writes into the same object.
  func encodeLabels(to encoder: any Encoder) throws { try Models.encodeLabels(labels, to: encoder) }
}

/// Beside what else a description writes into the same object; nothing where nobody has named the classes.
func encodeLabels(_ labels: [String]?, to encoder: any Encoder) throws {
  guard let labels else { return }
  let numbered = labels.enumerated()
  var keys = encoder.container(keyedBy: LabelKey.self)
  try keys.encode(Dictionary(uniqueKeysWithValues: numbered.map { ("\($0)", $1) }), forKey: .labels)
  // Of equal labels the last counts, as in Python.
  try keys.encode(Dictionary(numbered.map { ($1, $0) }) { _, last in last }, forKey: .numbers)
}

extension Settings {
  /// The labels of `id2label`, in the order of their numbers; nil where it is not there.
  /// - Throws: `SettingsError` where they are not the numbers from 0 on, each once, or `label2id` says otherwise.
  func labels() throws(SettingsError) -> [String]? {
    guard let map = try group(LabelKey.labels.rawValue) else { return nil }
    var labels = [String?](repeating: nil, count: map.keys.count)
    for key in map.keys {
      guard let number = Int(key), labels.indices.contains(number), labels[number] == nil else {
        throw map.unsupported(key, wanted: "the numbers from 0 to \(labels.count - 1), each once, as keys")
      }
      labels[number] = try map.required(map.text(key), key)
    }
    let found = labels.compactMap(\.self)
    guard let numbers = try group(LabelKey.numbers.rawValue) else { return found }
    for label in numbers.keys {
      guard let number = try numbers.whole(label), found.indices.contains(number), found[number] == label else {
        throw numbers.unsupported(label, wanted: "the numbers that id2label gives them")
      }
    }
    return found
  }
}
