internal import Files
internal import FoundationEssentials
internal import Reporting

extension Calibration {
  /// Beside the weights.
  public static let fileName = "calibration.json"

  /// Writes it into a model's directory, whole or not at all.
  public func write(intoModelIn directory: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    try writeAtomically(Array(encoder.encode(self)) + [UInt8(ascii: "\n")], to: directory + "/" + Self.fileName)
  }

  /// That of a model's directory; nil where there is none.
  /// - Throws: `CalibrationFailure` where it cannot be read, or was made for other weights or other classes.
  public static func of(modelIn directory: String, classes: [String]) throws -> Calibration? {
    let path = directory + "/" + fileName
    guard fileExists(path) else { return nil }
    let json = Data(try readFile(path, limit: 64 << 20))
    let calibration: Calibration
    do {
      calibration = try JSONDecoder().decode(Calibration.self, from: json)
    } catch {
      throw CalibrationFailure.unreadable(path: path, reason: "it is no calibration (\(printable("\(error)")))")
    }
    if let flaw = calibration.flaw { throw CalibrationFailure.unreadable(path: path, reason: flaw) }
    let found = try weightsHash(ofModelIn: directory)
    guard calibration.weights == found else {
      throw CalibrationFailure.otherWeights(path: path, made: printable(calibration.weights), found: found)
    }
    guard calibration.classes == classes else { throw CalibrationFailure.otherClasses(path: path) }
    return calibration
  }

  /// What makes it unusable whoever's it is; nil where nothing does.
  private var flaw: String? {
    guard version == Self.version else { return "it is of version \(version), and this mmtrain reads \(Self.version)" }
    guard temperature.value.isFinite, temperature.value > 0 else {
      return "a temperature of \(temperature.value) is none"
    }
    for (name, share) in [("risk", refusal.risk), ("doubt", refusal.doubt), ("miss", sets?.miss ?? 0.5)]
    where !(share > 0 && share < 1) {
      return "\(name) is \(share), and has to be between 0 and 1"
    }
    if let sets, sets.quantileOfClass.count != classes.count { return "it has not a quantile for each class" }
    return nil
  }

  /// A hash of all that decides what a model says: its weights, its shape, its tokenizer, how its pictures are made, its task. What
  /// describes it (a model card) and this file are left out.
  public static func weightsHash(ofModelIn directory: String) throws -> String {
    let names = try directoryEntries(directory).filter { name in
      [".safetensors", ".json", ".txt"].contains { name.hasSuffix($0) } && name != fileName
    }
    let lines = try names.sorted().map { "\($0) \(try sha256(ofFile: directory + "/" + $0))\n" }
    return sha256(Array(lines.joined().utf8))
  }
}
