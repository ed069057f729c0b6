public import Checkpoints
public import Layers
public import Models
internal import Reporting
public import TensorEngine

/// The weights of a tower that fill a part of a model.
public struct TowerWeights {
  /// What the tower reads.
  public let side: Modality
  private let set: SafetensorsSet
  private let keys: TowerKeys
  /// For people: "image tower, ViT of models/vit".
  private let name: String

  /// - Parameters:
  ///   - side: what the tower reads.
  ///   - published: whose files these may be.
  init(
    _ set: SafetensorsSet, of kind: any TowerDescription.Type, _ side: Modality, among published: [PublishedKeys]
  ) throws {
    guard let keys = TowerKeys(among: published, in: { set.entry(named: $0) != nil }) else {
      let found = likelyModel(set.entries.map { ($0.name, $0.shape) })
      throw PretrainedError.badModel(
        path: set.path,
        problem:
          "its keys are not \(kind.title)'s, as \(published.map(\.title).joined(separator: ", ")) name them"
          + (found.map { "; " + $0 } ?? ""))
    }
    (self.set, self.keys, self.side) = (set, keys, side)
    name = "\(side.rawValue) tower, \(kind.title) of \(set.path)"
  }

  /// Whether the file holds a parameter of the tower's.
  func has(_ parameter: String) -> Bool { set.entry(named: keys.key(parameter)) != nil }

  /// Fills the tower's part of the arena.
  /// - Parameters:
  ///   - place: of the tower in the model.
  ///   - isStrict: whether names and shapes must be the tower's, no more and no fewer.
  /// - Throws: `CheckpointError.mismatch`, `SafetensorsError.notFinite`, the errors of reading.
  public func load(
    into arena: ParameterArena, at place: TowerPlace, isStrict: Bool, threads: ThreadPool? = nil
  ) throws -> LoadingReport {
    let strictness = isStrict ? LoadingStrictness.exact() : .whatFits
    var report = try plan(arena.slices, place, strictness)
      .load(from: set, into: arena, strictness, allowsNotFinite: false, threads)
    report.part = name
    if !report.unused.isEmpty { report.note = "left unread, as no part of that tower: " + groups(of: report.unused) }
    return report
  }

  /// Throws what `load` would throw of names and shapes, which are all that is read.
  public func check(_ slices: [ParameterSlice], at place: TowerPlace) throws {
    let plan = plan(slices, place, .exact())
    if !plan.report.isExact { throw CheckpointError.mismatch(path: set.path, report: plan.report) }
  }

  /// What loading would come to, for all that names and shapes tell.
  public func report(_ slices: [ParameterSlice], at place: TowerPlace) -> LoadingReport {
    plan(slices, place, .exact()).report
  }

  private func plan(_ slices: [ParameterSlice], _ place: TowerPlace, _ strictness: LoadingStrictness) -> LoadingPlan {
    let absent = place.optional.filter { start in !set.entries.contains { $0.name.hasPrefix(keys.prefix + start) } }
    let own = slices.filter { slice in
      place.name(inTower: slice.name).map { name in !absent.contains(where: name.hasPrefix) } ?? false
    }
    return LoadingPlan(
      set, TowerLayout(keys: keys, place: place, readsClips: side == .audio), own, strictness,
      interpolatesPositions: place.readsOtherSizes)
  }
}

/// Keys by what they begin with: `pooler.* (2)`, or the key where nothing else begins so.
private func groups(of keys: [String]) -> String {
  var groups: [(start: Substring, keys: [String])] = []
  for key in keys {
    let start = key.split(separator: ".").first ?? ""
    if let index = groups.firstIndex(where: { $0.start == start }) {
      groups[index].keys.append(key)
    } else {
      groups.append((start, [key]))
    }
  }
  return groups.map { $0.keys.count > 1 ? "\(printable($0.start)).* (\($0.keys.count))" : printable($0.keys[0]) }
    .joined(separator: ", ")
}

/// The keys of a tower's file for the parameters of a model.
private struct TowerLayout: KeyLayout {
  let keys: TowerKeys
  let place: TowerPlace
  let readsClips: Bool

  var tokensOfPictures: Int? { keys.published.tokensOfPictures }

  func source(of parameter: String) -> WeightSource {
    let name = place.name(inTower: parameter) ?? parameter
    var source = WeightSource(key: keys.replacement(of: name) ?? keys.key(name))
    source.isReplacement = keys.replacement(of: name) != nil
    return source
  }

  func mayBeCut(_ parameter: String) -> Bool { place.name(inTower: parameter).map(place.mayBeCut) ?? false }

  /// Of a tower of clips that begins from one of pictures: everything that reads one channel of a kernel is its first layer.
  func mayBeSummed(_ parameter: String) -> Bool { readsClips }

  func ignores(_ key: String) -> Bool {
    keys.isUnused(key) || ["position_ids", "num_batches_tracked"].contains { key == $0 || key.hasSuffix("." + $0) }
      || place.unread.contains { key.dropFirst(keys.prefix.count).hasPrefix($0) }
  }
}
