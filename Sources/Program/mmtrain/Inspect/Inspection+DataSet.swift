internal import Batching
internal import Reporting

extension Inspection {
  /// A prepared data set: where it came from, its splits and shards.
  init(_ dataSet: PreparedDataSet, verifies: Bool) throws {
    if verifies { try dataSet.verify() }
    let manifest = dataSet.manifest
    let about = manifest.description
    lines = ["\(printable(dataSet.path)): prepared data set \(printable(about.name))"]
    let facts = [
      ("source", about.source), ("licence", about.licence), ("captions", about.captionFile),
      ("splits", about.splitSource), ("fingerprint", dataSet.fingerprint), ("verified", verifies ? "all hashes" : nil),
    ]
    lines += columns(facts.compactMap { name, value in value.map { [name, printable($0)] } })
    lines += columns(manifest.splits.map { ["  " + $0.name, "\($0.samples) images", "\($0.captions) captions"] })
    lines += columns(manifest.splits.flatMap(columnRows))
    lines += columns(manifest.shards.map { ["  " + $0.file, "\($0.samples) images", sizeText($0.bytes)] })
    members = [
      ("kind", .text("prepared")), ("path", .text(dataSet.path)), ("name", .text(about.name)),
      ("source", optional(about.source)), ("source_sha256", optional(about.sourceSHA256)),
      ("licence", optional(about.licence)), ("caption_file", optional(about.captionFile)),
      ("split_source", optional(about.splitSource)), ("fingerprint", .text(dataSet.fingerprint)),
      ("verified", .flag(verifies)), ("splits", .list(manifest.splits.map(splitJSON))),
      ("shards", .list(manifest.shards.map(shardJSON))),
    ]
  }
}

private func optional(_ text: String?) -> OrderedJSON { text.map { .text($0) } ?? .null }

private func splitJSON(_ split: DataSetManifest.Split) -> OrderedJSON {
  .object([
    ("name", .text(split.name)), ("samples", .integer(split.samples)), ("captions", .integer(split.captions)),
    ("columns", .list(split.columnCounts.map(columnJSON))),
  ])
}

/// What a split has beside images and captions.
private func columnRows(_ split: DataSetManifest.Split) -> [[String]] {
  split.columnCounts.filter { ![.image, .captions].contains($0.column) }.map { count in
    ["  " + split.name, printable(count.column.name), "\(count.values) in \(count.samples) images"]
  }
}

private func columnJSON(_ count: ColumnCount) -> OrderedJSON {
  .object([
    ("column", .text(count.column.name)), ("samples", .integer(count.samples)), ("values", .integer(count.values)),
  ])
}

private func shardJSON(_ shard: DataSetManifest.Shard) -> OrderedJSON {
  .object([
    ("file", .text(shard.file)), ("split", .text(shard.split)), ("samples", .integer(shard.samples)),
    ("bytes", .integer(shard.bytes)),
  ])
}
