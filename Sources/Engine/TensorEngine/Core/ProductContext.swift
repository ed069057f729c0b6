internal import COneDNN

/// oneDNN's kernels for one of the chunks that products are divided into: which thread takes a chunk is chance, but what is
/// compiled for it is used again.
final class ProductContext {
  private let context: OpaquePointer

  init() {
    guard let context = mmd_context_create() else { fatalError("out of memory: oneDNN could not be started") }
    self.context = context
  }

  deinit { mmd_context_destroy(context) }

  /// Products of different form compiled so far.
  var kernelCount: Int { mmd_kernel_count(context) }

  func multiply(
    _ product: inout mmd_product, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ bias: UnsafePointer<Float>? = nil,
    _ c: UnsafeMutableRawPointer
  ) {
    let status = mmd_multiply(context, &product, a, b, bias, c)
    guard status == 0 else { refused(product, status) }
  }

  /// How many bytes the second factor takes in oneDNN's order.
  func arrangedBytes(_ product: mmd_product) -> Int {
    var product = product
    let bytes = mmd_arranged_bytes(context, &product)
    guard bytes > 0 else { refused(product, nil) }
    return bytes
  }

  /// The second factor in that order.
  func arrange(_ product: mmd_product, _ b: UnsafeRawPointer, into arranged: UnsafeMutableRawPointer) {
    var product = product
    let status = mmd_arrange(context, &product, b, arranged)
    guard status == 0 else { refused(product, status) }
  }

  private func refused(_ product: mmd_product, _ status: Int32?) -> Never {
    fatalError(
      "oneDNN \(String(cString: mmd_version())) refused a product of \(product.rows)×\(product.columns)×"
        + "\(product.depth) in \(product.factors == MMD_BYTES ? "bytes" : "bfloat16")"
        + "\(status.map { " (status \($0))" } ?? ""): run with precision=fp32")
  }
}
