internal import CKernels

/// The rows and columns of zeros around an image that windows slide over.
public enum WindowPadding: Sendable, Equatable {
  /// So many on each side: n places become (n + 2 p - kernel) / stride + 1.
  case even(Int)
  /// As many as ⌈n / stride⌉ windows need, the smaller half of them before the image: TensorFlow's SAME.
  case same

  /// Windows along a side of `length` places.
  public func count(of length: Int, kernel: Int, stride: Int) -> Int {
    (length + borders(of: length, kernel: kernel, stride: stride).sum - kernel) / stride + 1
  }

  /// Before a side of `length` places, and on both of its ends.
  func borders(of length: Int, kernel: Int, stride: Int) -> (before: Int, sum: Int) {
    switch self {
    case .even(let border): return (border, 2 * border)
    case .same:
      let sum = max(((length + stride - 1) / stride - 1) * stride + kernel - length, 0)
      return (sum / 2, sum)
    }
  }
}

/// Square windows over images [B, H, W, C], and where they stand.
struct Windows {
  let images: Int, height: Int, width: Int, channels: Int
  let kernel: Int, stride: Int
  let outHeight: Int, outWidth: Int
  /// Zeros before the first row and column; and how far apart the image's own rows are.
  let before: Int
  private let spread: Int

  init(_ shape: [Int], kernel: Int, stride: Int, padding: WindowPadding) {
    precondition(
      shape.count == 4 && kernel > 0 && stride > 0, "windows of \(kernel) in steps of \(stride) over \(shape)")
    let rows = padding.borders(of: shape[1], kernel: kernel, stride: stride)
    let columns = padding.borders(of: shape[2], kernel: kernel, stride: stride)
    precondition(
      rows.before == columns.before && rows.before < kernel && shape[1] + rows.sum >= kernel
        && shape[2] + columns.sum >= kernel,
      "windows of \(kernel) in steps of \(stride) over \(shape), \(padding)")
    (images, height, width, channels) = (shape[0], shape[1], shape[2], shape[3])
    (self.kernel, self.stride, before, spread) = (kernel, stride, rows.before, 1)
    outHeight = padding.count(of: height, kernel: kernel, stride: stride)
    outWidth = padding.count(of: width, kernel: kernel, stride: stride)
  }

  /// The windows over the result's gradient that make the image's: with the taps in the opposite order.
  private init(reversing forward: Windows) {
    (images, channels, kernel, stride) = (forward.images, forward.channels, forward.kernel, 1)
    (height, width, outHeight, outWidth) = (forward.outHeight, forward.outWidth, forward.height, forward.width)
    (before, spread) = (forward.kernel - 1 - forward.before, forward.stride)
  }

  var reversed: Windows { Windows(reversing: self) }
  var taps: Int { kernel * kernel }
  var outputShape: [Int] { [images, outHeight, outWidth, channels] }
  /// Places of an image, and of a result.
  var area: Int { height * width }
  var outArea: Int { outHeight * outWidth }

  var form: mmk_depthwise {
    mmk_depthwise(
      height: height, width: width, channels: channels, out_height: outHeight, out_width: outWidth, kernel: kernel,
      stride: stride, before: before, spread: spread)
  }

  // Work is divided into bands of an image's rows, 16 channels of each.
  var bandRows: Int { min(max(16, 1024 / outWidth), outHeight) }
  var bands: Int { (outHeight + bandRows - 1) / bandRows }
  var blocks: Int { (channels + 15) / 16 }
  func rows(ofBand band: Int) -> Range<Int> { band * bandRows..<min(outHeight, (band + 1) * bandRows) }

  /// Floats that a band of 16 channels takes with its borders.
  var paddedCount: Int { 16 * ((bandRows - 1) * stride + kernel) * ((outWidth - 1) * stride + kernel) }
}
