internal import Audio
internal import Images
internal import Reporting

/// Something that was left out, and why.
public struct Problem: Codable, Equatable, Sendable {
  /// What is wrong; the raw values are the reason codes of `report.json` and `quarantine.jsonl`, and stay what they are.
  public enum Kind: String, Codable, CaseIterable, Sendable {
    // Photos
    case missingPhoto = "missing_photo"
    case ambiguousPhoto = "ambiguous_photo"
    case missingCaption = "missing_caption"
    /// Neither JPEG nor PNG nor WebP; the code is from when JPEG alone was read.
    case notAPicture = "not_a_jpeg"
    case severalSplits = "several_splits"
    case missingSplit = "missing_split"
    case unreadableName = "unreadable_name"
    case truncated = "truncated"
    case damaged = "damaged"
    case damagedInArchive = "damaged_in_archive"
    case tooManyPixels = "too_many_pixels"
    case tooFewBytes = "too_few_bytes"
    case tooManyScans = "too_many_scans"
    /// A kind of JPEG or WebP that is not read; the code is as old.
    case unsupportedPicture = "unsupported_jpeg"
    // Videos
    case missingFrame = "missing_frame"
    case tooManyFrames = "too_many_frames"
    // Clips
    case notASound = "not_a_sound"
    case noLength = "no_length"
    case tooLong = "too_long"
    /// A rate, a number of channels or a coding that is not read.
    case unsupportedSound = "unsupported_sound"
    case notFinite = "not_finite"
    // Captions
    case damagedRow = "damaged_row"
    case badText = "bad_text"
    case emptyCaption = "empty_caption"
    case repeatedNumber = "repeated_number"
    case unknownImage = "unknown_image"
    // Other columns
    case columnRow = "column_row"
    case unknownQuestion = "unknown_question"
    case missingQuestion = "missing_question"
    case missingAnnotation = "missing_annotation"
    case contradiction = "contradiction"
    case unfitBox = "unfit_box"
    case unfitRegions = "unfit_regions"
    /// The sound of a photo, which stays without it.
    case unfitClip = "unfit_clip"
    /// A second sound of a photo, of which the first counts: told, and no fault.
    case otherClip = "other_clip"
    /// A row without a value where others have one: told, and no fault.
    case missingValue = "missing_value"
    // Other rows
    case splitRow = "split_row"
    case pairRow = "pair_row"
  }

  public var kind: Kind
  /// The photo or row that is meant: a file name where there is one.
  public var subject: String
  /// `file:line`, where the problem has a line.
  public var place: String?
  /// What exactly is wrong, in words.
  public var detail: String
  /// The file of the source that is meant, where there is one.
  public var file: String?
  /// SHA-256 of that file, where it was read.
  public var sha256: String?

  /// One line for a terminal.
  public var line: String {
    let whose = subject.isEmpty ? "" : "\(printable(subject, limit: 80)): "
    return (place.map { "\(printable($0)): " } ?? "") + whose + printable(detail)
  }
}

/// What a problem is counted against.
enum ProblemClass {
  case photo, caption, column, regions, clips, pair
  /// Nothing: it is told and no fault.
  case none
}

extension Problem.Kind {
  var problemClass: ProblemClass {
    switch self {
    case .missingPhoto, .ambiguousPhoto, .missingCaption, .notAPicture, .severalSplits, .missingSplit, .splitRow,
      .unreadableName,
      .truncated, .damaged,
      .damagedInArchive, .missingFrame, .tooManyFrames, .tooManyPixels, .tooFewBytes, .tooManyScans,
      .unsupportedPicture, .notASound,
      .noLength, .tooLong, .unsupportedSound, .notFinite:
      .photo
    case .damagedRow, .badText, .emptyCaption, .repeatedNumber, .unknownImage: .caption
    case .columnRow, .unknownQuestion, .missingQuestion, .missingAnnotation, .contradiction, .unfitBox: .column
    case .unfitRegions: .regions
    case .unfitClip: .clips
    case .missingValue, .otherClip: .none
    case .pairRow: .pair
    }
  }

  /// In words, for a reader.
  var words: String {
    switch self {
    case .notAPicture: "not a picture that is read"
    case .unsupportedPicture: "unsupported kind"
    case .notASound: "not sound that is read"
    case .notFinite: "no finite samples"
    default: rawValue.split(separator: "_").joined(separator: " ")
    }
  }

  /// The reason code of a clip that did not decode; nil where the machine is to blame, not the clip.
  init?(_ error: SoundError) {
    switch error {
    case .notASound: self = .notASound
    case .noLength: self = .noLength
    case .tooLong: self = .tooLong
    case .tooFewBytes: self = .tooFewBytes
    case .rate, .tooManyChannels, .unsupported: self = .unsupportedSound
    case .truncated: self = .truncated
    case .damaged: self = .damaged
    case .notFinite: self = .notFinite
    case .outOfMemory: return nil
    }
  }

  /// The reason code of a photo that did not decode; nil where the machine is to blame, not the photo.
  init?(_ error: PictureError) {
    switch error {
    case .notAPicture: self = .notAPicture
    case .tooManyPixels, .tooLong, .tooThin: self = .tooManyPixels
    case .tooFewBytes: self = .tooFewBytes
    case .tooManyScans: self = .tooManyScans
    case .truncated: self = .truncated
    case .damaged: self = .damaged
    case .unsupported: self = .unsupportedPicture
    case .outOfMemory, .cannotEncode: return nil
    }
  }
}
