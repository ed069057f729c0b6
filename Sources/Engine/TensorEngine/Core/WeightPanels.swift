internal import COneDNN

/// A weight W [O, I] as products x Wᵀ read it, some outputs at a time: in oneDNN's order, which spares every product the copy that
/// it makes of a weight as it lies, or as it lies.
package final class WeightPanels {
  struct Panel {
    let outputs: Range<Int>
    /// Where its elements begin.
    let pointer: UnsafeRawPointer
  }

  let inputs: Int, outputs: Int
  let panels: [Panel]
  private let factors: mmd_factors
  private let isArranged: Bool
  private let storage: Storage?
  private let plain: Tensor?

  /// Copied into oneDNN's order, for as long as the weight stays as it is.
  /// - Parameter weight: [O, I] of bfloat16 or bytes.
  init(
    arranging weight: UnsafeRawPointer, _ factors: mmd_factors, outputs: Int, inputs: Int, panelOutputs: Int,
    _ context: ProductContext
  ) {
    (self.inputs, self.outputs, self.factors, isArranged, plain) = (inputs, outputs, factors, true, nil)
    let ranges = outputRanges(outputs, of: panelOutputs)
    let forms = ranges.map { product(of: $0.count, factors, inputs: inputs, isArranged: true) }
    var (starts, end): ([Int], Int) = ([], 0)
    for form in forms {
      starts.append(end)
      end += (context.arrangedBytes(form) + 63) / 64 * 64
    }
    let storage = Storage(zeroed: end)
    let size = factors == MMD_BYTES ? 1 : 2
    panels = ranges.indices.map { index in
      let place = storage.pointer + starts[index]
      context.arrange(forms[index], weight + ranges[index].lowerBound * inputs * size, into: place)
      return Panel(outputs: ranges[index], pointer: UnsafeRawPointer(place))
    }
    self.storage = storage
  }

  /// As it lies.
  /// - Parameter weight: [O, I], bfloat16.
  init(_ weight: Tensor, panelOutputs: Int) {
    let inputs = weight.columns
    (self.inputs, outputs, factors, isArranged) = (inputs, weight.rows, MMD_BFLOAT16, false)
    (plain, storage) = (weight, nil)
    panels = outputRanges(weight.rows, of: panelOutputs).map {
      Panel(outputs: $0, pointer: UnsafeRawPointer(weight.halves + $0.lowerBound * inputs))
    }
  }

  /// y = x Wᵀ of a panel's outputs, and of bfloat16 + their bias, on the calling thread.
  /// - Parameters:
  ///   - x: rows of W's inputs, one behind the other.
  ///   - y: rows of the panel's outputs, one behind the other: where they are not, oneDNN knows no product of arranged weights.
  ///     int32 of bytes.
  func multiply(
    _ panel: Panel, rows: Int, _ x: UnsafeRawPointer, bias: UnsafePointer<Float>? = nil,
    into y: UnsafeMutableRawPointer, isReduced: Bool = false, _ context: ProductContext
  ) {
    var form = product(of: panel.outputs.count, factors, inputs: inputs, isArranged: isArranged)
    (form.rows, form.result_is_bf16, form.has_bias) = (rows, isReduced ? 1 : 0, bias == nil ? 0 : 1)
    context.multiply(&form, x, panel.pointer, bias, y)
  }

  /// Outputs of a panel of bfloat16: so many that every thread has as many panels as the others, and that one stays in the cache
  /// while rows go by it.
  static func outputs(_ outputs: Int, threads: Int) -> Int {
    let most = 512
    let panels = (outputs + threads * most - 1) / (threads * most) * threads
    return ((outputs + panels - 1) / panels + 63) / 64 * 64
  }
}

private func outputRanges(_ outputs: Int, of width: Int) -> [Range<Int>] {
  stride(from: 0, to: outputs, by: width).map { $0..<min($0 + width, outputs) }
}

/// The form of a panel's product; the order of its second factor is the same for any number of rows.
private func product(of outputs: Int, _ factors: mmd_factors, inputs: Int, isArranged: Bool) -> mmd_product {
  mmd_product(
    factors: factors, rows: 1, columns: outputs, depth: inputs, stride_a: inputs, stride_b: inputs, stride_c: outputs,
    transposed_a: 0, transposed_b: 1, arranged_b: isArranged ? 1 : 0, result_is_bf16: 0, accumulates: 0, has_bias: 0)
}
