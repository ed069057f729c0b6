internal import ArgumentParser
internal import Preparation

/// What `mmtrain prepare` is told where it makes a copy of a prepared set in which some samples lack something.
struct DropOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Copy a prepared set, and take these columns from so large a share of its samples, never all that one has to look at.",
      valueName: "column=share,…"))
  var drop: String?

  @Option(
    help: ArgumentHelp(
      "With --drop: the splits whose samples lose something, with commas between; the others are copied as they are.",
      valueName: "names"))
  var dropSplits: String?

  @Option(help: ArgumentHelp("With --drop: what chooses the samples; 0 where none is given.", valueName: "n"))
  var seed: UInt64?

  var isAsked: Bool { drop != nil }

  /// - Parameter command: what else was given.
  func validate(beside command: PrepareCommand) throws {
    guard let drop else {
      if dropSplits != nil || seed != nil {
        throw ValidationError("--drop-splits and --seed are for --drop; give it too")
      }
      return
    }
    do throws(ColumnDrop.Flaw) {
      _ = try ColumnDrop.read(drop)
    } catch {
      throw ValidationError("--drop: \(error.words)")
    }
    guard command.source != nil, let output = command.output, !output.isEmpty else {
      throw ValidationError("--drop copies a prepared set; give its directory, and --output DIR")
    }
    let isBare =
      command.isEmptyHanded && command.captions.isEmpty && command.others.isEmpty && command.splits == nil
      && command.tokenizer == nil && command.downloads == nil && !command.explain
    guard isBare else {
      throw ValidationError("--drop copies a prepared set as it is; leave out what else there is to prepare")
    }
  }

  /// - Throws: what `validate` has refused.
  func copy(of path: String, to output: String) throws -> ImbalancedCopy {
    var copy = ImbalancedCopy(of: path, output: output, drops: try ColumnDrop.read(drop ?? ""))
    if let dropSplits { copy.splits = dropSplits.split(separator: ",").map { String($0) } }
    copy.seed = seed ?? 0
    return copy
  }
}
