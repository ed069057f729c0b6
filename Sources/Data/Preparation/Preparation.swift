internal import Archives
internal import Batching
internal import Files

/// Makes a prepared data set out of photos and captions: reads the captions, decides the splits, decodes every photo,
/// and writes photos byte for byte, captions, tokenizer and report. The set is there whole or not at all.
///
/// A gzipped archive is unpacked in `OUTPUT.unpacked`, which goes away at the end. Where the process is killed, or a file
/// cannot be read or written (a full disk), it stays, and the next try goes on from there.
///
/// - Parameter progress: called on the caller's thread.
/// - Returns: what went in, and what was left out; the same is in the set as `report.json` and `report.html`.
/// - Throws: `PreparationError` where the source does not make a data set, `ArchiveError`, `FileError`, `BatchingError`
///   and `TokenizerError` from the rooms below.
@discardableResult
public func prepare(
  _ request: PreparationRequest, progress: (PreparationProgress) -> Void = { _ in }
) throws -> PreparationReport {
  let unpacking = UnpackingDirectory(request.output + ".unpacked")
  do {
    let report = try prepare(request, unpacking, progress)
    try unpacking.remove()
    return report
  } catch let error as FileError {
    throw error
  } catch {
    try? unpacking.remove()
    throw error
  }
}

private func prepare(
  _ request: PreparationRequest, _ unpacking: UnpackingDirectory, _ progress: (PreparationProgress) -> Void
) throws -> PreparationReport {
  guard !fileExists(request.output) else { throw BatchingError.alreadyExists(path: request.output) }
  let hash = PreparationRequest.SplitChoice.hash(of: request.splits)
  let tokenizer = try TokenizerPlan(request.tokenizer)
  progress(PreparationProgress(stage: .opening, done: 0, total: 1))
  let material = try Material(request, unpacking, progress: progress)
  let splits = try material.splits(request)
  let selection = Selection(
    photos: material.layout.photos, source: material.source, captions: material.described, splits: splits)

  let regions = try RegionCheck(request, photos: selection.candidates.map(\.file))

  var report = material.report(request)
  report.splitSource = splits?.source ?? hash.source(hasGroups: material.described.hasGroups)
  report.passedOver += material.unreadSplits(besides: report.splitSource)
  report.photosNotListed = selection.notListed
  report.alsoLeftOut = selection.alsoLeftOut
  let writer = try PreparedDataSetWriter(
    directory: request.output, description: report.description, shardBytes: request.shardBytes)

  var draft = Draft(material: material, selection: selection, splits: splits, hash: hash, regions: regions)
  try draft.check(request, progress: progress)
  draft.describe(in: &report)
  report.expectations = request.expectations?.check(report) ?? []
  if let warning = report.expectationWarning { report.warnings.append(warning) }
  do {
    try draft.judge(report, request)
  } catch {
    throw leaveReport(for: error, of: draft, request)
  }
  try draft.write(to: writer, progress: progress)
  progress(PreparationProgress(stage: .tokenizing, done: 0, total: 1))
  if let json = try tokenizer.json(
    trainingOn: draft.trainingTexts, of: draft.kindOfTrainingTexts, describingIn: &report)
  {
    try writer.addFile("tokenizer.json", bytes: json)
  }
  for file in try ReportFiles(report, draft).files { try writer.addFile(file.name, bytes: file.bytes) }
  try writer.finish()
  ReportFiles.sweep(beside: request.output)
  return report
}

extension PreparationReport {
  /// What the manifest says about where the data came from.
  fileprivate var description: DataSetDescription {
    DataSetDescription(
      name: name, source: source, sourceSHA256: sourceDigest, licence: licence,
      captionFile: captionSources.first?.file, splitSource: splitSource)
  }
}
