public import TensorEngine

/// A convolution of square images with square kernels, and half a kernel of zeros on each side.
public struct ConvolutionShape: Sendable, Equatable {
  public let images: Int, side: Int
  public let inputs: Int, outputs: Int
  public let kernel: Int, stride: Int
  /// Each channel has a kernel of its own.
  public let isDepthwise: Bool

  public init(
    images: Int, side: Int, inputs: Int, outputs: Int, kernel: Int, stride: Int = 1, isDepthwise: Bool = false
  ) {
    precondition(!isDepthwise || inputs == outputs, "\(inputs) channels with kernels of their own make \(outputs)")
    (self.images, self.side, self.inputs, self.outputs) = (images, side, inputs, outputs)
    (self.kernel, self.stride, self.isDepthwise) = (kernel, stride, isDepthwise)
  }

  public var padding: WindowPadding { .even(kernel / 2) }
  public var outSide: Int { padding.count(of: side, kernel: kernel, stride: stride) }
  /// What each output reads of a place.
  private var read: Int { isDepthwise ? 1 : inputs }

  public var inputShape: [Int] { [images, side, side, inputs] }
  public var outputShape: [Int] { [images, outSide, outSide, outputs] }
  public var weightShape: [Int] { [outputs, read, kernel, kernel] }
  /// Of the forward pass, and of either gradient.
  public var operations: Int { 2 * outputShape.reduce(1, *) * read * kernel * kernel }
}
