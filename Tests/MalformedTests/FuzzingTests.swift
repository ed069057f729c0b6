import Files
import Foundation
import FuzzTargets
import TestSupport
import Testing

/// What libFuzzer begins from, and what it has found, read once more by the functions that it calls (docs/fuzzing.md).
@Suite struct FuzzingTests {
  private static func files(_ folder: String, _ target: FuzzTarget) throws -> [String] {
    let path = "\(repositoryRoot)/Tests/Fuzzing/\(folder)/\(target.rawValue)"
    return isDirectory(path) ? try directoryEntries(path).map { path + "/" + $0 } : []
  }

  /// A seed that is refused would leave libFuzzer at the door.
  @Test(arguments: FuzzTarget.allCases) func seedsAreTaken(target: FuzzTarget) throws {
    let files = try Self.files("Seeds", target)
    #expect(!files.isEmpty)
    for file in files {
      let refusal = try readFile(file).withUnsafeBytes { try target.read($0) }
      #expect(refusal == nil, "\(file): \(refusal ?? "")")
    }
  }

  /// Inputs that once crashed the program, or broke a promise.
  @Test(arguments: FuzzTarget.allCases) func findingsStayMended(target: FuzzTarget) throws {
    for file in try Self.files("Findings", target) {
      #expect(throws: Never.self, "\(file)") { try readFile(file).withUnsafeBytes { _ = try target.read($0) } }
    }
  }

  /// A few changes to each seed, the same ones every time: a look at what `launch/fuzz` does for hours.
  @Test(arguments: FuzzTarget.allCases) func damagedSeedsAreReadInOrder(target: FuzzTarget) throws {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(truncatingIfNeeded: state >> 33) % max(1, bound)
    }
    for file in try Self.files("Seeds", target) {
      let sound = try readFile(file)
      for _ in 0..<60 {
        var bytes = sound
        for _ in 0...next(4) where !bytes.isEmpty {
          let place = next(bytes.count)
          switch next(4) {
          case 0: bytes[place] = UInt8(next(256))
          case 1: bytes[place] ^= UInt8(1 << next(8))
          case 2: bytes.removeSubrange(place..<min(bytes.count, place + 1 + next(16)))
          default: bytes.insert(contentsOf: bytes[next(place)..<place].prefix(64), at: place)
          }
        }
        #expect(throws: Never.self, "\(file)") { try bytes.withUnsafeBytes { _ = try target.read($0) } }
      }
    }
  }
}
