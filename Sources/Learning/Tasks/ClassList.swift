/// The names of classes, or of answers, in the order of the logits. In a file it is transformers' `id2label`: {"0": "cat", "1": "dog"}.
package struct ClassList: Equatable, Sendable {
  package let names: [String]
  private let numbers: [String: Int]

  /// - Parameter names: each once.
  package init(_ names: [String]) {
    self.names = names
    numbers = Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
  }

  var count: Int { names.count }

  /// The number of a class; nil for one that is not among them.
  package subscript(_ name: String) -> Int? { numbers[name] }

  /// Most that are read and told apart.
  static let limit = 100_000
}

extension ClassList: Codable {
  package init(from decoder: any Decoder) throws {
    let map = try decoder.singleValueContainer().decode([String: String].self)
    guard map.count <= Self.limit else {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath, debugDescription: "it names \(map.count) classes, more than \(Self.limit)"))
    }
    var names = [String?](repeating: nil, count: map.count)
    for (key, name) in map {
      guard let number = Int(key), names.indices.contains(number), names[number] == nil else {
        throw DecodingError.dataCorrupted(
          .init(codingPath: decoder.codingPath, debugDescription: "its keys are not the numbers from 0 on, each once"))
      }
      names[number] = name
    }
    let found = names.compactMap(\.self)
    guard Set(found).count == found.count else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "it gives two numbers the same name"))
    }
    self.init(found)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(Dictionary(uniqueKeysWithValues: names.enumerated().map { ("\($0)", $1) }))
  }
}
