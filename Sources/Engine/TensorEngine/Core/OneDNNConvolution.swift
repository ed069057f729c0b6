internal import COneDNN

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

/// One of the three computations of a training step.
public enum ConvolutionPass: String, Sendable, CaseIterable {
  case forward
  /// dw of x and dy.
  case weights
  /// dx of w and dy.
  case inputs
}

/// oneDNN's convolution of channels-last images, with its weights in the order that it likes best. No model computes with it:
/// the engine's own are measured beside it.
package final class OneDNNConvolution {
  private let convolution: OpaquePointer

  /// Nil where oneDNN does not compute it.
  /// - Parameter threads: of OpenMP's.
  package init?(_ shape: ConvolutionShape, _ pass: ConvolutionPass, threads: Int) {
    limitOneDNN()
    var form = mmd_convolution_form(
      images: shape.images, inputs: shape.inputs, outputs: shape.outputs,
      groups: shape.isDepthwise ? shape.inputs : 1, height: shape.side, width: shape.side, out_height: shape.outSide,
      out_width: shape.outSide, kernel: shape.kernel, stride: shape.stride, padding: shape.kernel / 2,
      threads: threads)
    guard let made = mmd_convolution_create(&form, pass.code) else { return nil }
    convolution = made
  }

  deinit { mmd_convolution_destroy(convolution) }

  /// x [B, H, W, I] and y [B, H', W', O], or their gradients: forward y is written, for `inputs` x.
  package func run(_ x: Tensor, _ y: Tensor) {
    let status = withExtendedLifetime((x, y)) { mmd_convolution_run(convolution, x.floats, y.floats) }
    precondition(status == 0, "oneDNN's convolution ended with status \(status)")
  }

  /// Takes the weights [O, I, K, K] over; after a run of the pass `weights`, writes their gradient.
  package func exchange(_ weights: Tensor) {
    let status = withExtendedLifetime(weights) { mmd_convolution_weights(convolution, weights.floats) }
    precondition(status == 0, "oneDNN's order of weights ended with status \(status)")
  }
}

extension ConvolutionPass {
  fileprivate var code: mmd_pass {
    switch self {
    case .forward: MMD_FORWARD
    case .weights: MMD_WEIGHTS_GRADIENT
    case .inputs: MMD_INPUTS_GRADIENT
    }
  }
}
