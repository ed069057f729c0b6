internal import Foundation

/// Unicode's Normalization Form C (UAX #15), as the Python library `tokenizers` applies it.
///
/// Goals, in this order: the same scalars as that library, whose tables are of Unicode 10 (a scalar assigned later is
/// left alone); time that grows as n log n even for a hostile run of combining marks, where Foundation's own function
/// is quadratic; no tables in this repository (Foundation decomposes each scalar once).
struct CanonicalComposition: Sendable {
  /// Built on first use, by text that is not ASCII; about 12,000 scalars are looked at.
  static let shared = CanonicalComposition()

  private var decompositions: [Unicode.Scalar: [Unicode.Scalar]] = [:]
  private var composites: [UInt64: Unicode.Scalar] = [:]
  /// The combining class of every scalar up to the last one with a class or a decomposition.
  private var classes: [UInt8] = []
  /// Whether NFC may change a text because of this scalar (NFC_Quick_Check is not "yes").
  private var matters: [Bool] = []

  /// Where scalars with a canonical decomposition live (Hangul syllables are computed).
  private static let ranges: [ClosedRange<UInt32>] = [
    0x00C0...0x0FB9, 0x1026...0x1026, 0x1B06...0x1B43, 0x1E00...0x2329, 0x232A...0x232A, 0x2ADC...0x2ADC,
    0x304C...0x30FE, 0xF900...0xFB4E, 0x11099...0x115BB, 0x1D15E...0x1D1C0, 0x2F800...0x2FA1D,
  ]

  private init() {
    var byDecomposition: [[Unicode.Scalar]: Unicode.Scalar] = [:]
    for scalar in Self.ranges.joined().compactMap(Unicode.Scalar.init) where isKnown(scalar) {
      let parts = Array(String(scalar).decomposedStringWithCanonicalMapping.unicodeScalars)
      if parts == [scalar] { continue }
      decompositions[scalar] = parts
      if !scalar.properties.isFullCompositionExclusion { byDecomposition[parts] = scalar }
    }
    tabulate()
    // A composite of three parts joins the composite of the first two with the third, and so on.
    for (parts, scalar) in byDecomposition {
      guard let last = parts.last, let first = prefix(parts.dropLast(), byDecomposition) else { continue }
      composites[pairKey(first, last)] = scalar
      matters[Int(last.value)] = true
    }
  }

  /// Fills `classes` and, but for the second halves of composites, `matters`.
  private mutating func tabulate() {
    let limit = 0x2FA20
    classes = (0..<UInt32(limit)).map { value in
      guard value >= 0x300, let scalar = Unicode.Scalar(value) else { return 0 }
      let order = scalar.properties.canonicalCombiningClass.rawValue
      return order != 0 && isKnown(scalar) ? order : 0
    }
    matters = classes.map { $0 != 0 }
    for value in Hangul.vowels { matters[Int(value)] = true }
    for value in Hangul.trailings { matters[Int(value)] = true }
    for scalar in decompositions.keys where scalar.properties.isFullCompositionExclusion {
      matters[Int(scalar.value)] = true
    }
  }

  private func prefix(
    _ parts: ArraySlice<Unicode.Scalar>, _ byDecomposition: [[Unicode.Scalar]: Unicode.Scalar]
  ) -> Unicode.Scalar? {
    parts.count == 1 ? parts.first : byDecomposition[Array(parts)]
  }

  /// The scalars in NFC.
  func compose(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
    // Below U+0300 there is neither a combining mark nor a scalar that NFC replaces.
    let isComposed = scalars.allSatisfy { $0.value < 0x300 || $0.value >= matters.count || !matters[Int($0.value)] }
    if isComposed { return scalars }
    return joined(decompose(scalars))
  }

  /// The scalars in NFD.
  func decompose(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
    ordered(scalars.flatMap { decomposition(of: $0) })
  }

  private func combiningClass(of scalar: Unicode.Scalar) -> UInt8 {
    Int(scalar.value) < classes.count ? classes[Int(scalar.value)] : 0
  }

  private func decomposition(of scalar: Unicode.Scalar) -> [Unicode.Scalar] {
    if let syllable = Hangul.decompose(scalar) { return syllable }
    return decompositions[scalar] ?? [scalar]
  }

  /// Sorts each run of combining marks by class; marks of one class keep their order.
  private func ordered(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(scalars.count)
    var marks: [(scalar: Unicode.Scalar, order: UInt8)] = []
    for scalar in scalars {
      let order = combiningClass(of: scalar)
      if order != 0 {
        marks.append((scalar, order))
        continue
      }
      appendSorted(&marks, to: &result)
      result.append(scalar)
    }
    appendSorted(&marks, to: &result)
    return result
  }

  private func appendSorted(
    _ marks: inout [(scalar: Unicode.Scalar, order: UInt8)], to result: inout [Unicode.Scalar]
  ) {
    if marks.count > 1 {
      // Swift does not promise a stable sort, so the position decides between equals.
      let sorted = marks.enumerated().sorted { ($0.element.order, $0.offset) < ($1.element.order, $1.offset) }
      result.append(contentsOf: sorted.map(\.element.scalar))
    } else {
      result.append(contentsOf: marks.map(\.scalar))
    }
    marks.removeAll(keepingCapacity: true)
  }

  /// Joins each starter with the marks after it that nothing blocks.
  private func joined(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(scalars.count)
    var starter: Int?
    var previousClass: UInt8 = 0
    for scalar in scalars {
      let order = combiningClass(of: scalar)
      if let starter, starter == result.count - 1 || previousClass < order,
        let composite = composite(result[starter], scalar)
      {
        result[starter] = composite
        continue
      }
      if order == 0 { starter = result.count }
      previousClass = order
      result.append(scalar)
    }
    return result
  }

  private func composite(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Unicode.Scalar? {
    Hangul.compose(first, second) ?? composites[pairKey(first, second)]
  }
}

private func pairKey(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> UInt64 {
  UInt64(first.value) << 32 | UInt64(second.value)
}

/// Whether the normalizer of `tokenizers`, whose tables are of Unicode 10, knows the scalar.
private func isKnown(_ scalar: Unicode.Scalar) -> Bool {
  guard let age = scalar.properties.age else { return false }
  return age.major <= 10
}

// MARK: - Hangul

/// The arithmetic of Korean syllables: The Unicode Standard, section 3.12.
private enum Hangul {
  static let vowels: ClosedRange<UInt32> = 0x1161...0x1175
  static let trailings: ClosedRange<UInt32> = 0x11A8...0x11C2
  private static let leadings: ClosedRange<UInt32> = 0x1100...0x1112
  private static let syllables: ClosedRange<UInt32> = 0xAC00...0xD7A3

  static func decompose(_ scalar: Unicode.Scalar) -> [Unicode.Scalar]? {
    guard syllables ~= scalar.value else { return nil }
    let index = scalar.value - syllables.lowerBound
    var parts = [leadings.lowerBound + index / 588, vowels.lowerBound + index % 588 / 28]
    if index % 28 != 0 { parts.append(trailings.lowerBound + index % 28 - 1) }
    return parts.compactMap(Unicode.Scalar.init)
  }

  static func compose(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Unicode.Scalar? {
    if leadings ~= first.value, vowels ~= second.value {
      let index = (first.value - leadings.lowerBound) * 588 + (second.value - vowels.lowerBound) * 28
      return Unicode.Scalar(syllables.lowerBound + index)
    }
    if syllables ~= first.value, (first.value - syllables.lowerBound) % 28 == 0, trailings ~= second.value {
      return Unicode.Scalar(first.value + 1 + (second.value - trailings.lowerBound))
    }
    return nil
  }
}
