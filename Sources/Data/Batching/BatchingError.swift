public import Reporting

/// What can go wrong with a prepared data set, or while batches are made from one.
public enum BatchingError: ReportableError {
  // Reading a prepared data set
  case notPrepared(path: String)
  case manifest(path: String, reason: String)
  case formatVersion(path: String, found: Int, supported: Int)
  case unexpectedSize(path: String, expected: Int, actual: Int)
  case hashMismatch(path: String, expected: String, actual: String)
  /// A line of `index.tsv` or `pairs.tsv` (lines are counted from 1).
  case line(path: String, number: Int, reason: String)
  case record(path: String, key: String, reason: String)
  case unknownSplit(path: String, split: String, available: [String])
  /// What a task reads is not there; `have` of `of` samples have it.
  case missingColumn(path: String, split: String, column: Column, have: Int, of: Int, available: [Column])

  /// Videos, and a model that looks at photos.
  case severalFrames(path: String, split: String)

  // Writing one
  case alreadyExists(path: String)
  case badKey(String)
  case duplicateKey(String)
  case badSplitName(String)
  case badFileName(String)
  case fileOrder(split: String, name: String, previous: String)
  case badSample(key: String, reason: String)

  // Batches
  case emptySplit(path: String, split: String)
  /// A folder or archive without pictures.
  case noPhotos(path: String)
  case noClips(path: String)
  case batchTooSmall(batch: Int, ranks: Int)
  case batchTooLarge(batch: Int, split: String, samples: Int)
  case setting(name: String, reason: String)
  case position(epoch: Int, batch: Int, batchesPerEpoch: Int)
  case threads(code: Int32)
  /// A sample could not be turned into pixels and token ids.
  case sample(key: String, shard: String, reason: String, cause: ExitCode)

  public var description: String {
    switch self {
    case .notPrepared(let path):
      "\(printable(path)): no manifest.json there, so this is no prepared data set; make one with `mmtrain prepare`"
    case .manifest(let path, let reason):
      "\(printable(path)): \(reason); prepare the data set again"
    case .formatVersion(let path, let found, let supported):
      "\(printable(path)): format version \(found), this mmtrain reads versions 1 to \(supported); prepare the data set "
        + "again, or use the mmtrain it was prepared with"
    case .unexpectedSize(let path, let expected, let actual):
      "\(printable(path)): \(actual) bytes instead of \(expected); copy it again, or prepare the data set again"
    case .hashMismatch(let path, let expected, let actual):
      "\(printable(path)): SHA-256 is \(actual) instead of \(printable(expected)): the file was changed or damaged; "
        + "copy it again, or prepare the data set again"
    case .line(let path, let number, let reason):
      "\(printable(path)):\(number): \(reason); prepare the data set again"
    case .record(let path, let key, let reason):
      "\(printable(path)): the record of sample \(printable(key)): \(reason); prepare the data set again"
    case .unknownSplit(let path, let split, let available):
      "\(printable(path)) has no split \(printable(split)); it has \(list(available)); name one of these"
    case .missingColumn(let path, let split, let column, let have, let total, let available):
      "\(printable(path)): "
        + (have == 0
          ? "the data lack the column \(printable(column.name)) in split \(printable(split)), which has "
            + list(available.map(\.name))
          : "only \(have) of \(total) samples of split \(printable(split)) have the column \(printable(column.name))")
        + "; \(printable(column.advice))"
    case .severalFrames(let path, let split):
      "\(printable(path)): samples of split \(printable(split)) are videos of several frames, and the model looks at one photo of a "
        + "sample; take a model that looks at frames (model.frames.pooling), or prepare a table that names one photo a row"
    case .alreadyExists(let path):
      "\(printable(path)) exists; remove it, or choose another output directory"
    case .badKey(let key):
      "sample key \"\(printable(key))\": a key is 1 to \(SampleKey.maximumLength) of the characters A–Z a–z 0–9 _ -"
    case .duplicateKey(let key):
      "sample key \(printable(key)) occurs twice; every sample needs its own"
    case .badSplitName(let name):
      "split \"\(printable(name))\": the name of a split is 1 to 32 of the characters a–z 0–9 _ -"
    case .badFileName(let name):
      "\"\(printable(name))\" is no name for a file of a prepared data set, or is taken"
    case .fileOrder(let split, let name, let previous):
      "split \(printable(split)): \(printable(name)) comes after \(printable(previous)); samples are added in the order "
        + "of their file names' bytes, each once"
    case .badSample(let key, let reason):
      "sample \(printable(key)): \(reason)"
    case .emptySplit(let path, let split):
      "\(printable(path)): split \(printable(split)) has no samples; choose another split"
    case .noPhotos(let path):
      "\(printable(path)): no pictures in it (.jpg, .jpeg, .png, .webp); check the path"
    case .noClips(let path):
      "\(printable(path)): no sounds in it (.wav, .flac, .ogg, .oga, .mp3); check the path"
    case .batchTooSmall(let batch, let ranks):
      "batch.global is \(batch), fewer than the \(ranks) ranks, so some would have no sample; "
        + "use a batch of at least \(ranks), or fewer ranks"
    case .batchTooLarge(let batch, let split, let samples):
      "batch.global is \(batch), but split \(printable(split)) has \(samples) samples; use a batch of at most \(samples)"
    case .setting(let name, let reason):
      "\(name): \(reason)"
    case .position(let epoch, let batch, let batchesPerEpoch):
      "cannot go on at epoch \(epoch), batch \(batch): epochs are counted from 0 and have \(batchesPerEpoch) batches; "
        + "was the run started with other data or another batch.global?"
    case .threads(let code):
      "cannot start a loader thread (pthread_create: error \(code)); lower data.workers, or raise `ulimit -u`"
    case .sample(let key, let shard, let reason, _):
      "sample \(printable(key)) in \(printable(shard)): \(reason)"
    }
  }

  public var exitCode: ExitCode {
    switch self {
    case .notPrepared, .unknownSplit, .missingColumn, .emptySplit, .noPhotos, .noClips: .missingInput
    case .manifest, .formatVersion, .unexpectedSize, .hashMismatch, .line, .record, .badSample: .badData
    case .alreadyExists: .cannotCreateOutput
    case .badKey, .duplicateKey, .badSplitName, .badFileName, .fileOrder: .internalError
    case .batchTooSmall, .batchTooLarge, .setting, .severalFrames: .configuration
    case .position: .missingInput
    case .threads: .inputOutput
    case .sample(_, _, _, let cause): cause
    }
  }

  private func list(_ names: [String]) -> String {
    names.isEmpty ? "none" : names.map { printable($0) }.joined(separator: ", ")
  }
}
