internal import Files
internal import Foundation
internal import Models
internal import TensorEngine

/// The states that a locked tower has made of a split, in a directory of their own, mapped into memory: `states.bin` has the
/// rows of all segments (photos, or captions), `index.bin` where each begins, `about.json` what they are states of.
///
/// Nothing is believed before it was checked: lengths against each other and the files' sizes, every byte against a digest.
final class KeptStates {
  let about: About
  /// Segments read so far.
  private(set) var reads = 0
  private let states: MappedFile
  private let index: MappedFile

  struct About: Codable, Equatable {
    /// The version of this layout.
    var format = 1
    /// Of everything that decides the states.
    var key: String
    /// Photos of the split.
    var samples: Int
    /// Photos, or captions.
    var segments: Int
    var rows: Int
    var width: Int
    /// Of an element: 4, or 2 for bfloat16.
    var elementBytes: Int
    /// That all ranks took to compute them.
    var seconds: Double
    var statesSHA256: String
    var indexSHA256: String

    /// Bytes of `states.bin` and `index.bin`; nil for numbers that cannot be.
    var byteCounts: (states: Int, index: Int)? {
      let limit = 1 << 40
      guard format == 1, (0...limit).contains(samples), (0...limit).contains(segments), (0...limit).contains(rows),
        (1...1 << 20).contains(width), [2, 4].contains(elementBytes)
      else { return nil }
      let (count, overflows) = rows.multipliedReportingOverflow(by: width * elementBytes)
      return overflows ? nil : (count, 8 * (3 * segments + 1 + samples + 1))
    }
  }

  /// - Parameter checksDigests: false where another rank of the node has looked at every byte.
  /// - Throws: `Problem`; `FileError`.
  init(at path: String, key: String, checksDigests: Bool) throws {
    guard isDirectory(path) else { throw Problem.missing }
    let json = try readFile(path + "/about.json", limit: 1 << 16)
    guard let about = try? JSONDecoder().decode(About.self, from: Data(json)) else { throw Problem.damaged }
    guard about.format == 1, about.key == key else { throw Problem.stale }
    (states, index) = (try MappedFile(path + "/states.bin"), try MappedFile(path + "/index.bin"))
    guard let counts = about.byteCounts, states.bytes.count == counts.states, index.bytes.count == counts.index else {
      throw Problem.damaged
    }
    self.about = about
    if checksDigests {
      guard sha256(index.bytes) == about.indexSHA256, sha256(states.bytes) == about.statesSHA256 else {
        throw Problem.damaged
      }
    }
    guard hasSoundIndex else { throw Problem.damaged }
  }

  /// Why kept states are not used.
  enum Problem: Int64, Error {
    case missing = 1
    case stale, damaged, different
  }

  // MARK: The index: offsets of segments in rows, their pooled rows, the first segment of each photo

  private func number(_ place: Int) -> Int {
    Int(index.bytes.loadUnaligned(fromByteOffset: 8 * place, as: Int64.self))
  }
  private func offset(_ segment: Int) -> Int { number(segment) }
  private func pooledRow(_ place: Int) -> Int { number(about.segments + 1 + place) }
  private func firstSegment(_ sample: Int) -> Int { number(3 * about.segments + 1 + sample) }

  private var hasSoundIndex: Bool {
    let ends = offset(0) == 0 && offset(about.segments) == about.rows
    let photos = firstSegment(0) == 0 && firstSegment(about.samples) == about.segments
    let segments = (0..<about.segments).allSatisfy {
      let length = offset($0 + 1) - offset($0)
      return offset($0 + 1) <= about.rows && 0 <= pooledRow(2 * $0) && pooledRow(2 * $0) < pooledRow(2 * $0 + 1)
        && pooledRow(2 * $0 + 1) <= length
    }
    return ends && photos && segments
      && (0..<about.samples).allSatisfy { (0...firstSegment($0 + 1)).contains(firstSegment($0)) }
  }

  // MARK: Reading

  /// The segments of a photo: itself, or its captions.
  func segments(of samples: Range<Int>) -> Range<Int> {
    firstSegment(samples.lowerBound)..<firstSegment(samples.upperBound)
  }

  /// A copy of the states of some segments, in the order given.
  func encoding(_ segments: some Collection<Int>, _ engine: Engine) -> Encoding {
    reads += segments.count
    let rowBytes = about.width * about.elementBytes
    let offsets = segments.reduce(into: [0]) { $0.append($0[$0.count - 1] + offset($1 + 1) - offset($1)) }
    let made = engine.tensor(
      [offsets[offsets.count - 1], about.width], about.elementBytes == 2 ? .bfloat16 : .float32)
    let target = UnsafeMutableRawBufferPointer(start: made.bytes, count: made.byteCount)
    for (start, segment) in zip(offsets, segments) {
      let rows = states.bytes[offset(segment) * rowBytes..<offset(segment + 1) * rowBytes]
      target[(start * rowBytes)...].copyBytes(from: rows)
    }
    return Encoding(
      states: made, offsets: offsets,
      relativePooledRows: segments.flatMap { [pooledRow(2 * $0), pooledRow(2 * $0 + 1)] })
  }
}
