internal import Images
internal import Reporting

/// A parser of something that comes from outside, as one function of bytes.
public enum FuzzTarget: String, CaseIterable, Sendable {
  /// The header of a safetensors file, and all tensors behind it.
  case safetensors
  /// The directory of a zip file, and all entries.
  case zip
  /// The headers of a tar file, and all entries.
  case tar
  /// A gzipped tar file, unpacked.
  case gzip
  /// The manifest of a data set that others publish.
  case catalogue
  /// A caption file of any layout.
  case captions
  /// A `.npy` file.
  case npy
  /// A table of region features, of any layout.
  case regions
  /// A file of questions, a table whose columns have roles, or boxes.
  case columns
  /// `tokenizer.json`, and what the tokenizer then makes of a text.
  case tokenizer
  /// The header and the pixels of a JPEG.
  case jpeg
  /// The same of a PNG.
  case png
  /// The same of a WebP, its container included.
  case webp
  /// The header and the samples of a sound file, and rows of its bands.
  case sound
  /// `index.tsv` of a prepared data set whose manifest vouches for it.
  case index
  /// `manifest.json` of a prepared data set.
  case manifest
  /// `KEY.json` of a sample that has regions.
  case record
  /// A configuration file.
  case configuration
  /// `preprocessor_config.json` and `open_clip_config.json`, as far as pictures go.
  case preprocessing
  /// `DONE` of a checkpoint.
  case marker

  /// Reads the bytes as the program would.
  ///
  /// - Returns: nil where they are taken, what is said where they are refused in order.
  /// - Throws: `Misbehaviour` for anything else. A crash or a hang is for libFuzzer to notice.
  @discardableResult
  public func read(_ bytes: UnsafeRawBufferPointer) throws -> String? {
    do {
      try parse(bytes)
      return nil
    } catch let error as Misbehaviour {
      throw error
    } catch let error as any ReportableError {
      try checkRefusal(error)
      return error.description
    } catch {
      throw Misbehaviour("\(rawValue): the error has no exit code: \(error)")
    }
  }

  private func parse(_ bytes: UnsafeRawBufferPointer) throws {
    switch self {
    case .safetensors: try readSafetensors(bytes)
    case .zip: try readZip(bytes)
    case .tar: try readTar(bytes)
    case .gzip: try readGzip(bytes)
    case .catalogue: try readCatalogue(bytes)
    case .captions: try readCaptions(bytes)
    case .npy: try readArray(bytes)
    case .regions: try readRegions(bytes)
    case .columns: try readColumns(bytes)
    case .tokenizer: try readTokenizer(bytes)
    case .jpeg: try readPicture(bytes, as: .jpeg)
    case .png: try readPicture(bytes, as: .png)
    case .webp: try readPicture(bytes, as: .webP)
    case .sound: try readSound(bytes)
    case .index: try readIndex(bytes)
    case .manifest: try readManifest(bytes)
    case .record: try readRecord(bytes)
    case .configuration: try readConfiguration(bytes)
    case .preprocessing: try readPreprocessing(bytes)
    case .marker: try readMarker(bytes)
    }
  }

  /// A refusal says that the input is bad, in words that a terminal can show.
  private func checkRefusal(_ error: any ReportableError) throws {
    guard [.badData, .missingInput, .configuration].contains(error.exitCode) else {
      throw Misbehaviour("\(rawValue): exit code \(error.exitCode.rawValue) for bad input: \(error.description)")
    }
    let isPlain = error.description.unicodeScalars.allSatisfy { scalar in
      scalar == "\n" || (scalar.value >= 0x20 && !(0x7F..<0xA0).contains(scalar.value))
    }
    guard isPlain, !error.description.isEmpty, error.description.utf8.count < 100_000 else {
      throw Misbehaviour("\(rawValue): the message is no plain text: \(error.description.debugDescription)")
    }
  }
}

/// What no input may bring about.
public struct Misbehaviour: Error, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}

/// Throws unless a promise holds that the parser makes for what it takes.
func require(_ holds: Bool, _ promise: String) throws {
  if !holds { throw Misbehaviour(promise) }
}
