internal import Batching

/// What the report says about columns other than captions.
extension Draft {
  func describeColumns(in report: inout PreparationReport) {
    if boxes.cut > 0 {
      report.notes.append("\(boxes.cut) boxes reached out of their photos by a pixel at most; it was cut off")
    }
    let bare = samples.count { $0.captions.isEmpty }
    if bare > 0, bare < samples.count {
      report.notes.append("\(bare) photos of the set have no captions, but other columns")
    }
    report.alsoLeftOut += lostValues
    if let regions { describe(regions, in: &report) }
  }

  private func describe(_ regions: RegionCheck, in report: inout PreparationReport) {
    report.columnSources.append(regions.source)
    report.notes += regions.notes
    let kept = Set(samples.map(\.candidate.file))
    let lost = selection.candidates.count { !kept.contains($0.file) && regions.hasRegions(of: $0) }
    if lost > 0 { report.alsoLeftOut.append("the regions of \(lost) photos, which are not in the set") }
  }

  /// What files say about photos that are not in the set.
  private var lostValues: [String] {
    let kept = Set(samples.map(\.candidate.file))
    let strays = Set(material.described.unmatched.map(\.subject))
    let files = material.columns.parts.map(\.file) + material.columns.captions
    let lost =
      material.described.photos.filter { !kept.contains($0.file) }.map(\.columns)
      + files.flatMap { file in file.names.filter(strays.contains).compactMap { file[$0]?.columns } }
    var tally = ColumnTally()
    for columns in lost { tally.add(captions: 0, columns) }
    return tally.list.filter { $0.column != .image && $0.column != .group }.map {
      "\($0.values) \($0.column.words), whose photos are not in the set"
    }
  }

  /// Groups that given splits divide: what is learnt of a patient in one helps with the same patient in another.
  func describeGroups(in report: inout PreparationReport) {
    let groups = Dictionary(grouping: samples.filter { $0.columns.group != nil }) { $0.columns.group ?? "" }
    let divided = groups.filter { Set($0.value.map(\.split)).count > 1 }
    report.dividedGroupCount = divided.count
    report.dividedGroups = divided.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      .prefix(PreparationReport.listLimit).map { name in
        let splits = Dictionary(grouping: divided[name] ?? [], by: \.split)
        return .init(
          group: name,
          splits: splits.keys.sorted(by: splitOrder).map { .init(name: $0, photos: splits[$0]?.count ?? 0) })
      }
    guard let first = report.dividedGroups.first else { return }
    report.warnings.append(
      "\(divided.count) groups are in more than one split (first: \(first.group)): figures on held-out photos are too good; "
        + "divide the splits by group, or refuse such sets with --fail-on-leaks")
  }
}

extension Column {
  /// Several of its values, in words.
  var words: String {
    switch self {
    case .labels(let name): "classes of label \(name)"
    case .text(let name): "texts \(name)"
    case .audio: "clips"
    default: name
    }
  }
}

extension ColumnCount {
  /// How many there are, for a reader; of a group, how many samples have one.
  var words: String {
    column == .group
      ? "\(samples) in groups"
      : column == .image
        ? "\(values) frames of \(samples) videos and photos"
        : "\(values) \(column.words)"
          + (values == samples ? "" : " of \(samples) photos")
  }
}

extension SampleColumns {
  /// All texts in them: questions, answers, reports, phrases.
  var allTexts: [String] {
    questions.flatMap { [$0.text] + $0.answers } + texts.keys.sorted().compactMap { texts[$0] } + boxes.map(\.phrase)
  }
}
