/// `index.tsv`: a heading, then a line of ten tab-separated fields for each sample, splits in the order of the manifest.
/// Nothing in it is believed before it has been checked against the manifest and the shards' sizes.
enum IndexFile {
  static let name = "index.tsv"
  static let heading =
    "key\tsplit\tshard\timage_offset\timage_bytes\trecord_offset\trecord_bytes\twidth\theight\timage_sha256"
  /// A record of captions, questions and boxes; a longer one is a damaged index.
  static let maximumRecordBytes = 16 << 20
  static let maximumSide = 65_535

  static func line(_ sample: SampleReference, split: String) -> String {
    let numbers = [
      sample.shard, sample.imageOffset, sample.imageBytes, sample.recordOffset, sample.recordBytes, sample.width,
      sample.height,
    ]
    return ([sample.key, split] + numbers.map { String($0) } + [hexadecimal(sample.imageIdentity)])
      .joined(separator: "\t") + "\n"
  }

  /// The samples of each split, in the manifest's order. - Parameter path: for messages.
  static func parse(
    _ bytes: UnsafeRawBufferPointer, manifest: DataSetManifest, path: String
  ) throws(BatchingError) -> [[SampleReference]] {
    var lines = LineReader(bytes)
    guard let first = lines.next(), first.elementsEqual(heading.utf8) else {
      throw .line(path: path, number: 1, reason: "the heading is not that of an index")
    }
    var keys = Set<String>()
    var perShard = [Int](repeating: 0, count: manifest.shards.count)
    var splits: [[SampleReference]] = []
    for split in manifest.splits {
      var samples: [SampleReference] = []
      while samples.count < split.samples {
        guard let line = lines.next() else {
          throw .line(path: path, number: lines.number + 1, reason: "the index ends before split \(split.name) does")
        }
        let sample: SampleReference
        do {
          sample = try Self.sample(line, split: split.name, shards: manifest.shards)
        } catch {
          throw .line(path: path, number: lines.number, reason: error.reason)
        }
        guard sample.hasPhoto || manifest.version > 2 else {
          throw .line(
            path: path, number: lines.number, reason: "a sample without a photo in version \(manifest.version)")
        }
        guard keys.insert(sample.key).inserted else {
          throw .line(path: path, number: lines.number, reason: "key \(sample.key) occurs a second time")
        }
        perShard[sample.shard] += 1
        samples.append(sample)
      }
      splits.append(samples)
    }
    guard lines.next() == nil, lines.isComplete else {
      throw .line(path: path, number: lines.number, reason: "more lines than samples, or the last line is cut")
    }
    for (shard, count) in zip(manifest.shards, perShard) where shard.samples != count {
      throw .manifest(path: path, reason: "\(shard.file) has \(shard.samples) samples, the index lists \(count)")
    }
    return splits
  }

  private struct Fault: Error { var reason: String }

  private static func sample(
    _ line: UnsafeRawBufferPointer.SubSequence, split: String, shards: [DataSetManifest.Shard]
  ) throws(Fault) -> SampleReference {
    let fields = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
    guard fields.count == 10 else { throw Fault(reason: "\(fields.count) fields instead of 10") }
    let key = String(decoding: fields[0], as: UTF8.self)
    guard SampleKey.isValid(key) else { throw Fault(reason: "key \"\(printableName(key))\" is not valid") }
    guard fields[1].elementsEqual(split.utf8) else { throw Fault(reason: "the split is not \(split)") }
    var numbers: [Int] = []
    for field in fields[2..<9] {
      guard let number = decimal(field) else { throw Fault(reason: "field \(numbers.count + 3) is no number") }
      numbers.append(number)
    }
    guard let identity = identity(fields[9]) else { throw Fault(reason: "the hash is not 16 hexadecimal digits") }
    let sample = SampleReference(
      key: key, shard: numbers[0], imageOffset: numbers[1], imageBytes: numbers[2], recordOffset: numbers[3],
      recordBytes: numbers[4], width: numbers[5], height: numbers[6], imageIdentity: identity)
    if let reason = fault(sample, split: split, shards: shards) { throw Fault(reason: reason) }
    return sample
  }

  /// What is wrong with a sample, seen from its shard. Numbers have at most 15 digits, so no sum overflows.
  private static func fault(_ sample: SampleReference, split: String, shards: [DataSetManifest.Shard]) -> String? {
    guard sample.shard < shards.count else { return "there is no shard \(sample.shard)" }
    let shard = shards[sample.shard]
    guard shard.split == split else { return "\(shard.file) belongs to split \(shard.split)" }
    guard sample.imageOffset + sample.imageBytes <= shard.bytes else { return "the image lies outside \(shard.file)" }
    guard (1...maximumRecordBytes).contains(sample.recordBytes),
      sample.recordOffset + sample.recordBytes <= shard.bytes
    else { return "the record lies outside \(shard.file)" }
    let sides = sample.hasPhoto ? 1...maximumSide : 0...0
    guard sides.contains(sample.width), sides.contains(sample.height) else {
      return "a photo of \(sample.width)×\(sample.height) pixels in \(sample.imageBytes) bytes"
    }
    return nil
  }
}

/// A decimal number of 1 to 15 digits, nothing else.
func decimal(_ digits: some Collection<UInt8>) -> Int? {
  guard (1...15).contains(digits.count), digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
  return digits.reduce(0) { $0 * 10 + Int($1 - 48) }
}

/// 64 bits as 16 lower-case hexadecimal digits.
func hexadecimal(_ value: UInt64) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}

/// Exactly 16 lower-case hexadecimal digits as 64 bits.
func identity(_ digits: some Collection<UInt8>) -> UInt64? {
  guard digits.count == 16 else { return nil }
  var value: UInt64 = 0
  for digit in digits {
    switch digit {
    case 48...57: value = value << 4 | UInt64(digit - 48)
    case 97...102: value = value << 4 | UInt64(digit - 87)
    default: return nil
    }
  }
  return value
}

/// Lines that end in a line feed; `isComplete` tells whether the last one did.
struct LineReader {
  private var rest: UnsafeRawBufferPointer.SubSequence
  /// The number of the line that was read last, counted from 1.
  private(set) var number = 0
  private(set) var isComplete = true

  init(_ bytes: UnsafeRawBufferPointer) { rest = bytes[...] }

  mutating func next() -> UnsafeRawBufferPointer.SubSequence? {
    guard !rest.isEmpty else { return nil }
    number += 1
    guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
      isComplete = false
      defer { rest = rest[rest.endIndex...] }
      return rest
    }
    defer { rest = rest[(end + 1)...] }
    return rest[..<end]
  }
}
