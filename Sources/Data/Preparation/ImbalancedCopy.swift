internal import Batching
internal import Files
public import Reporting

/// A copy of a prepared set in which some samples lack a column, to learn what that does, or have captions made of their classes, where they
/// have no other.
public struct ImbalancedCopy: Sendable {
  /// The set that is copied.
  public var path: String
  /// The directory to make; it must not exist.
  public var output: String
  public var drops: [ColumnDrop]
  /// Of samples without a caption; nil leaves them without.
  public var template: CaptionTemplate?
  /// The splits whose samples lose or get something; the others are copied as they are.
  public var splits: [String]
  public var seed: UInt64

  public init(of path: String, output: String, drops: [ColumnDrop], splits: [String] = ["train"], seed: UInt64 = 0) {
    (self.path, self.output, self.drops, self.splits, self.seed) = (path, output, drops, splits, seed)
  }

  /// Makes it: there whole or not at all, with photos and clips byte for byte.
  /// - Throws: `ImbalanceError` for what cannot be dropped, and the errors of the rooms below.
  @discardableResult
  public func make() throws -> PreparationReport {
    let source = try PreparedDataSet(path: path)
    for split in splits {
      try source.require(ColumnSet(drops.map(\.column) + (template?.columns.columns ?? [])), split: split)
    }
    let manifest = source.manifest
    var description = manifest.description
    (description.source, description.sourceSHA256) = (lastComponent(of: path), source.fingerprint)
    let writer = try PreparedDataSetWriter(directory: output, description: description)
    var report = PreparationReport(name: description.name, source: description.source ?? "")
    (report.sourceDigest, report.licence) = (source.fingerprint, description.licence)
    report.splitSource = "as in \(lastComponent(of: path))"
    report.tokenizer = report.splitSource
    for split in manifest.splits.map(\.name) { try copy(split, of: source, to: writer, &report) }
    for file in manifest.files where !Self.remade.contains(file.file) {
      if let bytes = try source.sideFile(file.file) { try writer.addFile(file.file, bytes: bytes) }
    }
    try writer.addFile("report.json", bytes: report.json())
    _ = try writer.finish()
    return report
  }

  /// Files beside the shards that a copy has of its own.
  private static let remade: Set<String> = Set(["index.tsv", "pairs.tsv"] + ReportFiles.names)

  private func copy(
    _ split: String, of source: PreparedDataSet, to writer: PreparedDataSetWriter, _ report: inout PreparationReport
  ) throws {
    let samples = try source.samples(split: split)
    let records = try samples.map { try source.record($0) }
    let looked = zip(samples, records).map { (key: $0.key, columns: $1.lookedAt(hasPhoto: $0.hasPhoto)) }
    let chosen = DroppedColumns(splits.contains(split) ? drops : [], of: looked, seed: seed)
    let template = splits.contains(split) ? self.template : nil
    var (tally, made) = (ColumnTally(), (had: 0, got: 0, lacking: 0))
    for (place, sample) in samples.enumerated() {
      var record = records[place]
      let lost = chosen.dropped[place]
      for column in lost { record.drop(column) }
      if let template {
        let caption = record.captions.isEmpty ? template.caption(of: record.columns) : nil
        if !record.captions.isEmpty {
          made.had += 1
        } else if caption != nil {
          made.got += 1
        } else {
          made.lacking += 1
        }
        if let caption { record.captions = [caption] }
      }
      let kept = ColumnSet([.image, .regions, .audio].filter { !lost.contains($0) })
      try source.copy(sample, as: record, keeping: kept, to: writer)
      let frames = sample.hasPhoto && kept.contains(.image) ? record.frames.count + 1 : 0
      tally.add(frames: frames, captions: record.captions.count, record.columns)
      tally.add(.audio, record.clip == nil || lost.contains(.audio) ? 0 : 1)
    }
    let lacking = Set(samples.indices.filter { chosen.dropped[$0].contains(.image) }.map { samples[$0].key })
    for pair in try source.labelledPairs(split: split) where !lacking.contains(pair.key) {
      try writer.addPair(pair, split: split)
    }
    for count in chosen.counts { try report.notes += notes(on: count, split) }
    if let template {
      guard made.got > 0 else {
        throw NothingToTellError(path: path, split: split, had: made.had, lacking: made.lacking)
      }
      report.notes.append(
        "captions: \(made.got) samples of \(split) that have none get “\(template.text)”; \(made.had) keep theirs"
          + (made.lacking > 0 ? ", \(made.lacking) have no class and stay without" : ""))
    }
    let columns = tally.list
    report.splits.append(
      PreparationReport.Split(
        name: split, photos: columns.first { $0.column == .image }?.samples ?? samples.count,
        captions: columns.first { $0.column == .captions }?.values ?? 0, columns: columns))
    report.photosFound += samples.count { $0.hasPhoto }
  }

  private func notes(on count: DroppedColumns.Count, _ split: String) throws -> [String] {
    let share = drops.first { $0.column == count.column }?.share ?? 0
    guard share == 0 || count.lost + count.spared > 0 && !count.isAll else {
      throw ImbalanceError(path: path, split: split, column: count.column, samples: count.had, share: share)
    }
    let spared = count.spared > 0 ? "; \(count.spared) more keep it, as they have nothing else to look at" : ""
    return [
      "\(count.column.name): \(count.lost) of the \(count.had) samples of \(split) that had it lose it (share \(share), "
        + "seed \(seed))\(spared)"
    ]
  }
}

/// A column that nobody can lose.
public struct ImbalanceError: ReportableError {
  let path: String
  let split: String
  let column: Column
  let samples: Int
  let share: Double

  public var description: String {
    let what = "\(printable(path)): no sample of \(printable(split)) can lose \(printable(column.name)): "
    return (share * Double(samples)).rounded() == 0
      ? what + "\(share) of \(samples) is none; give a larger share"
      : what + "it is all that each has to look at; name a column beside which there is another"
  }
  public var exitCode: ExitCode { .badData }
}

/// Captions that nobody needs, or can be made for.
public struct NothingToTellError: ReportableError {
  let path: String
  let split: String
  let had: Int
  let lacking: Int

  public var description: String {
    "\(printable(path)): no sample of \(printable(split)) gets a caption from its classes: \(had) have one, and \(lacking) have no class; "
      + "leave --template out, or name another split with --drop-splits"
  }
  public var exitCode: ExitCode { .badData }
}
