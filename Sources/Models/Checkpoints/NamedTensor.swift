/// A tensor on its way into or out of a file: a name, a shape and raw little-endian bytes, row-major.
public struct NamedTensor {
  /// The key in the file, for example `text_model.embeddings.token_embedding.weight`.
  public var name: String
  /// What `bytes` consist of.
  public var elementType: ElementType
  /// Outermost dimension first; empty for a single number.
  public var shape: [Int]
  /// The elements; valid as long as what they were made from.
  public var bytes: UnsafeRawBufferPointer
  /// Kept alive together with the bytes; nil where the caller sees to that.
  var owner: AnyObject?

  /// A view of memory that the caller keeps alive and unchanged while the tensor is in use.
  public init(name: String, elementType: ElementType, shape: [Int], bytes: UnsafeRawBufferPointer) {
    self.name = name
    self.elementType = elementType
    self.shape = shape
    self.bytes = bytes
  }

  /// A view of fp32 values that the caller keeps alive.
  public init(name: String, shape: [Int], floats: UnsafeBufferPointer<Float>) {
    self.init(name: name, elementType: .float32, shape: shape, bytes: UnsafeRawBufferPointer(floats))
  }

  /// A copy of the elements of an array, which lives as long as the tensor.
  public init<Element: BitwiseCopyable>(name: String, elementType: ElementType, shape: [Int], copying: [Element]) {
    let copy = OwnedBytes(copying)
    self.init(name: name, elementType: elementType, shape: shape, bytes: copy.bytes)
    owner = copy
  }
}

private final class OwnedBytes {
  let bytes: UnsafeRawBufferPointer

  init<Element: BitwiseCopyable>(_ elements: [Element]) {
    bytes = elements.withUnsafeBytes { source in
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: source.count, alignment: 64)
      copy.copyMemory(from: source)
      return UnsafeRawBufferPointer(copy)
    }
  }

  deinit { bytes.deallocate() }
}

/// The number of elements of a shape; nil where it does not fit into an Int.
func elementCount(_ shape: [Int]) -> Int? {
  var count = 1
  for extent in shape {
    let (product, overflow) = count.multipliedReportingOverflow(by: extent)
    if overflow || extent < 0 { return nil }
    count = product
  }
  return count
}

/// The bytes of a tensor; nil where they do not fit into an Int.
func byteCount(_ shape: [Int], _ type: ElementType) -> Int? {
  guard let count = elementCount(shape) else { return nil }
  let (bytes, overflow) = count.multipliedReportingOverflow(by: type.size)
  return overflow ? nil : bytes
}
