internal import Dispatch
internal import Files
internal import FoundationEssentials
internal import Reporting
internal import Synchronization

/// The file DONE: written when everything else of a checkpoint is on the disk, it lists every member with size and hash.
///
/// Its text is fully determined by its content, so that a changed byte anywhere in it is found.
struct CompletionMarker: Codable, Equatable {
  static let fileName = "DONE"
  static let currentFormat = 1

  var format = CompletionMarker.currentFormat
  var step: Int
  var members: [Checkpoint.Member]

  init(step: Int, members: [Checkpoint.Member]) {
    self.step = step
    self.members = members.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  /// Reads and checks the DONE of the checkpoint `directory`.
  init(readingFrom directory: String) throws {
    let path = directory + "/" + CompletionMarker.fileName
    guard fileExists(path) else { throw CheckpointError.incomplete(path: directory) }
    let bytes = try readFile(path, limit: 1 << 24)
    guard let marker = try? JSONDecoder().decode(CompletionMarker.self, from: Data(bytes)) else {
      throw CheckpointError.marker(path: directory, problem: "damaged")
    }
    guard marker.format == CompletionMarker.currentFormat else {
      throw CheckpointError.marker(
        path: directory, problem: "format \(marker.format), this mmtrain reads \(CompletionMarker.currentFormat)")
    }
    guard marker.bytes == bytes, marker.step >= 0 else {
      throw CheckpointError.marker(path: directory, problem: "damaged")
    }
    for member in marker.members where !isPlainRelativePath(member.name) {
      throw CheckpointError.marker(path: directory, problem: "the member \"\(printable(member.name))\" lies outside")
    }
    self = marker
  }

  var bytes: [UInt8] {
    let lines = members.map { member in
      "{\"name\":\(jsonString(member.name)),\"sha256\":\(jsonString(member.sha256)),\"size\":\(member.size)}"
    }
    return Array("{\"format\":\(format),\"members\":[\n\(lines.joined(separator: ",\n"))\n],\"step\":\(step)}\n".utf8)
  }

  /// Compares every member with its size, and then with its hash; members are read side by side.
  func verify(_ directory: String) throws {
    try verifySizes(directory)
    let hashes = Mutex([Result<String, any Error>?](repeating: nil, count: members.count))
    DispatchQueue.concurrentPerform(iterations: members.count) { index in
      let hash = Result { try sha256(ofFile: directory + "/" + members[index].name) }
      hashes.withLock { $0[index] = hash }
    }
    for (member, hash) in zip(members, hashes.withLock { $0 }) where try hash?.get() != member.sha256 {
      throw CheckpointError.member(
        path: directory, name: member.name, problem: "the content is not what was written (SHA-256 differs)")
    }
  }

  /// The quick half of `verify`: reads no member.
  func verifySizes(_ directory: String) throws {
    for member in members {
      let path = directory + "/" + member.name
      guard fileExists(path) else {
        throw CheckpointError.member(path: directory, name: member.name, problem: "missing")
      }
      let size = try treeSize(path)
      guard size == member.size else {
        throw CheckpointError.member(
          path: directory, name: member.name, problem: "\(size) bytes, \(member.size) were written")
      }
    }
  }
}

/// Whether a name stays below the directory it is resolved in: `a/b.json`, of letters, digits, `.`, `_` and `-`.
func isPlainRelativePath(_ name: String) -> Bool {
  let parts = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
  return name.utf8.count <= 512
    && parts.allSatisfy { part in
      !part.isEmpty && part.first != UInt8(ascii: ".")
        && part.allSatisfy { byte in
          switch byte {
          case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
          default: false
          }
        }
    }
}
