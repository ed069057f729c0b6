internal import Reporting

/// Sorts what comes out of mpirun's standard error. What ranks say, and what mpirun says of its own, is passed on as it
/// comes. Its banners about how the ranks ended are kept back: their facts are taken from them, and one line tells them.
package struct MPIRunOutput {
  package private(set) var endings: [RankEnding] = []
  /// What a message of mpirun's means that was passed on, in other words.
  package private(set) var explanation: String?
  /// The first line by which a rank, or this program under mpirun, says why it ends.
  package private(set) var firstError: String?
  /// By what ssh, or a program in its place, says that a machine cannot be reached.
  package private(set) var unreachable: String?
  /// Whether others complained after the first error, so that it is no longer what a person sees last.
  package private(set) var firstErrorIsBuried = false

  private var line: [UInt8] = []
  /// A part of this line was passed on already, so that it is no place for a banner to begin.
  private var isWithinLine = false
  /// The lines of a banner whose end has not come yet.
  private var banner: [[UInt8]] = []
  private var wasAboutAbort = false

  private static let longestLine = 1 << 16
  private static let longestBanner = 100

  package init() {}

  /// - Returns: what is to be passed on now.
  package mutating func take(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    var passed: [UInt8] = []
    for byte in bytes {
      line.append(byte)
      if byte == UInt8(ascii: "\n") {
        passed += endLine()
      } else if line.count >= Self.longestLine {
        passed += releaseLine()
      }
    }
    return passed
  }

  /// What stands there without an end, after so many seconds in which nothing came: half a line of a rank is shown, and
  /// what began like a banner, and does not go on like one, was none.
  package mutating func idle(seconds: Double) -> [UInt8] {
    if !banner.isEmpty { return seconds >= 1 ? releaseBanner() + releaseLine() : [] }
    return seconds >= 0.1 && !isRule(line, mayGoOn: true) ? releaseLine() : []
  }

  /// The rest, when nothing more will come.
  package mutating func finish() -> [UInt8] { releaseBanner() + releaseLine() }

  private mutating func endLine() -> [UInt8] {
    defer { (line, isWithinLine) = ([], false) }
    if isWithinLine { return line }
    if isRule(line, mayGoOn: false) {
      banner.append(line)
      return banner.count == 1 ? [] : endBanner()
    }
    guard banner.isEmpty else {
      banner.append(line)
      return banner.count > Self.longestBanner ? releaseBanner() : []
    }
    return isAboutBanners(line) ? [] : noted(line)
  }

  private mutating func endBanner() -> [UInt8] {
    let text = String(decoding: banner.joined(), as: UTF8.self)
    let words = text.split { $0 == " " || $0 == "\n" }.joined(separator: " ")
    if let ending = RankEnding(words) {
      endings.append(ending)
      if case .lostHost = ending { return releaseBanner() }
      wasAboutAbort = true
      banner = []
      return []
    }
    if words.contains("Primary job terminated normally, but") {
      banner = []
      return []
    }
    if let meaning = meaning(ofMPIRun: text) { explanation = explanation ?? meaning }
    return releaseBanner()
  }

  private mutating func releaseBanner() -> [UInt8] {
    defer { banner = [] }
    return Array(banner.joined())
  }

  private mutating func releaseLine() -> [UInt8] {
    guard !line.isEmpty else { return [] }
    defer { line = [] }
    isWithinLine = true
    return line
  }

  /// mpirun counts the banners that it did not repeat, and complains where a rank was gone before its banner was whole.
  private func isAboutBanners(_ line: [UInt8]) -> Bool {
    guard line.first == UInt8(ascii: "[") else { return false }
    let text = String(decoding: line, as: UTF8.self)
    if text.contains("ORTE_ERROR_LOG"), text.contains("/util/show_help.c ") { return true }
    return wasAboutAbort
      && (text.contains("help-mpi-api.txt / mpi-abort") || text.contains("\"orte_base_help_aggregate\" to 0"))
  }

  /// The exit code of the first rank that ended badly, as far as it was told; nil elsewhere.
  package var namedCode: Int32? {
    for ending in endings {
      switch ending {
      case .signal(_, _, let number): return 128 + number
      case .exit(_, let code), .aborted(_, let code): return code
      case .lostHost: continue
      }
    }
    return firstError?.contains("; ending the run. ") == true ? ExitCode.hang.rawValue : nil
  }

  private mutating func noted(_ line: [UInt8]) -> [UInt8] {
    if unreachable == nil, isAboutReach(line) {
      unreachable = String(String(decoding: line, as: UTF8.self).prefix { !$0.isNewline })
    }
    if firstError != nil {
      let signs = ["error: ", "warning: ", "["]
      firstErrorIsBuried = firstErrorIsBuried || signs.contains { line.starts(with: $0.utf8) }
    } else if line.starts(with: "error: ".utf8) {
      firstError = String(decoding: line.dropLast(), as: UTF8.self)
    }
    return line
  }
}

/// Whether ssh says in this line that it did not get to a machine.
private func isAboutReach(_ line: [UInt8]) -> Bool {
  let text = String(decoding: line.prefix(1000), as: UTF8.self)
  let beginnings = ["ssh: ", "kex_exchange_identification: ", "Connection closed by ", "Host key verification failed"]
  return beginnings.contains { text.hasPrefix($0) } || text.contains(": Permission denied (")
}

/// A line of dashes, as they stand around mpirun's messages; with `mayGoOn`, the beginning of one.
private func isRule(_ line: [UInt8], mayGoOn: Bool) -> Bool {
  let dashes = line.last == UInt8(ascii: "\n") ? line.dropLast() : line[...]
  return dashes.allSatisfy { $0 == UInt8(ascii: "-") } && (mayGoOn ? !dashes.isEmpty : dashes.count >= 70)
}
