internal import Files
internal import Reporting

/// A safetensors file, mapped: opening reads and checks the whole header and touches no tensor.
///
/// Stricter than the format where a file could hide something: every byte of the buffer belongs to exactly one tensor,
/// no key occurs twice, integers are exact, counts and lengths are limited (docs/formats.md).
public final class SafetensorsFile: Sendable {
  /// One tensor of the file.
  public struct Entry: Equatable, Sendable {
    /// The key.
    public let name: String
    /// What its bytes consist of.
    public let elementType: ElementType
    /// Outermost dimension first; empty for a single number.
    public let shape: [Int]
    /// Its bytes, counted from the start of the buffer.
    public let range: Range<Int>
  }

  /// Where the file is.
  public let path: String
  /// In the order of their bytes.
  public let entries: [Entry]
  /// The strings under `__metadata__`, in file order.
  public let metadata: [(key: String, value: String)]
  private let file: MappedFile
  private let bufferStart: Int
  private let indices: [[UInt8]: Int]

  /// Throws `SafetensorsError` for anything that is not a whole, unambiguous safetensors file.
  public init(path: String) throws {
    if ["bin", "pt", "pth", "ckpt", "pkl"].contains(fileExtension(path)), fileExists(path) {
      throw SafetensorsError.pickle(path: path)
    }
    if let format = WeightFormat(path), fileExists(path) {
      throw SafetensorsError.otherFormat(path: path, format: format)
    }
    file = try MappedFile(path)
    if let content = mistakenContent(file.bytes) { throw SafetensorsError.mistaken(path: path, content: content) }
    if let format = WeightFormat(file.bytes) { throw SafetensorsError.otherFormat(path: path, format: format) }
    let header = try SafetensorsHeader(parsing: file.bytes, path: path)
    self.path = path
    entries = header.entries
    metadata = header.metadata
    bufferStart = header.bufferStart
    var indices: [[UInt8]: Int] = [:]
    for (index, entry) in header.entries.enumerated() { indices[Array(entry.name.utf8)] = index }
    self.indices = indices
  }

  /// The tensor of that name, compared byte by byte; nil if there is none.
  public func entry(named name: String) -> Entry? {
    indices[Array(name.utf8)].map { entries[$0] }
  }

  /// Calls `body` with the bytes of a tensor, which may start at any address.
  public func withBytes<Result>(_ name: String, _ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
    let entry = try require(name)
    return try withExtendedLifetime(file) { try body(bytes(of: entry)) }
  }

  /// A tensor as it lies in the file, which stays mapped as long as the tensor is used.
  public func tensor(_ name: String) throws -> NamedTensor {
    let entry = try require(name)
    var tensor = NamedTensor(
      name: entry.name, elementType: entry.elementType, shape: entry.shape, bytes: bytes(of: entry))
    tensor.owner = file
    return tensor
  }

  /// The values of an F64, F32, F16 or BF16 tensor as fp32.
  public func floats(_ name: String) throws -> [Float] {
    let entry = try requireFloats(name)
    return [Float](unsafeUninitializedCapacity: entry.range.count / entry.elementType.size) { buffer, count in
      count = entry.range.count / entry.elementType.size
      convertToFloats(bytes(of: entry), entry.elementType, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
    }
  }

  /// The same, written to `target`, which must have as many elements as the tensor.
  public func copyFloats(_ name: String, into target: UnsafeMutableBufferPointer<Float>) throws {
    let entry = try requireFloats(name)
    precondition(
      target.count == entry.range.count / entry.elementType.size,
      "\(name) has shape \(entry.shape), the target \(target.count) elements")
    convertToFloats(bytes(of: entry), entry.elementType, into: target)
  }

  /// Some of the values, counted as they lie in the file; `target` must have as many.
  public func copyFloats(
    _ name: String, elements: Range<Int>, into target: UnsafeMutableBufferPointer<Float>
  ) throws {
    let entry = try requireFloats(name)
    let size = entry.elementType.size
    precondition(
      elements.lowerBound >= 0 && elements.upperBound * size <= entry.range.count && target.count == elements.count,
      "\(name) has shape \(entry.shape): it has no elements \(elements)")
    let part = bytes(of: entry)[(elements.lowerBound * size)..<(elements.upperBound * size)]
    convertToFloats(UnsafeRawBufferPointer(rebasing: part), entry.elementType, into: target)
  }

  /// The values of a tensor of integers of any width, or of BOOL.
  public func integers(_ name: String) throws -> [Int] {
    let entry = try require(name)
    let bytes = bytes(of: entry)
    switch entry.elementType {
    case .bool, .uint8: return widen(bytes, UInt8.self)
    case .int8: return widen(bytes, Int8.self)
    case .uint16: return widen(bytes, UInt16.self)
    case .int16: return widen(bytes, Int16.self)
    case .uint32: return widen(bytes, UInt32.self)
    case .int32: return widen(bytes, Int32.self)
    case .int64: return widen(bytes, Int64.self)
    default:
      throw SafetensorsError.elementType(path: path, name: name, found: entry.elementType, wanted: "an integer type")
    }
  }

  /// The floating-point tensors (F64, F32, F16, BF16) with NaN or infinite values, in file order.
  public func notFiniteTensors() throws -> [String] {
    try entries.filter { entry in
      switch entry.elementType {
      case .float64, .float32, .float16, .bfloat16: try !floats(entry.name).allSatisfy(\.isFinite)
      default: false
      }
    }.map(\.name)
  }

  /// Throws if a value is NaN or infinite: the format allows it, a model is not to start from it.
  public func requireFinite() throws {
    let names = try notFiniteTensors()
    if !names.isEmpty { throw SafetensorsError.notFinite(path: path, tensors: names) }
  }

  private func bytes(of entry: Entry) -> UnsafeRawBufferPointer {
    let start = bufferStart + entry.range.lowerBound
    return UnsafeRawBufferPointer(rebasing: file.bytes[start..<(start + entry.range.count)])
  }

  private func require(_ name: String) throws -> Entry {
    if let entry = entry(named: name) { return entry }
    throw SafetensorsError.noSuchTensor(path: path, name: name, nearest: nearest(to: name, among: entries.map(\.name)))
  }

  private func requireFloats(_ name: String) throws -> Entry {
    let entry = try require(name)
    switch entry.elementType {
    case .float64, .float32, .float16, .bfloat16: return entry
    default:
      throw SafetensorsError.elementType(
        path: path, name: name, found: entry.elementType, wanted: "F64, F32, F16 or BF16")
    }
  }
}

private func widen<Value: FixedWidthInteger & BitwiseCopyable>(
  _ bytes: UnsafeRawBufferPointer, _: Value.Type
) -> [Int] {
  stride(from: 0, to: bytes.count, by: MemoryLayout<Value>.size).map {
    Int(Value(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: Value.self)))
  }
}

private func fileExtension(_ path: String) -> String {
  let name = lastComponent(of: path)
  guard let dot = name.lastIndex(of: ".") else { return "" }
  return name[name.index(after: dot)...].lowercased()
}
