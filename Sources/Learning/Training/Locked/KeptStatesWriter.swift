internal import Files
internal import Foundation
internal import Models
internal import TensorEngine

/// What one rank makes of a chunk of a split, as it travels to who writes it.
struct StatesChunk {
  /// The segments' rows.
  var states: [UInt8] = []
  var lengths: [Int] = []
  var pooledRows: [Int] = []
  /// Of each photo.
  var segmentCounts: [Int] = []
  /// W, and the bytes of an element; 0 where there are no rows.
  var form = [0, 0]

  init() {}

  init(_ encoding: Encoding, segmentCounts: [Int]) {
    let tensor = encoding.states
    states = withExtendedLifetime(tensor) {
      Array(UnsafeRawBufferPointer(start: tensor.bytes, count: tensor.byteCount))
    }
    lengths = zip(encoding.offsets, encoding.offsets.dropFirst()).map { $1 - $0 }
    pooledRows = encoding.relativePooledRows
    self.segmentCounts = segmentCounts
    if tensor.rows > 0 { form = [tensor.columns, tensor.elementType.byteCount] }
  }
}

/// Writes the states of a split, chunk after chunk, into a directory that is there whole or not at all.
struct KeptStatesWriter {
  private let staging: StagingDirectory
  private var states: FileWriter
  private let digest = StreamingSHA256()
  private var offsets: [Int64] = [0]
  private var pooledRows: [Int64] = []
  private var starts: [Int64] = [0]
  private var form = [1, 4]

  init(for path: String) throws {
    try makeDirectory(parentDirectory(of: path))
    if entryExists(path) { try discardTree(path) }
    staging = try StagingDirectory(for: path)
    do {
      states = try FileWriter(creating: staging.path + "/states.bin")
    } catch {
      staging.abandon()
      throw error
    }
  }

  mutating func append(_ chunk: StatesChunk) throws {
    try chunk.states.withUnsafeBytes {
      try states.write($0)
      digest.update($0)
    }
    for length in chunk.lengths { offsets.append(offsets[offsets.count - 1] + Int64(length)) }
    pooledRows += chunk.pooledRows.map { Int64($0) }
    for count in chunk.segmentCounts { starts.append(starts[starts.count - 1] + Int64(count)) }
    if chunk.form[0] > 0 { form = chunk.form }
  }

  mutating func finish(key: String, seconds: Double) throws {
    try states.finish(isDurable: false)
    let index = (offsets + pooledRows + starts).withUnsafeBytes { Array($0) }
    try writeMember("index.bin", index)
    let about = KeptStates.About(
      key: key, samples: starts.count - 1, segments: offsets.count - 1, rows: Int(offsets[offsets.count - 1]),
      width: form[0], elementBytes: form[1], seconds: seconds, statesSHA256: digest.finish(),
      indexSHA256: sha256(index))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try writeMember("about.json", Array(encoder.encode(about)) + [10])
    try staging.commit()
  }

  mutating func abandon() {
    states.abandon()
    staging.abandon()
  }

  private func writeMember(_ name: String, _ bytes: [UInt8]) throws {
    var writer = try FileWriter(creating: staging.path + "/" + name)
    do {
      try writer.write(bytes)
      try writer.finish(isDurable: false)
    } catch {
      writer.abandon()
      throw error
    }
  }
}
