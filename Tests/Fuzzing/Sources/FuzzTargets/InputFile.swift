internal import Files
internal import Foundation

/// The input as a file, for parsers that map one: in memory where there is a place for such files.
func withFile<Result>(_ bytes: UnsafeRawBufferPointer, _ body: (_ path: String) throws -> Result) throws -> Result {
  try withDirectory { directory in
    let path = directory + "/input"
    try write(bytes, to: path)
    return try body(path)
  }
}

/// An empty directory that is gone afterwards.
func withDirectory<Result>(_ body: (_ path: String) throws -> Result) throws -> Result {
  let parent = isDirectory("/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
  let path = "\(parent)/mmtrain-fuzz-\(getpid())-\(UInt64.random(in: 0 ... .max))"
  guard mkdir(path, 0o700) == 0 else { throw Misbehaviour("there is no place for \(path)") }
  defer { try? removeTree(path) }
  return try body(path)
}

/// Writes plainly: nothing here has to outlive a power cut.
func write(_ bytes: UnsafeRawBufferPointer, to path: String) throws {
  guard let file = fopen(path, "w") else { throw Misbehaviour("\(path) cannot be written") }
  defer { fclose(file) }
  guard fwrite(bytes.baseAddress, 1, bytes.count, file) == bytes.count else {
    throw Misbehaviour("\(path) cannot be written")
  }
}

func write(_ bytes: [UInt8], to path: String) throws {
  try bytes.withUnsafeBytes { try write($0, to: path) }
}
