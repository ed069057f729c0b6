internal import CNodeMemory

extension TeamCommunicator {
  package func allReduce(
    _ values: UnsafeMutableBufferPointer<Float>, _ reduction: Reduction, _ label: String
  ) throws {
    let call = Call(.reduceFloat, count: values.count, detail: reduction.number, label)
    try waits.during(call) {
      if reduction == .sum, values.count > largestGathered {
        try sumThroughArena(UnsafeBufferPointer(values), call) { chunk, sums in
          _ = UnsafeMutableBufferPointer(rebasing: values[chunk]).update(from: sums)
        }
      } else {
        try reduce(values, reduction, call, mmt_combine_f32)
      }
    }
  }

  package func allReduce(
    _ values: UnsafeMutableBufferPointer<Double>, _ reduction: Reduction, _ label: String
  ) throws {
    let call = Call(.reduceDouble, count: values.count, detail: reduction.number, label)
    try waits.during(call) { try reduce(values, reduction, call, mmt_combine_f64) }
  }

  package func allReduce(
    _ values: UnsafeMutableBufferPointer<Int64>, _ reduction: Reduction, _ label: String
  ) throws {
    let call = Call(.reduceInteger, count: values.count, detail: reduction.number, label)
    try waits.during(call) { try reduce(values, reduction, call, mmt_combine_i64) }
  }

  package func reduceScatter(
    _ all: UnsafeBufferPointer<Float>, into local: UnsafeMutableBufferPointer<Float>, counts: [Int], _ label: String
  ) throws {
    try check(counts, local: local.count, all: all.count, label)
    let call = Call(.reduceScatter, count: all.count, detail: fingerprint(counts), label)
    let start = counts[..<rank].reduce(0, +)
    let mine = start..<start + local.count
    try waits.during(call) {
      try sumThroughArena(all, call) { chunk, sums in
        let kept = chunk.clamped(to: mine)
        for index in kept { local[index - start] = sums[index - chunk.lowerBound] }
      }
    }
  }

  /// Floats up to which every rank reads all ranks' values; above, each sums its part. Between nodes the network makes
  /// reading everything dear.
  private var largestGathered: Int { links == nil ? exchange.slotBytes / 4 : 1024 }

  /// Every rank reads the values of all and combines them in rank order.
  private func reduce<Element>(
    _ values: UnsafeMutableBufferPointer<Element>, _ reduction: Reduction, _ call: Call,
    _ combine: (UnsafeMutablePointer<Element>?, UnsafePointer<UnsafeRawPointer?>?, Int32, Int, Int32) -> Void
  ) throws {
    for chunk in chunks(of: values.count, exchange.slotBytes / MemoryLayout<Element>.stride) {
      let piece = UnsafeMutableBufferPointer(rebasing: values[chunk])
      let bytes = UnsafeRawBufferPointer(piece)
      try exchange.gather(bytes, counts: .init(repeating: bytes.count, count: size), call) { rows in
        if piece.isEmpty { return }
        combine(piece.baseAddress, rows.map { Optional($0) }, Int32(rows.count), piece.count, reduction.code)
      }
    }
  }

  /// Sums `values` over ranks piece by piece; `take` receives each piece's place in `values` and its sums.
  private func sumThroughArena(
    _ values: UnsafeBufferPointer<Float>, _ call: Call, _ take: (Range<Int>, UnsafeBufferPointer<Float>) -> Void
  ) throws {
    let arena = try scratch(call.label)
    for chunk in chunks(of: values.count, arena.local.count) {
      let piece = UnsafeMutableBufferPointer(rebasing: arena.local[..<chunk.count])
      _ = piece.update(from: values[chunk])
      try arena.sum(0..<chunk.count, call)
      take(chunk, UnsafeBufferPointer(piece))
    }
  }
}

extension Reduction {
  fileprivate var code: Int32 {
    switch self {
    case .sum: Int32(MMT_SUM)
    case .maximum: Int32(MMT_MAXIMUM)
    case .minimum: Int32(MMT_MINIMUM)
    }
  }

  fileprivate var number: UInt64 { UInt64(code) }
}
