internal import Files
internal import FoundationEssentials
internal import Launching
internal import Reporting
internal import TensorEngine

/// Which library computes fp32 products faster on this machine: what `MMTRAIN_PRODUCTS` says, else what was found here before,
/// else what some 50 ms of trial say, which is then remembered: two runs on one machine compute the same bits.
func fasterProducts() throws -> ProductChoice {
  if let name = environmentVariable("MMTRAIN_PRODUCTS"), !name.isEmpty {
    guard let library = ProductLibrary(rawValue: name) else { throw ProductChoiceError.unknown(name: name) }
    return ProductChoice(library)
  }
  guard let memory = ProductMemory() else { return ProductTrial().choice }
  // Where nothing can be written, nothing is remembered.
  return memory.remembered() ?? ((try? memory.measure()) ?? ProductTrial().choice)
}

/// Why a library cannot be had.
enum ProductChoiceError: ReportableError {
  case unknown(name: String)

  var description: String {
    switch self {
    case .unknown(let name):
      "MMTRAIN_PRODUCTS=\(printable(name)): the libraries are "
        + ProductLibrary.allCases.map(\.rawValue).joined(separator: ", ") + "; unset it for the faster one"
    }
  }

  var exitCode: ExitCode { .configuration }
}

/// What was found on this machine: a small file in the user's cache, one for each kind of machine, as homes are shared.
private struct ProductMemory {
  /// What the finding holds for: another processor, another library, and it is made anew.
  private let machine: String
  private let directory: String
  private var path: String { directory + "/products-\(sha256(Array(machine.utf8)).prefix(16)).json" }

  private struct Record: Codable {
    var machine: String
    var products: ProductChoice
    /// Records of before have none, and are made anew: they say nothing of convolutions.
    var version = 2
  }

  /// Nil where there is no home.
  init?() {
    func value(_ name: String) -> String? { environmentVariable(name).flatMap { $0.hasPrefix("/") ? $0 : nil } }
    guard let cache = value("XDG_CACHE_HOME") ?? value("HOME").map({ $0 + "/.cache" }) else { return nil }
    directory = cache + "/mmtrain"
    machine = [
      Machine.current().processor, BLASLibrary.loaded().map { "\($0.build), \($0.core)" } ?? "no OpenBLAS",
      "oneDNN \(ProductTrial.oneDNNVersion)", KernelLevel.best.rawValue,
    ].joined(separator: "; ")
  }

  func remembered() -> ProductChoice? {
    guard fileExists(path), let bytes = try? readFile(path, limit: 1 << 16),
      let record = try? JSONDecoder().decode(Record.self, from: Data(bytes)), record.machine == machine
    else { return nil }
    return record.products
  }

  /// Of two programs that begin at once one measures, and both remember the same.
  func measure() throws -> ProductChoice {
    try makeDirectory(directory)
    let lock = try FileLock(path + ".lock") { _ in }
    return try withExtendedLifetime(lock) {
      if let found = remembered() { return found }
      let choice = ProductTrial().choice
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      try writeAtomically(encoder.encode(Record(machine: machine, products: choice)) + [10], to: path)
      return choice
    }
  }
}
