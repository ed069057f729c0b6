internal import Models

/// The slots of an array that mean something; the rest is padding, which other programs compute as well.
struct CaseSlots {
  /// Of the array, but for its last dimension.
  let shape: [Int]
  /// Those that are compared, in the order of the model's rows.
  let rows: [Int]

  /// What is compared of the array's values.
  func values(_ all: [Float], columns: Int) -> [Float] { rows.flatMap { all[$0 * columns..<($0 + 1) * columns] } }
}

extension CaseRun {
  /// Of an array with a slot a token [B, slots, …], whose rows are filled from the first slot on.
  /// - Parameters:
  ///   - offsets: of the segments, as an encoding has them.
  ///   - isMask: whether it has one number a slot [B, slots].
  func slots(_ name: String, of offsets: [Int], isMask: Bool = false) throws -> CaseSlots {
    let lengths = zip(offsets, offsets.dropFirst()).map { $1 - $0 }
    let shape = arrayShape(name)
    guard shape.count == (isMask ? 2 : 3), shape[0] == lengths.count, lengths.allSatisfy({ $0 <= shape[1] }) else {
      let rest = isMask ? "" : ", …"
      throw mistaken(
        name, "has the shape \(shape), and the model gives [\(lengths.count), \(lengths.max() ?? 0) or more\(rest)]")
    }
    return CaseSlots(
      shape: [shape[0], shape[1]],
      rows: lengths.enumerated().flatMap { row, length in row * shape[1]..<row * shape[1] + length })
  }
}
