internal import TensorEngine

/// An encoder of convolutions alone: an image's tokens are the cells of the last map, row by row, and their mean stands for it.
protocol ConvolutionalEncoder: PictureEncoder {
  /// Images that pass together where no gradient is wanted: what an operation writes is then still in the cache when the
  /// next one reads it.
  var group: Int { get }
  /// The cells of the last map.
  var grid: TokenGrid { get }
  /// pixels [B, 3, S, S] → the last map [B, H, W, C]
  func map(of pixels: Tensor, _ tape: Tape) -> Tensor
}

extension ConvolutionalEncoder {
  public var places: TokenGrid? { grid }

  func callAsFunction(_ pixels: Tensor, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
    switch tokens {
    case .pooled: return Encoding(pooled: tape.inGroups(of: group, pixels) { tape.meanOverPlaces(map(of: $0, tape)) })
    case .all:
      let states = tape.inGroups(of: group, pixels) { map(of: $0, tape) }
      let cells = states.rows / pixels.shape[0]
      return Encoding(
        pooledOverAll: states.shape.count == 2 ? states : tape.concatenateRows([states]),
        offsets: (0...pixels.shape[0]).map { $0 * cells })
    }
  }
}

extension Tape {
  /// What `body` makes of the images [B, 3, S, S]: of all of them at once where gradients are wanted, of so many at a time
  /// otherwise.
  func inGroups(of size: Int, _ pixels: Tensor, _ body: (Tensor) -> Tensor) -> Tensor {
    let count = pixels.shape[0]
    guard !isRecording, count > size else { return body(pixels) }
    return concatenateRows(
      stride(from: 0, to: count, by: size).map { body(pixels.rows($0..<min(count, $0 + size))) })
  }

  /// The mean over all places of each image: x [B, H, W, C] → [B, C].
  func meanOverPlaces(_ x: Tensor) -> Tensor {
    meanPool(x, offsets: (0...x.shape[0]).map { $0 * x.rows / x.shape[0] })
  }
}
