import Files
import Foundation
import TestSupport
import Testing

/// One input that has to be refused: how it is made, the command that meets it, how the program ends, what it says.
struct MalformedCase: Sendable, CustomTestStringConvertible {
  /// The kind of input, then what is wrong with it.
  let name: String
  /// Arguments of mmtrain; `IN` stands for the folder of the inputs.
  let command: [String]
  let code: Int32
  /// A piece of the message on standard error.
  let key: String
  /// A folder that the command may write to though it fails: a run's own; nil for none.
  var owns: String?
  /// Writes the input.
  var make: @Sendable (Inputs) throws -> Void

  var testDescription: String { name }

  init(
    _ name: String, _ command: [String], _ code: Int32, _ key: String,
    _ make: @escaping @Sendable (Inputs) throws -> Void
  ) {
    (self.name, self.command, self.code, self.key, self.make) = (name, command, code, key, make)
  }
}

/// The folder that a case writes its inputs to.
struct Inputs {
  let path: String

  func callAsFunction(_ name: String) -> String { path + "/" + name }

  /// Writes a file in the place of one that may be there.
  func write(_ bytes: [UInt8], to name: String) throws {
    let path = self(name)
    try FileManager.default.createDirectory(atPath: parentDirectory(of: path), withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(filePath: path))
  }

  func write(_ text: String, to name: String) throws { try write(Array(text.utf8), to: name) }

  /// Copies a sound folder or file, to be damaged afterwards.
  func copy(_ source: String, to name: String) throws {
    try FileManager.default.copyItem(atPath: source, toPath: self(name))
  }

  /// Replaces a piece of text, which has to be there.
  func replace(_ old: String, by new: String, in name: String) throws {
    let text = String(decoding: try readFile(self(name)), as: UTF8.self)
    try #require(text.contains(old), "\(name) does not hold \(old)")
    try write(text.replacingOccurrences(of: old, with: new), to: name)
  }
}

extension MalformedCase {
  /// What came of it.
  struct Outcome {
    var status: Int32
    var output: String
    var errors: String
    /// What is on the disk afterwards and was not before, or is another than before.
    var changes: [String]
    /// The same of the folder that the command may write to.
    var ownChanges: [String]
  }

  /// Seconds until a run counts as hanging.
  static let patience = 60.0

  /// Runs the program in a folder of its own, between a sibling of the same beginning and other folders that it has no
  /// business with, all of which are compared before and after.
  func run() throws -> Outcome {
    let ground = try TemporaryDirectory()
    for name in ["in", "in-evil", "work", "home", "temporary", "said"] { try makeDirectory(ground(name)) }
    try Data("untouched".utf8).write(to: URL(filePath: ground("in-evil/file")))
    try make(Inputs(path: ground("in")))
    let before = try Tree(ground.path, except: "said")
    let process = Process()
    process.executableURL = URL(filePath: builtProgram)
    process.arguments = command.map { $0.replacingOccurrences(of: "IN", with: ground("in")) }
    process.currentDirectoryURL = URL(filePath: ground("work"))
    process.environment = [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": ground("home"),
      "TMPDIR": ground("temporary"), "SWIFT_BACKTRACE": "enable=no",
      "LD_LIBRARY_PATH": ProcessInfo.processInfo.environment["LD_LIBRARY_PATH"] ?? "",
    ]
    for name in ["output", "errors"] { try Data().write(to: URL(filePath: ground("said/" + name))) }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle(forWritingAtPath: ground("said/output"))
    process.standardError = FileHandle(forWritingAtPath: ground("said/errors"))
    try process.run()
    let deadline = Date(timeIntervalSinceNow: Self.patience)
    while process.isRunning, Date() < deadline { Thread.sleep(forTimeInterval: 0.003) }
    let hangs = process.isRunning
    if hangs { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    let errors = String(decoding: try readFile(ground("said/errors")), as: UTF8.self)
    let changes = try Tree(ground.path, except: "said").differences(from: before)
    let isOwn = { (name: String) in owns.map { name == $0 || name.hasPrefix($0 + "/") } ?? false }
    return Outcome(
      status: process.terminationStatus + (process.terminationReason == .uncaughtSignal ? 128 : 0),
      output: String(decoding: try readFile(ground("said/output")), as: UTF8.self),
      errors: hangs ? "it hangs: \(errors)" : errors,
      changes: changes.filter { !isOwn($0) }, ownChanges: changes.filter(isOwn))
  }
}

/// All that is below a folder: kinds, sizes, contents.
private struct Tree {
  private var entries: [String: String] = [:]

  init(_ root: String, except left: String) throws {
    guard let walk = FileManager.default.enumerator(atPath: root) else { return }
    for case let name as String in walk where name != left && !name.hasPrefix(left + "/") {
      let path = root + "/" + name
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      let kind = attributes[.type] as? FileAttributeType
      let content = kind == .typeRegular ? try sha256(ofFile: path) : linkTarget(path) ?? ""
      entries[name] = "\(kind?.rawValue ?? "") \(attributes[.posixPermissions] ?? "") \(content)"
    }
  }

  func differences(from other: Tree) -> [String] {
    Set(entries.keys).union(other.entries.keys).filter { entries[$0] != other.entries[$0] }.sorted()
  }
}
