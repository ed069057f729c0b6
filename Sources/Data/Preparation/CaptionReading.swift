internal import Reporting

/// How the caption file that was taken was understood: what a reader checks before trusting a data set.
public struct CaptionReading: Codable, Equatable, Sendable {
  /// What a table's fields were taken to be separated by; nil for other layouts.
  public var delimiter: CaptionDelimiter?
  /// What the table calls its columns; empty where its first row is data, and for other layouts.
  public var columns: [String]
  /// The columns taken as photo and captions, several with commas between: names of the heading, or places from 1. Of JSON
  /// records the keys of the first.
  public var photoColumn: String?
  public var captionColumn: String?
  /// Whether the caption is all that follows in its line; nil where no table was read.
  public var takesRest: Bool?
  /// What was converted before reading, in words.
  public var conversion: String?
  /// The first photo that the file names, and its first caption.
  public var firstPhoto: String
  public var firstCaption: String

  enum CodingKeys: String, CodingKey {
    case delimiter, columns, conversion
    case photoColumn = "photo_column"
    case captionColumn = "caption_column"
    case takesRest = "takes_rest_of_line"
    case firstPhoto = "first_photo"
    case firstCaption = "first_caption"
  }
}

extension CaptionFile {
  /// How this file was understood.
  package var reading: CaptionReading {
    let first = names.first { self[$0]?.captions.isEmpty == false }
    return CaptionReading(
      delimiter: form?.delimiter, columns: form?.heading ?? [],
      photoColumn: form.map { $0.name($0.photo) } ?? keys?.photo,
      captionColumn: form.map { form in form.captions.map(form.name).joined(separator: ", ") } ?? keys?.captions,
      takesRest: form?.takesRest, conversion: conversion, firstPhoto: first ?? "",
      firstCaption: first.flatMap { self[$0]?.captions.first } ?? "")
  }
}

extension PreparationReport.CaptionSource {
  /// What was decided about the file, for a terminal; a page escapes it once more.
  public var words: String {
    var words = "\(printable(file)), \(layout)"
    guard let reading else { return words }
    if reading.delimiter == nil, let photo = reading.photoColumn, let caption = reading.captionColumn {
      words += ", photo in key \(printable(photo, limit: 60)), caption in key \(printable(caption, limit: 60))"
    }
    if let delimiter = reading.delimiter, let photo = reading.photoColumn, let caption = reading.captionColumn {
      let heading = reading.columns.isEmpty ? "no heading" : "\(reading.columns.count) columns"
      words +=
        ", \(delimiter.rawValue) between fields, \(heading), photo in column \(printable(photo, limit: 60)), caption in "
        + "column \(printable(caption, limit: 60))"
    }
    if reading.takesRest == true { words += " and what follows it in the line" }
    if let conversion = reading.conversion { words += ", \(conversion)" }
    return words
  }

  /// The first row as it was understood, for a terminal; nil where there is none.
  public var firstRow: String? {
    reading.map { "\(printable($0.firstPhoto, limit: 80)) → “\(printable($0.firstCaption, limit: 100))”" }
  }
}
