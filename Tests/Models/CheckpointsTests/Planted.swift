import Checkpoints
import Files
import TestSupport

/// The bytes of a safetensors file with the given header and a buffer of zeros.
func safetensorsBytes(header: [UInt8], buffer: Int, length: UInt64? = nil) -> [UInt8] {
  withUnsafeBytes(of: (length ?? UInt64(header.count)).littleEndian) { Array($0) } + header
    + [UInt8](repeating: 0, count: buffer)
}

/// What opening a file of these bytes throws; nil if it opens.
func openingError(_ bytes: [UInt8]) throws -> SafetensorsError? {
  let directory = try TemporaryDirectory(inMemory: true)
  try writeAtomically(bytes, to: directory("planted.safetensors"))
  do {
    _ = try SafetensorsFile(path: directory("planted.safetensors"))
    return nil
  } catch let error as SafetensorsError {
    return error
  }
}

func openingError(_ header: String, buffer: Int = 0) throws -> SafetensorsError? {
  try openingError(safetensorsBytes(header: Array(header.utf8), buffer: buffer))
}
