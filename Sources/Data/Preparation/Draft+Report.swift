internal import Archives
internal import Batching
internal import Reporting

/// What the report says about the draft.
extension Draft {
  /// All that was left out, in the order in which it was found.
  var problems: [Problem] {
    unreadableNames + material.layout.problems + material.described.problems + (splits?.problems ?? [])
      + selection.problems + photoProblems + boxes.problems + (regions?.problems ?? []) + clips.problems
      + (material.pairs?.problems ?? [])
  }

  /// Photos of the source that cannot be named, and so not be read.
  private var unreadableNames: [Problem] {
    material.source.leftOut.filter { subjects.isName($0.name) }.map {
      Problem(kind: .unreadableName, subject: $0.name, place: nil, detail: $0.reason)
    }
  }

  func count(_ problemClass: ProblemClass) -> Int { problems.count { $0.kind.problemClass == problemClass } }

  func describe(in report: inout PreparationReport) {
    report.list(problems)
    report.notes += splits?.notes ?? []
    report.splits = Set(samples.map(\.split)).sorted(by: splitOrder).map { split in
      let own = samples.filter { $0.split == split }
      var tally = ColumnTally()
      for sample in own {
        let isClip = sample.photo.sound != nil
        tally.add(frames: isClip ? 0 : sample.photo.frames.count + 1, captions: sample.captions.count, sample.columns)
        tally.add(.regions, sample.regions)
        tally.add(.audio, isClip || clips.has(sample) ? 1 : 0)
      }
      return .init(
        name: split, photos: own.count, captions: own.reduce(0) { $0 + $1.captions.count }, columns: tally.list)
    }
    describeColumns(in: &report)
    let counts = Dictionary(grouping: samples, by: \.captions.count)
    report.captionCounts = counts.keys.sorted().map { .init(captions: $0, photos: counts[$0]?.count ?? 0) }
    describeDuplicates(in: &report)
    describeGroups(in: &report)
    describeDamage(in: &report)
    describeAnimations(in: &report)
    describeFrames(in: &report)
    if let table = material.pairs {
      let matching = pairs.count { $0.pair.matches }
      report.pairs = .init(
        file: table.path, rows: table.rowCount, matching: matching, notMatching: pairs.count - matching)
      if lostPairs > 0 {
        report.alsoLeftOut.append("\(lostPairs) labelled pairs, whose photos are not in the set")
      }
      if strayPairs > 0 {
        report.notes.append("\(strayPairs) labelled pairs name another split than their photo's; they follow the photo")
      }
    }
    let known = ["train", "validation", "test"]
    for split in report.splits where !known.contains(where: split.name.hasPrefix) {
      guard let meant = nearest(to: split.name, among: known) else { continue }
      report.warnings.append(
        "the split “\(split.name)” of \(split.photos) \(subjects.word)s is one of its own; perhaps “\(meant)” is meant")
    }
    for split in known where !report.splits.contains(where: { $0.name == split }) {
      report.notes.append("no \(subjects.word) is in the split \(split)")
    }
  }

  /// Photos that were taken although something was wrong with them.
  private func describeDamage(in report: inout PreparationReport) {
    let taken = samples.compactMap(\.photo.damage)
    guard let first = taken.first else { return }
    report.acceptedDamage = Array(taken.prefix(PreparationReport.listLimit))
    report.warnings.append(
      "\(taken.count) damaged photos were taken, with grey in place of what is missing (first: \(first.subject))")
  }

  /// Photos of which more could be seen than the set shows.
  private func describeAnimations(in report: inout PreparationReport) {
    let animated = samples.filter(\.photo.isAnimated)
    guard let first = animated.first else { return }
    report.warnings.append(
      "\(animated.count) animated pictures: only the first frame of each counts (first: \(first.candidate.name))")
  }

  private func describeFrames(in report: inout PreparationReport) {
    let counts = samples.map { $0.photo.frames.count + 1 }.filter { $0 > 1 }
    guard let fewest = counts.min(), let most = counts.max() else { return }
    report.notes.append(
      "\(counts.count) samples are videos, of \(fewest == most ? "\(most)" : "\(fewest) to \(most)") frames each, "
        + "\(counts.reduce(0, +)) together")
  }

  /// Photos with the same bytes, those in more than one split first: they are a leak.
  private func describeDuplicates(in report: inout PreparationReport) {
    let groups = Dictionary(grouping: samples, by: \.photo.content).values.filter { $0.count > 1 }
    let listed = groups.map { group in
      PreparationReport.Duplicates(
        photos: group.map(\.candidate.name), splits: Set(group.map(\.split)).sorted(by: splitOrder),
        files: group.map(\.candidate.file), photoSplits: group.map(\.split))
    }
    report.leaks = listed.count { $0.splits.count > 1 }
    let ordered = listed.sorted { a, b in
      let leaks = (a.splits.count > 1, b.splits.count > 1)
      return leaks.0 == leaks.1 ? byteOrder(a.photos[0], b.photos[0]) : leaks.0
    }
    report.duplicates = Array(ordered.prefix(PreparationReport.listLimit))
    if report.leaks > 0 {
      report.warnings.append(
        "\(report.leaks) photos are in more than one split: figures on held-out photos are too good; keep copies "
          + "together in the lists of splits, or refuse such sets with --fail-on-leaks")
    }
  }
}
