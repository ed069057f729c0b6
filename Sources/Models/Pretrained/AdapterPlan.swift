internal import Checkpoints
internal import Layers

/// Which of an adapter's tensors goes where.
struct AdapterPlan {
  typealias Update = (slice: ParameterSlice, a: String, b: String)

  private(set) var updates: [Update] = []
  private(set) var whole: [ParameterSlice] = []
  private(set) var missing: [LoadingReport.Missing] = []
  private(set) var unexpected: [String] = []
  private(set) var mismatched: [LoadingReport.Mismatch] = []

  init(_ adapter: Adapter, _ slices: [ParameterSlice]) {
    var used: Set<String> = []
    for slice in slices {
      let key = Adapter.prefix + slice.name
      if let entry = adapter.file.entry(named: key) {
        used.insert(key)
        if fits(entry, slice.shape) { whole.append(slice) }
      }
      // Nothing but a linear layer has an update that is two matrices.
      guard slice.name.hasSuffix(".weight"), slice.shape.count == 2 else { continue }
      let names = LowRankParameters.suffixes
      let layer = String(key.dropLast(".weight".count))
      let keys = (a: layer + names.a, b: layer + names.b)
      let entries = (adapter.file.entry(named: keys.a), adapter.file.entry(named: keys.b))
      guard entries.0 != nil || entries.1 != nil else { continue }
      used.formUnion([keys.a, keys.b])
      guard let a = entries.0, let b = entries.1 else {
        missing.append(LoadingReport.Missing(name: entries.0 == nil ? keys.a : keys.b, nearest: nil))
        continue
      }
      let (outputs, inputs, rank) = (slice.shape[0], slice.shape[1], adapter.settings.rank)
      // Both are looked at, so that both are reported.
      let fit = [fits(a, [rank, inputs]), fits(b, [outputs, rank])]
      if fit == [true, true] { updates.append((slice, keys.a, keys.b)) }
    }
    unexpected = adapter.file.entries.map(\.name).filter { !used.contains($0) }
  }

  private mutating func fits(_ entry: SafetensorsFile.Entry, _ shape: [Int]) -> Bool {
    if entry.shape != shape {
      mismatched.append(LoadingReport.Mismatch(name: entry.name, expected: shape, found: entry.shape))
    }
    return entry.shape == shape
  }

  var isExact: Bool { missing.isEmpty && unexpected.isEmpty && mismatched.isEmpty }

  var report: LoadingReport {
    LoadingReport(loaded: [], unused: [], missing: missing, unexpected: unexpected, mismatched: mismatched)
  }

  func note(_ settings: AdapterSettings) -> String {
    "\(updates.count) layers with updates of rank \(settings.rank)"
      + (whole.isEmpty ? "" : ", \(whole.count) arrays trained whole") + ", merged"
  }
}
