/// What an evaluation holds captions against, as it is called for people. For programs an image stands for it.
public enum EvaluatedMedium: String, Codable, Sendable {
  case image
  case audio

  /// Some, as they are counted.
  var things: String { self == .image ? "images" : "clips" }
  /// As samples of a split.
  var samples: String { self == .image ? "photos" : "clips" }
  var toText: String { "\(rawValue)→text" }
  var fromText: String { "text→\(rawValue)" }
}
