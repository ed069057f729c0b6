internal import COneDNN

/// oneDNN's convolutions for one of the chunks that a batch is divided into: which thread takes a chunk is chance, but what is
/// compiled for it is used again.
final class ConvolutionContext {
  private let context: OpaquePointer

  init() {
    guard let context = mmd_convolutions_create() else { fatalError("out of memory: oneDNN could not be started") }
    self.context = context
  }

  deinit { mmd_convolutions_destroy(context) }

  /// The order in which a form's weights are read; nil where oneDNN has no fast kernel for it.
  func order(_ form: mmd_convolution) -> WeightOrder? {
    var form = form
    let code = mmd_weights_code(context, &form)
    return code == 0 ? nil : WeightOrder(form: form, code: code, count: (mmd_weights_bytes(context, &form) + 3) / 4)
  }

  /// Whether there is a fast kernel for a form that reads weights in this order.
  func has(_ form: mmd_convolution, _ order: WeightOrder) -> Bool {
    var (form, like) = (form, order.form)
    return mmd_can_convolve(context, &form, &like) != 0
  }

  /// Weights as models have them into an order and its type; out of it for a gradient.
  func exchange(_ plain: Tensor, isTapsFirst: Bool, _ arranged: Tensor, _ order: WeightOrder) {
    var form = order.form
    check(mmd_exchange_weights(context, &form, plain.floats, isTapsFirst ? 1 : 0, arranged.bytes), form)
  }

  func run(
    _ form: mmd_convolution, _ order: WeightOrder, images: UnsafeMutableRawPointer, weights: Tensor,
    bias: Tensor? = nil, results: UnsafeMutableRawPointer
  ) {
    var (form, like) = (form, order.form)
    check(mmd_convolve(context, &form, &like, images, weights.bytes, bias?.floats, results), form)
  }

  /// What oneDNN calls the kernels that were compiled, "" for those that it has not.
  var kernelNames: [String] {
    var names: [String] = []
    while let name = mmd_convolution_name(context, names.count) { names.append(String(cString: name)) }
    return names
  }

  private func check(_ status: Int32, _ form: mmd_convolution) {
    guard status == 0 else {
      fatalError(
        "oneDNN \(String(cString: mmd_version())) refused a convolution of \(form.images)×\(form.height)×\(form.width)×"
          + "\(form.inputs) with \(form.outputs) kernels of \(form.kernel) (status \(status)): run with products=openblas"
      )
    }
  }
}

/// An order of a convolution's weights in memory.
struct WeightOrder {
  /// The form that likes it best.
  let form: mmd_convolution
  /// Tells it from other orders.
  let code: UInt64
  /// How many floats have room for it, with what fills up its blocks.
  let count: Int
}
