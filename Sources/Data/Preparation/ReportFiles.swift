internal import Files
internal import FoundationEssentials

/// The report as files: `report.json`, `report.html` and `quarantine.jsonl`, in the set or, where none was made, beside it.
struct ReportFiles {
  static let names = ["report.json", "report.html", "quarantine.jsonl"]

  let files: [(name: String, bytes: [UInt8])]

  init(_ report: PreparationReport, _ draft: Draft) throws {
    let page = ReportPage(report: report, pictures: ReportPictures(report, source: draft.material.source))
    let contents = [try report.json(), Array(page.html().utf8), try Self.quarantine(draft.problems)]
    files = Array(zip(Self.names, contents)).map { (name: $0.0, bytes: $0.1) }
  }

  /// One JSON object a line for all that was left out: reason code, photo or row, file of the source and its SHA-256, place
  /// and words.
  private static func quarantine(_ problems: [Problem]) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try problems.flatMap { Array(try encoder.encode($0)) + [0x0A] }
  }

  /// Where the report of a set is that was not made.
  static func folder(beside output: String) -> String {
    var output = output[...]
    while output.count > 1, output.last == "/" { output.removeLast() }
    return output + ".report"
  }

  /// Writes them beside the output.
  func write(beside output: String) throws -> String {
    let folder = Self.folder(beside: output)
    try makeDirectory(folder)
    for file in files { try writeAtomically(file.bytes, to: folder + "/" + file.name) }
    return folder
  }

  /// Removes what an earlier refusal left there; files of other names stay.
  static func sweep(beside output: String) {
    let folder = folder(beside: output)
    guard isDirectory(folder), let entries = try? directoryEntries(folder), Set(entries).isSubset(of: names) else {
      return
    }
    try? removeTree(folder)  // best effort: it is out of date, and no part of the set
  }
}

/// Writes the report of a refusal, and names its place in the error. Where that fails too, the error itself counts.
func leaveReport(for error: any Error, of draft: Draft, _ request: PreparationRequest) -> any Error {
  guard let refusal = error as? PreparationError, let report = refusal.report,
    let folder = try? ReportFiles(report, draft).write(beside: request.output)
  else { return error }
  return PreparationError.refused(refusal, reportIn: folder)
}
