internal import Images
package import Layers
internal import Models
internal import TensorEngine

/// From how many positions to how many, of a tower's table.
public enum PositionInterpolation: Equatable, Sendable, CustomStringConvertible {
  /// Patches along a side of the image.
  case patches(old: Int, new: Int)
  case text(old: Int, new: Int)
  /// The same of a table whose model reads other pictures so: the corners of one grid on those of the other.
  /// - Parameter first: the row of the first patch.
  case corners(first: Int, old: Int, new: Int)
  /// Of a table that has so many lines of patches, along each.
  case lines(first: Int, lines: Int, old: Int, new: Int)
  /// Of a picture's table with so many tokens in front of side × side patches, to a clip's with so many in front of its lines.
  case pictures(tokens: Int, side: Int, first: Int, lines: Int, columns: Int)

  /// Of a network of pictures that a tower of clips begins from: nil for what is no table of positions, or of no square.
  /// - Parameter tokens: in front of the patches of a picture.
  init?(ofPictures tokens: Int, for slice: ParameterSlice, from found: [Int], to needed: [Int]) {
    guard let first = slice.firstOfGrid, let lines = slice.linesOfGrid, found.count == 3, needed.count == 3,
      found[0] == 1, found[2] == needed[2], let side = squareRoot(of: found[1] - tokens),
      needed[1] > first, (needed[1] - first) % lines == 0
    else { return nil }
    self = .pictures(
      tokens: tokens, side: side, first: first, lines: lines, columns: (needed[1] - first) / lines)
  }

  /// Nil where the arrays differ in more than their positions, or are no positions.
  package init?(of slice: ParameterSlice, from found: [Int], to needed: [Int]) {
    guard let first = slice.firstOfGrid else {
      self.init(of: slice.name, from: found, to: needed)
      return
    }
    guard found.count >= 2, found.count == needed.count, found.last == needed.last,
      found.dropLast(2) == needed.dropLast(2), found.dropLast(2).allSatisfy({ $0 == 1 })
    else { return nil }
    let (old, new) = (found[found.count - 2] - first, needed[needed.count - 2] - first)
    if let lines = slice.linesOfGrid {
      guard old > 0, new > 0, old % lines == 0, new % lines == 0 else { return nil }
      self = .lines(first: first, lines: lines, old: old / lines, new: new / lines)
    } else {
      guard let old = squareRoot(of: old), let new = squareRoot(of: new) else { return nil }
      self = .corners(first: first, old: old, new: new)
    }
  }

  private init?(of parameter: String, from found: [Int], to needed: [Int]) {
    guard parameter.hasSuffix("embeddings.position_embedding.weight"), found.count == 2, needed.count == 2,
      found[1] == needed[1], found[0] >= 1, needed[0] >= 1
    else { return nil }
    guard parameter.hasPrefix("vision_model.") else {
      self = .text(old: found[0], new: needed[0])
      return
    }
    guard let old = squareRoot(of: found[0] - 1), let new = squareRoot(of: needed[0] - 1) else { return nil }
    self = .patches(old: old, new: new)
  }

  /// - Parameters:
  ///   - table: as the file has it.
  ///   - width: numbers a position.
  func callAsFunction(_ table: [Float], width: Int) -> [Float] {
    switch self {
    case .patches(let old, let new): interpolatedPositions(table, old: old, new: new, width: width)
    case .text(let old, let new): interpolatedPositions(ofText: table, old: old, new: new, width: width)
    case .corners(let first, let old, let new):
      interpolatedPositions(cornersOf: table, first: first, old: old, new: new, width: width)
    case .lines(let first, let lines, let old, let new):
      interpolatedPositions(linesOf: table, first: first, lines: lines, old: old, new: new, width: width)
    case .pictures(let tokens, let side, let first, let lines, let columns):
      interpolatedPositions(
        ofPictures: table, tokens: tokens, side: side, first: first, lines: lines, columns: columns, width: width)
    }
  }

  public var description: String {
    switch self {
    case .patches(let old, let new), .corners(_, let old, let new): "\(old)×\(old) to \(new)×\(new) patches"
    case .text(let old, let new): "\(old) to \(new) positions"
    case .lines(_, let lines, let old, let new): "\(lines)×\(old) to \(lines)×\(new) patches"
    case .pictures(let tokens, let side, let first, let lines, let columns):
      "\(side)×\(side) patches of pictures to \(lines)×\(columns) of clips: "
        + [words(side, lines, "lines"), words(side, columns, "columns")].joined(separator: ", ")
        + (tokens < first ? "; that of the class token for \(first) tokens" : "")
    }
  }
}

/// What becomes of the positions along one side of a picture.
private func words(_ old: Int, _ new: Int, _ what: String) -> String {
  if new == old { return "all \(what)" }
  return new < old ? "the middle \(new) \(what)" : "\(new) \(what) between the \(old)"
}

/// Nil for what is no square of a number above 0.
private func squareRoot(of count: Int) -> Int? {
  guard count > 0 else { return nil }
  let root = Int(Double(count).squareRoot().rounded())
  return root * root == count ? root : nil
}

/// Positions of an image's patches brought to another grid, as ViLT brings them to pictures of other sizes (Kim et al., 2021; transformers'
/// `visual_embed`): bilinear, the corners of one grid on those of the other. What stands before them stays.
///
/// - Parameters:
///   - table: [first + old², width], row-major.
///   - first: the row of the first patch.
/// - Returns: [first + new², width].
package func interpolatedPositions(
  cornersOf table: [Float], first: Int, old: Int, new: Int, width: Int
) -> [Float] {
  precondition(
    table.count == (first + old * old) * width, "\(table.count) numbers are no table of \(old) by \(old) patches")
  var made = Array(table.prefix(first * width))
  for mixture in resizedPositions(side: old, to: PatchGrid(rows: new, columns: new)) {
    for column in 0..<width {
      // Its rows are those of a table behind a class token's.
      made.append(mixture.terms.reduce(0) { $0 + $1.weight * table[($1.row - 1 + first) * width + column] })
    }
  }
  return made
}

/// Positions of an image's patches brought to another grid, as open_clip's `resize_pos_embed` does it: bicubic, widened
/// where the grid shrinks so that nothing aliases; the class token's row stays.
///
/// - Parameters:
///   - table: [1 + old², width], row-major; row 0 is the class token's, then the patches row by row.
///   - old, new: patches along a side.
/// - Returns: [1 + new², width].
package func interpolatedPositions(_ table: [Float], old: Int, new: Int, width: Int) -> [Float] {
  precondition(
    table.count == (1 + old * old) * width, "\(table.count) numbers are no table of \(old) by \(old) patches")
  let taps = (0..<new).map { Taps(at: $0, of: new, from: old, filter: .bicubic) }
  // Along each row of patches, then down each column.
  var rows = [Double](repeating: 0, count: old * new * width)
  for y in 0..<old {
    for (x, tap) in taps.enumerated() {
      tap.add(table, start: (1 + y * old) * width, stride: width, width, to: &rows, at: (y * new + x) * width)
    }
  }
  var result = [Double](repeating: 0, count: new * new * width)
  for (y, tap) in taps.enumerated() {
    for x in 0..<new {
      tap.add(rows, start: x * width, stride: new * width, width, to: &result, at: (y * new + x) * width)
    }
  }
  return table.prefix(width) + result.map { Float($0) }
}

/// Positions of a text brought to another number of them, as open_clip's `resize_text_pos_embed` does it: linear, each
/// between its two neighbours.
///
/// - Parameter table: [old, width], row-major.
/// - Returns: [new, width].
package func interpolatedPositions(ofText table: [Float], old: Int, new: Int, width: Int) -> [Float] {
  precondition(table.count == old * width, "\(table.count) numbers are no table of \(old) positions")
  let scale = Float(old) / Float(new)
  return (0..<new).flatMap { place -> [Float] in
    let position = max((Float(place) + 0.5) * scale - 0.5, 0)
    let first = min(Int(position), old - 1)
    let second = min(first + 1, old - 1)
    let share = position - Float(first)
    return (0..<width).map { (1 - share) * table[first * width + $0] + share * table[second * width + $0] }
  }
}

/// Positions of a spectrogram's patches brought to clips of another length, as AST's authors bring them (Gong et al., 2021, §2.2):
/// linear along each line of patches where the new one is longer, and its beginning where it is shorter. (They cut the middle out: a
/// clip's beginning is here where it was.) What stands before the patches stays.
///
/// - Parameters:
///   - table: [first + lines · old, width], row-major.
///   - first: the row of the first patch.
/// - Returns: [first + lines · new, width].
package func interpolatedPositions(
  linesOf table: [Float], first: Int, lines: Int, old: Int, new: Int, width: Int
) -> [Float] {
  precondition(
    table.count == (first + lines * old) * width, "\(table.count) numbers are no table of \(lines) by \(old) patches")
  return Array(table.prefix(first * width))
    + (0..<lines).flatMap { line -> [Float] in
      let start = (first + line * old) * width
      guard new > old else { return Array(table[start..<start + new * width]) }
      return interpolatedPositions(
        ofText: Array(table[start..<start + old * width]), old: old, new: new, width: width)
    }
}

/// Positions of a picture's patches brought to a spectrogram's, as AST's authors bring them (Gong et al., 2021, §2.2, `ast_models.py`): of
/// bands and of frames the middle ones where there are fewer, linear between them where there are more. The tokens in front keep theirs; the
/// last one's is that of further ones.
///
/// - Parameters:
///   - table: [tokens + side², width], row-major.
///   - first: tokens in front of a clip's patches.
/// - Returns: [first + lines · columns, width].
package func interpolatedPositions(
  ofPictures table: [Float], tokens: Int, side: Int, first: Int, lines: Int, columns: Int, width: Int
) -> [Float] {
  precondition(
    table.count == (tokens + side * side) * width, "\(table.count) numbers are no table of \(side) by \(side) patches")
  let front = (0..<first).flatMap { table[min($0, tokens - 1) * width..<(min($0, tokens - 1) + 1) * width] }
  let narrow = middleOrBetween(Array(table.dropFirst(tokens * width)), old: side, new: lines, width: side * width)
  return front
    + (0..<lines).flatMap { line in
      middleOrBetween(
        Array(narrow[line * side * width..<(line + 1) * side * width]), old: side, new: columns, width: width)
    }
}

/// [old, width] → [new, width].
private func middleOrBetween(_ table: [Float], old: Int, new: Int, width: Int) -> [Float] {
  guard new <= old else { return interpolatedPositions(ofText: table, old: old, new: new, width: width) }
  let start = old / 2 - new / 2
  return Array(table[start * width..<(start + new) * width])
}

/// Which inputs an output is made of, and how much of each.
private struct Taps {
  let first: Int
  var weights: [Double]

  /// The window of Pillow's resize and PyTorch's antialiased interpolation.
  init(at place: Int, of count: Int, from inputs: Int, filter: ResizeFilter) {
    let scale = Double(inputs) / Double(count)
    let widening = max(scale, 1)
    let (center, support) = ((Double(place) + 0.5) * scale, filter.support * widening)
    first = max(0, Int(center - support + 0.5))
    let end = min(inputs, Int(center + support + 0.5))
    weights = (first..<end).map { filter((Double($0) - center + 0.5) / widening) }
    let sum = weights.reduce(0, +)
    weights = weights.map { $0 / sum }
  }

  /// output[at ..< at + width] += Σ weight · input row, rows `stride` apart.
  func add(
    _ input: [some BinaryFloatingPoint], start: Int, stride: Int, _ width: Int, to output: inout [Double], at place: Int
  ) {
    for (index, weight) in weights.enumerated() {
      let row = start + (first + index) * stride
      for column in 0..<width { output[place + column] += weight * Double(input[row + column]) }
    }
  }
}
