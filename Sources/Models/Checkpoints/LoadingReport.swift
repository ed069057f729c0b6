internal import Reporting

/// How the tensors that a model needs compare with those of a file; all lists keep the order of the model or the file.
public struct LoadingReport: Codable, Equatable, Sendable, CustomStringConvertible {
  /// A tensor that is there with another shape.
  public struct Mismatch: Codable, Equatable, Sendable {
    /// The key of the tensor.
    public var name: String
    /// The shape that the model needs.
    public var expected: [Int]
    /// The shape in the file.
    public var found: [Int]

    public init(name: String, expected: [Int], found: [Int]) {
      (self.name, self.expected, self.found) = (name, expected, found)
    }
  }

  /// A tensor that is not there, and the left-over one that it may be.
  public struct Missing: Codable, Equatable, Sendable {
    /// The key that the model needs.
    public var name: String
    /// Looked for among the first ten only.
    public var nearest: String?

    public init(name: String, nearest: String?) { (self.name, self.nearest) = (name, nearest) }
  }

  /// A tensor that a parameter was filled from.
  public struct Loaded: Codable, Equatable, Sendable {
    /// The parameter.
    public var name: String
    /// The key in the file.
    public var key: String
    /// What was done beside copying: "transposed", "rows 512 ..< 1024 of 1536"; nil for nothing.
    public var change: String?

    public init(name: String, key: String, change: String?) { (self.name, self.key, self.change) = (name, key, change) }
  }

  /// In the order of the model.
  public var loaded: [Loaded] = []
  /// In the file, and known to be of no use, for example stored position numbers.
  public var unused: [String] = []
  /// Needed, but not in the file.
  public var missing: [Missing]
  /// In the file, but not needed.
  public var unexpected: [String]
  /// In the file with another shape.
  public var mismatched: [Mismatch]
  /// What every needed name would have to start with to be found, for example `module.`; nil if nothing fits.
  public var prefix: String?
  /// Loaded, but with values that are NaN or infinite.
  public var notFinite: [String] = []
  /// What was done to all of it, as a sentence; nil where it is as it came.
  public var note: String?
  /// Which part of a model these are of, and where they come from, in words; nil for a whole model.
  public var part: String?
  /// What the file seems to hold instead, as a sentence; nil where it is the model, or nobody knows.
  public var likely: String?

  public init(loaded: [Loaded], unused: [String], missing: [Missing], unexpected: [String], mismatched: [Mismatch]) {
    (self.loaded, self.unused) = (loaded, unused)
    (self.missing, self.unexpected, self.mismatched) = (missing, unexpected, mismatched)
    prefix = commonPrefix(missing.map(\.name), unexpected)
  }

  /// `398 parameters from 302 tensors, 2 transposed, 2 unused`, behind the name of a part.
  public var summary: String {
    let keys = Set(loaded.map { Array($0.key.utf8) }).count
    let transposed = loaded.count { $0.change == LoadingReport.transposed }
    let parts =
      ["\(loaded.count) parameters from \(keys) tensors"]
      + [
        ("transposed", transposed), ("unused", unused.count), ("missing", missing.count),
        ("unexpected", unexpected.count),
      ]
      .filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }
    return (part.map { $0 + ": " } ?? "") + parts.joined(separator: ", ")
  }

  /// The change of a matrix whose file holds its transpose.
  public static let transposed = "transposed"

  /// Whether the file fits the model exactly.
  public var isExact: Bool { missing.isEmpty && unexpected.isEmpty && mismatched.isEmpty }

  /// The first ten of each kind, one a line.
  public var description: String {
    var lines: [String] = []
    append("missing", missing, to: &lines) { item in
      printable(item.name) + (item.nearest.map { " (did you mean \(printable($0))?)" } ?? "")
    }
    append("unexpected", unexpected, to: &lines) { printable($0) }
    append("of another shape", mismatched, to: &lines) {
      "\(printable($0.name)): \($0.expected) needed, \($0.found) found"
    }
    if let prefix {
      lines.append("every name in the file starts with \"\(printable(prefix))\": is it a wrapped model?")
    }
    if let likely { lines.append(likely) }
    return lines.isEmpty ? "all tensors fit" : lines.joined(separator: "\n  ")
  }
}

private func append<Item>(_ kind: String, _ items: [Item], to lines: inout [String], _ show: (Item) -> String) {
  guard !items.isEmpty else { return }
  lines.append("\(items.count) \(kind):")
  lines += items.prefix(10).map { "  " + show($0) }
  if items.count > 10 { lines.append("  … and \(items.count - 10) more") }
}

extension SafetensorsFile {
  /// Compares the tensors that a model needs with those of this file.
  ///
  /// - Parameters:
  ///   - expected: names and shapes, in the model's order.
  ///   - ignored: names that may be in the file without being needed, for example stored position numbers.
  public func report(
    for expected: [(name: String, shape: [Int])], ignoring ignored: [String] = []
  ) -> LoadingReport {
    let needed = Set((expected.map(\.name) + ignored).map { Array($0.utf8) })
    let unexpected = entries.map(\.name).filter { !needed.contains(Array($0.utf8)) }
    var missing: [LoadingReport.Missing] = []
    var mismatched: [LoadingReport.Mismatch] = []
    for (name, shape) in expected {
      guard let entry = entry(named: name) else {
        let candidate = missing.count < 10 ? nearest(to: name, among: unexpected) : nil
        missing.append(LoadingReport.Missing(name: name, nearest: candidate))
        continue
      }
      if entry.shape != shape {
        mismatched.append(LoadingReport.Mismatch(name: name, expected: shape, found: entry.shape))
      }
    }
    return LoadingReport(
      loaded: [], unused: [], missing: missing, unexpected: unexpected, mismatched: mismatched)
  }

  /// Throws `CheckpointError.mismatch` unless the file holds exactly what is needed.
  public func requireExactly(
    _ expected: [(name: String, shape: [Int])], ignoring ignored: [String] = []
  ) throws {
    let report = report(for: expected, ignoring: ignored)
    if !report.isExact { throw CheckpointError.mismatch(path: path, report: report) }
  }
}

/// What stands before every missing name in the file, as `module.` does after wrapped training.
private func commonPrefix(_ missing: [String], _ unexpected: [String]) -> String? {
  guard let first = missing.first,
    let wrapped = unexpected.first(where: { $0.utf8.count > first.utf8.count && $0.hasSuffix("." + first) })
  else { return nil }
  let prefix = String(wrapped.dropLast(first.count))
  let present = Set(unexpected)
  return missing.allSatisfy { present.contains(prefix + $0) } ? prefix : nil
}
