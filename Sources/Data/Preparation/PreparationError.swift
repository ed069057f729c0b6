public import Reporting

/// Why no data set was made. Nothing is left behind at the output's place; where the data is to blame, the report is
/// beside it, in a folder of its name and `.report`.
public enum PreparationError: ReportableError {
  // The source
  /// `passedOver`: the files that are there, and why each is of no use.
  case noPhotos(path: String, passedOver: [String])
  case noCaptions(path: String, passedOver: [String])
  case notTheExpectedArchive(path: String, expected: String, found: String)
  /// A photo is no longer what it was when it was checked.
  case changed(path: String)

  // Caption and split files
  /// Two files, or sets of files, that are equally good captions of the same photos and differ; `example` is a photo.
  case severalCaptions(first: String, second: String, photos: Int, example: String)
  case noSplitFolders(path: String)
  /// A file that was named as a caption file has no known layout; `firstLine` is what it begins with, `seen` what that
  /// looks like.
  case unknownCaptionLayout(path: String, firstLine: String, seen: String)
  case unreadableText(path: String, reason: String)
  case unreadableJSON(path: String, reason: String)
  case unknownSplitLayout(path: String, firstLine: String)
  case proportions(validation: Double, test: Double)
  /// What was said about a hash of splits is not of the form `seed=1,validation=0.1,test=0.3`.
  case splitWords(String)

  // Other columns
  /// What was said about the columns of tables cannot be; `reason` says why.
  case roles(text: String, reason: String)
  /// No table has the columns that were named; `path` is of the one that has most of them.
  case missingColumn(path: String, column: String, role: String, meant: String?, seen: [String])
  /// There is no table at all.
  case noTable(path: String)
  case unknownQuestionLayout(path: String, firstLine: String)
  case missingAnnotations(path: String, questions: Int)
  case missingQuestions(path: String, answers: Int)

  // The result
  /// More is unfit than `PreparationRequest.maximumBadFraction` accepts; the report lists all of it.
  case tooManyUnfit(report: PreparationReport, of: String, unfit: Int, total: Int, limit: Double)
  /// No photo is left that has captions and a split.
  case nothingLeft(report: PreparationReport)
  /// Photos, or those of one group, are in more than one split, and that was not wanted.
  case leaks(report: PreparationReport)
  /// One of these, with the folder in which the report was written.
  indirect case refused(PreparationError, reportIn: String)

  public var description: String {
    switch self {
    case .noPhotos(let path, let passedOver):
      "\(printable(path)) holds no photos and no sound; an archive or a folder with .jpg, .png or .webp files, or .wav, .flac, .ogg or .mp3, somewhere in it "
        + "is wanted"
        + (passedOver.isEmpty ? "" : "; what is there: " + Self.first(passedOver))
    case .noCaptions(let path, let passedOver):
      "\(printable(path)) holds no caption file that is known (\(Self.layouts)); "
        + "name one with --captions FILE" + (passedOver.isEmpty ? "" : "; what is there: " + Self.first(passedOver))
    case .severalCaptions(let first, let second, let photos, let example):
      "\(printable(first)) and \(printable(second)) both look like captions, and say different things about "
        + "\(photos) photos (first: \(printable(example))); say which is meant with --captions FILE, or give --captions for "
        + "each of several that belong together"
    case .noSplitFolders(let path):
      "\(printable(path)) has no folders of splits: photos in two at least of train, val and test are wanted for "
        + "--splits folders; name a file that divides them, or leave out --splits"
    case .notTheExpectedArchive(let path, let expected, let found):
      "\(printable(path)) is not the expected archive: its SHA-256 is \(found), not \(printable(expected)); "
        + "fetch it again"
    case .changed(let path):
      "\(printable(path)) changed while it was being prepared; run the same command again"
    case .unknownCaptionLayout(let path, let firstLine, let seen):
      "\(printable(path)):1: not a caption file of a known layout: it begins “\(printable(firstLine, limit: 80))”, and "
        + "\(printable(seen, limit: 400)); say which columns hold the photo and the caption with --caption-columns "
        + "PHOTO,CAPTION (names, or places from 1), and what is between them with --caption-delimiter"
    case .unreadableText(let path, let reason):
      "\(printable(path)): \(reason); save the file as UTF-8"
    case .unreadableJSON(let path, let reason):
      "\(printable(path)): no captions in JSON: \(printable(reason)); check the file or name another"
    case .unknownSplitLayout(let path, let firstLine):
      "\(printable(path)):1: not a split file of a known layout; it begins “\(printable(firstLine, limit: 80))”, "
        + "known are Karpathy JSON, lines of NAME.jpg<TAB>SPLIT, and lists of names called train.txt, val.txt, test.txt"
    case .splitWords(let words):
      "splits by “hash:\(words)” say nothing; write hash:seed=1,validation=0.1,test=0.3, or leave out what is to be 0, 0.1 and 0.1"
    case .proportions(let validation, let test):
      "split proportions of \(validation) and \(test) leave no training split; use shares of 0 or more, together below 1"
    case .roles(let text, let reason):
      "--columns \(printable(text, limit: 200)): \(printable(reason, limit: 400)); write ROLE=COLUMN,ROLE=COLUMN…, for "
        + "instance image=file,question=q,answer=a,label:finding=dx,text:report=note,group=patient"
    case .missingColumn(let path, let column, let role, let meant, let seen):
      "\(printable(path)) has no column “\(printable(column, limit: 80))” for the role \(printable(role))"
        + (meant.map { "; perhaps “\(printable($0, limit: 80))” is meant" } ?? "") + "; its columns are "
        + seen.map { printable($0, limit: 40) }.joined(separator: ", ")
        + ". Name them with --columns by the heading, or by places from 1"
    case .noTable(let path):
      "\(printable(path)) holds no table whose columns could have roles; name one with --table FILE"
    case .unknownQuestionLayout(let path, let firstLine):
      "\(printable(path)): no file of questions of a known layout; it begins “\(printable(firstLine, limit: 80))”, known "
        + "are VQA's two files, GQA's, lists of question, answer and image, records and tables with image, question and answer"
    case .missingAnnotations(let path, let questions):
      "\(printable(path)) has \(questions) questions and no answers, and there is no file of annotations; name it with "
        + "--annotations FILE, or say --annotations none where there is none"
    case .missingQuestions(let path, let answers):
      "\(printable(path)) has \(answers) answers and no questions, and there is no file of questions; name it with "
        + "--questions FILE"
    case .tooManyUnfit(let report, let what, let unfit, let total, let limit):
      "\(unfit) of \(total) \(what) are unfit, more than the accepted fraction of \(limit): \(examples(report)); "
        + "mend the source or leave them out of it, or accept more with --max-bad-fraction; \(reading(report))"
    case .nothingLeft(let report):
      "no photo is left that has captions or other columns, and a split: \(examples(report)); check that the caption and split files "
        + "belong to these photos; \(reading(report))"
    case .leaks(let report):
      Self.leaks(report)
        + "; keep them together in the lists of splits, or leave out --fail-on-leaks to have this as a "
        + "warning"
    case .refused(let error, let folder):
      "\(error.description). What was left out, and why: \(printable(folder))/report.html and quarantine.jsonl"
    }
  }

  public var exitCode: ExitCode {
    switch self {
    case .noPhotos, .noCaptions, .noSplitFolders, .noTable, .missingAnnotations, .missingQuestions: .missingInput
    case .proportions, .splitWords: .configuration
    case .roles: .usage
    case .refused(let error, _): error.exitCode
    default: .badData
    }
  }

  private static let layouts =
    "Karpathy's or COCO's JSON, JSON lines, NAME.jpg#0<TAB>CAPTION, image_name| comment_number| comment, image,caption, "
    + "NAME.jpg<TAB>CAPTION, a text beside each photo"

  private static func first(_ texts: [String]) -> String {
    texts.prefix(3).map { printable($0, limit: 400) }.joined(separator: "; ")
      + (texts.count > 3 ? "; and \(texts.count - 3) more" : "")
  }

  /// How the captions were understood: where that is wrong, so is everything after it.
  private func reading(_ report: PreparationReport) -> String {
    guard let taken = report.captionSources.first else {
      return report.columnSources.isEmpty
        ? "there were no captions"
        : "read were " + report.columnSources.map { printable($0.words) }.joined(separator: "; ")
    }
    let notes = report.notes.prefix(3).map { "; " + printable($0, limit: 400) }
    return "captions were read from \(taken.words), first \(taken.firstRow ?? "none")" + notes.joined()
  }

  private static func leaks(_ report: PreparationReport) -> String {
    var parts: [String] = []
    if report.leaks > 0 { parts.append("\(report.leaks) photos are in more than one split, first: \(leak(report))") }
    if let group = report.dividedGroups.first {
      let splits = group.splits.map { "\($0.photos) photos in \($0.name)" }.joined(separator: ", ")
      parts.append(
        "\(report.dividedGroupCount) groups are in more than one split, first: \(printable(group.group, limit: 80)) with "
          + splits)
    }
    return parts.joined(separator: "; ")
  }

  private static func leak(_ report: PreparationReport) -> String {
    guard let group = report.duplicates.first else { return "" }
    return zip(group.photos, group.photoSplits).prefix(4).map { "\(printable($0)) in \($1)" }.joined(separator: ", ")
  }

  /// The report of what is wrong with the data.
  var report: PreparationReport? {
    switch self {
    case .tooManyUnfit(let report, _, _, _, _), .nothingLeft(let report), .leaks(let report): report
    default: nil
    }
  }

  /// The first few of what was left out.
  private func examples(_ report: PreparationReport) -> String {
    let shown = report.problems.prefix(5).map(\.line)
    let rest = report.problemCount - shown.count
    return shown.joined(separator: "; ") + (rest > 0 ? "; and \(rest) more" : "")
  }
}

extension PreparationError {
  /// The column that the table with the most of those that are wanted has not, and which one may be meant.
  static func noColumn(_ roles: ColumnRoles, _ headings: [TableHeading], at path: String) -> PreparationError {
    let cuts = headings.flatMap { heading in heading.cuts.map { (path: heading.path, heading: $0) } }
    let best = cuts.max { a, b in
      (roles.known(in: a.heading), a.heading.count) < (roles.known(in: b.heading), b.heading.count)
    }
    guard let best, let missing = roles.unknown(in: best.heading) else { return .noTable(path: path) }
    return .missingColumn(
      path: best.path, column: missing.column, role: missing.role.word,
      meant: nearest(to: missing.column, among: best.heading), seen: best.heading)
  }
}
