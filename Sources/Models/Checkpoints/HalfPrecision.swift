/// The value of IEEE half-precision bits; exact, since fp32 holds every half.
///
/// Branch-free selects over plain integer and fp32 arithmetic, so that the compiler vectorises a loop over it on
/// machines without F16C. Halves below 2⁻¹⁴ are mantissa × 2⁻²⁴, which never passes through an fp32 subnormal.
@inline(__always)
func float(half bits: UInt16) -> Float {
  let magnitude = UInt32(bits & 0x7FFF)
  let sign = UInt32(bits & 0x8000) << 16
  let normal = (magnitude << 13) &+ (112 << 23)
  let infinite = (magnitude << 13) | 0x7F80_0000
  let small = (Float(Int32(truncatingIfNeeded: magnitude)) * 0x1p-24).bitPattern
  let value = magnitude < 0x0400 ? small : magnitude >= 0x7C00 ? infinite : normal
  return Float(bitPattern: sign | value)
}

/// The value of bfloat16 bits: the upper half of an fp32.
@inline(__always)
func float(brain bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

/// fp32 values of `count` stored elements; `source` may start anywhere.
func convertToFloats(
  _ source: UnsafeRawBufferPointer, _ type: ElementType, into target: UnsafeMutableBufferPointer<Float>
) {
  switch type {
  case .float32: UnsafeMutableRawBufferPointer(target).copyMemory(from: source)
  case .float64: convertDoubles(source, into: target)
  case .float16: convertWords(source, into: target, float(half:))
  case .bfloat16: convertWords(source, into: target, float(brain:))
  default: preconditionFailure("\(type.rawValue) has no fp32 value here")
  }
}

@inline(__always)
private func convertWords(
  _ source: UnsafeRawBufferPointer, into target: UnsafeMutableBufferPointer<Float>, _ convert: (UInt16) -> Float
) {
  for index in target.indices {
    target[index] = convert(
      UInt16(littleEndian: source.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)))
  }
}

/// To the nearest fp32; what lies beyond all of them becomes infinite, and is refused as such.
private func convertDoubles(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableBufferPointer<Float>) {
  for index in target.indices {
    let bits = UInt64(littleEndian: source.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
    target[index] = Float(Double(bitPattern: bits))
  }
}
