public import Checkpoints
internal import Files
public import Layers
internal import Reporting
public import TensorEngine

/// What a file may lack or have too much of.
public enum LoadingStrictness: Equatable, Sendable {
  /// Names and shapes are the model's, no more and no fewer, but for parts of the model, given by what their names begin
  /// with, that the file has nothing of: they keep the weights that they have.
  case exact(optionalPrefixes: [String] = [])
  /// What the file has and fits is loaded; the rest is reported.
  case whatFits
}

/// Fills the arena from a safetensors file, several of them with an index, or a directory; in any known layout. An adapter is
/// merged with the model that it belongs to. Updates that layers of the arena have are no part of a model, and stay.
///
/// - Parameters:
///   - interpolatesPositions: positions for another image size or another length of text are brought to the model's.
///   - except: keys that the file need not have and that are not read: whoever calls fills their parameters.
///   - allowsNotFinite: whether NaN and infinite values are taken; the report then names the tensors that have some.
///   - threads: copy at once, where given.
/// - Returns: what became of every parameter and every key.
/// - Throws: `CheckpointError.mismatch` where the file is not strictly the model's; `SafetensorsError.notFinite`; the
///   errors of reading. The arena is then partly filled.
@discardableResult
public func loadWeights(
  from path: String, into arena: ParameterArena, strictness: LoadingStrictness = .exact(),
  interpolatesPositions: Bool = false, except: Set<String> = [], allowsNotFinite: Bool = false,
  threads: ThreadPool? = nil
) throws -> LoadingReport {
  if let adapter = try Adapter.find(path) {
    return try adapter.load(into: arena, strictness: strictness, allowsNotFinite: allowsNotFinite, threads: threads)
  }
  let set = try SafetensorsSet(path: modelWeightsPath(at: path))
  let slices = arena.slices.filter { !LowRankParameters.own($0.name) }
  let layout = WeightLayout(keys: set.entries.lazy.map(\.name))
  let plan = LoadingPlan(
    set, layout, slices, strictness, interpolatesPositions: interpolatesPositions, except: except)
  return try plan.load(from: set, into: arena, strictness, allowsNotFinite: allowsNotFinite, threads)
}

/// Throws what `loadWeights` would throw of names and shapes, which are all that is read.
public func checkWeights(
  of slices: [ParameterSlice], from path: String, strictness: LoadingStrictness, interpolatesPositions: Bool
) throws {
  let set = try SafetensorsSet(path: weightsPath(at: path))
  let layout = WeightLayout(keys: set.entries.lazy.map(\.name))
  let plan = LoadingPlan(set, layout, slices, strictness, interpolatesPositions: interpolatesPositions)
  guard strictness == .whatFits || plan.report.isExact else {
    throw CheckpointError.mismatch(path: set.path, report: plan.report)
  }
}

/// What loading these weights into a model would come to; nothing of them is read but the names and shapes.
/// - Parameter except: as in `loadWeights`.
public func loadingReport(
  _ slices: [ParameterSlice], from path: String, except: Set<String> = []
) throws -> LoadingReport {
  if let adapter = try Adapter.find(path) { return try adapter.report(slices) }
  let set = try SafetensorsSet(path: modelWeightsPath(at: path))
  let layout = WeightLayout(keys: set.entries.lazy.map(\.name))
  return LoadingPlan(set, layout, slices, .exact(), interpolatesPositions: false, except: except).report
}

/// The weights that a path means: the file itself, or in a directory those that belong to its architecture.
/// - Throws: as `weightsPath`.
public func modelWeightsPath(at path: String) throws -> String {
  try weightsPath(at: path, prefersOpenCLIP: isDirectory(path) && isOpenCLIP(path))
}

/// How a file names and arranges the parameters that are wanted of it.
protocol KeyLayout {
  /// Where the numbers of a parameter are.
  func source(of parameter: String) -> WeightSource
  /// Further keys of a parameter, where the file has it under none of its own.
  func otherKeys(of parameter: String) -> [String]
  /// Whether a key that no parameter asks for is known to be of no use.
  func ignores(_ key: String) -> Bool
  /// Whether a parameter may be the first rows of a longer table.
  func mayBeCut(_ parameter: String) -> Bool
  /// Whether a parameter that reads one channel may be the sum of kernels that read colours.
  func mayBeSummed(_ parameter: String) -> Bool
  /// Of a transformer of pictures that a tower of clips begins from: how many positions come before those of its patches; nil of others.
  var tokensOfPictures: Int? { get }
}

extension KeyLayout {
  func otherKeys(of parameter: String) -> [String] { [] }
  func mayBeCut(_ parameter: String) -> Bool { false }
  func mayBeSummed(_ parameter: String) -> Bool { false }
  var tokensOfPictures: Int? { nil }
}

extension WeightLayout: KeyLayout {}

/// Which tensor fills which parameter.
struct LoadingPlan {
  typealias Tensor = (slice: ParameterSlice, source: WeightSource)

  private(set) var tensors: [Tensor] = []
  private(set) var report: LoadingReport

  init(
    _ set: SafetensorsSet, _ layout: any KeyLayout, _ slices: [ParameterSlice], _ strictness: LoadingStrictness,
    interpolatesPositions: Bool, except: Set<String> = []
  ) {
    var used: Set<String> = []
    var absent: [(name: String, key: String)] = []
    var mismatched: [LoadingReport.Mismatch] = []
    for slice in slices {
      var source = layout.source(of: slice.name)
      if set.entry(named: source.key) == nil,
        let other = layout.otherKeys(of: slice.name).first(where: { set.entry(named: $0) != nil })
      {
        source.key = other
      }
      guard !except.contains(source.key) else {
        used.insert(source.key)
        continue
      }
      guard let entry = set.entry(named: source.key) else {
        absent.append((slice.name, source.key))
        continue
      }
      used.insert(source.key)
      let expected = source.shape(for: slice.shape)
      // As many positions of pictures as of clips are another grid all the same.
      let pictures = slice.linesOfGrid == nil ? nil : layout.tokensOfPictures
      if pictures == nil, entry.shape == expected || expected.isEmpty && entry.shape == [1] {
        tensors.append((slice, source))
      } else if layout.mayBeCut(slice.name), entry.shape.count == 2, entry.shape[1...] == expected[1...],
        entry.shape[0] > expected[0]
      {
        source.rows = entry.shape[0]
        tensors.append((slice, source))
      } else if layout.mayBeSummed(slice.name), entry.shape.count == 4, entry.shape[1] == 3,
        expected == [entry.shape[0], 1] + entry.shape[2...]
      {
        source.channels = entry.shape[1]
        tensors.append((slice, source))
      } else if let interpolation = pictures.map({
        PositionInterpolation(ofPictures: $0, for: slice, from: entry.shape, to: expected)
      }) ?? (interpolatesPositions ? PositionInterpolation(of: slice, from: entry.shape, to: expected) : nil) {
        source.interpolation = interpolation
        tensors.append((slice, source))
      } else if !mismatched.contains(where: { $0.name == source.key }) {
        mismatched.append(LoadingReport.Mismatch(name: source.key, expected: expected, found: entry.shape))
      }
    }
    let others = set.entries.map(\.name).filter { !used.contains($0) }
    let unexpected = others.filter { !layout.ignores($0) }
    if case .exact(let prefixes) = strictness {
      let optional = prefixes.filter { prefix in !set.entries.contains { $0.name.hasPrefix(prefix) } }
      absent.removeAll { missing in optional.contains { missing.name.hasPrefix($0) } }
    }
    let missing = Self.unique(absent.map(\.key)).enumerated().map { place, key in
      LoadingReport.Missing(name: key, nearest: place < 10 ? nearest(to: key, among: unexpected) : nil)
    }
    report = LoadingReport(
      loaded: tensors.map {
        LoadingReport.Loaded(name: $0.slice.name, key: $0.source.key, change: $0.source.change(for: $0.slice.shape))
      },
      unused: others.filter(layout.ignores), missing: missing, unexpected: unexpected, mismatched: mismatched)
    report.likely = report.partialFolding
    // Where little fits, it is another model rather than a damaged one.
    if report.likely == nil, 4 * (missing.count + mismatched.count) > slices.count {
      report.likely = likelyModel(set.entries.map { ($0.name, $0.shape) })
    }
  }

  /// Fills the arena.
  func load(
    from set: SafetensorsSet, into arena: ParameterArena, _ strictness: LoadingStrictness, allowsNotFinite: Bool,
    _ threads: ThreadPool?
  ) throws -> LoadingReport {
    guard strictness == .whatFits || report.isExact else {
      throw CheckpointError.mismatch(path: set.path, report: report)
    }
    var report = report
    report.notFinite = try copy(tensors, from: set, into: arena, threads)
    guard report.notFinite.isEmpty || allowsNotFinite else {
      throw SafetensorsError.notFinite(path: set.path, tensors: report.notFinite)
    }
    if let damaged = tensors.first(where: { BatchNorm.isVariance($0.slice.name) && arena.holdsNegative($0.slice) }) {
      throw PretrainedError.badModel(
        path: set.path,
        problem:
          "\(printable(damaged.source.key)) has a negative variance, of which no root is a number; download it again, or "
          + "ask whoever made it")
    }
    return report
  }

  private static func unique(_ keys: [String]) -> [String] {
    var seen: Set<String> = []
    return keys.filter { seen.insert($0).inserted }
  }
}

/// - Returns: the keys of the tensors that have values which are not finite.
private func copy(
  _ tensors: [LoadingPlan.Tensor], from set: SafetensorsSet, into arena: ParameterArena, _ threads: ThreadPool?
) throws -> [String] {
  var failures = [(any Error)?](repeating: nil, count: tensors.count)
  var finite = [Bool](repeating: true, count: tensors.count)
  failures.withUnsafeMutableBufferPointer { failures in
    finite.withUnsafeMutableBufferPointer { finite in
      let outcome = Outcome(failures: failures, finite: finite)
      let one = { (index: Int) in
        let (slice, source) = tensors[index]
        let target = arena.weights(of: slice)
        do {
          try copy(source, of: slice, from: set.file(of: source.key), into: target)
          outcome.finite[index] = allFinite(target)
        } catch { outcome.failures[index] = error }
      }
      if let threads {
        threads.run(tensors.count) { _, index in one(index) }
      } else {
        for index in tensors.indices { one(index) }
      }
    }
  }
  for case let failure? in failures { throw failure }
  return zip(tensors, finite).filter { !$0.1 }.map(\.0.source.key)
}

/// What each of the threads says of the tensors that it copied: no two write the same place.
private struct Outcome {
  let failures: UnsafeMutableBufferPointer<(any Error)?>
  let finite: UnsafeMutableBufferPointer<Bool>
}

private func copy(
  _ source: WeightSource, of slice: ParameterSlice, from file: SafetensorsFile,
  into target: UnsafeMutableBufferPointer<Float>
) throws {
  if let part = source.part {
    let start = part.index * target.count
    try file.copyFloats(source.key, elements: start..<start + target.count, into: target)
  } else if source.rows != nil {
    try file.copyFloats(source.key, elements: 0..<target.count, into: target)
  } else if let interpolation = source.interpolation {
    _ = target.update(from: interpolation(try file.floats(source.key), width: slice.shape[slice.shape.count - 1]))
  } else if let channels = source.channels {
    sum(try file.floats(source.key), channels: channels, kernel: slice.shape[2] * slice.shape[3], into: target)
  } else if source.isTransposed {
    transpose(try file.floats(source.key), rows: slice.shape[0], columns: slice.shape[1], into: target)
  } else {
    try file.copyFloats(source.key, into: target)
  }
}

/// target [O, 1, K, K] from values [O, channels, K, K]: what a grey picture would see of them.
private func sum(
  _ values: [Float], channels: Int, kernel: Int, into target: UnsafeMutableBufferPointer<Float>
) {
  for place in target.indices {
    let first = place / kernel * channels * kernel + place % kernel
    target[place] = (0..<channels).reduce(0) { $0 + values[first + $1 * kernel] }
  }
}

/// target [rows, columns] from values [columns, rows].
private func transpose(_ values: [Float], rows: Int, columns: Int, into target: UnsafeMutableBufferPointer<Float>) {
  for row in 0..<rows {
    for column in 0..<columns { target[row * columns + column] = values[column * rows + row] }
  }
}

extension ParameterArena {
  fileprivate func holdsNegative(_ slice: ParameterSlice) -> Bool { weights(of: slice).contains { $0 < 0 } }
}

/// Counts rather than stops at the first, so that the compiler makes vector instructions of it.
func allFinite(_ values: UnsafeMutableBufferPointer<Float>) -> Bool {
  var count: UInt32 = 0
  for value in values { count |= value.bitPattern & 0x7F80_0000 == 0x7F80_0000 ? 1 : 0 }
  return count == 0
}
