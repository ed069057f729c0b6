internal import ArgumentParser
internal import Preparation

/// What `mmtrain prepare` is told where it makes a copy of a prepared set in which some samples lack something, or have captions of their
/// classes.
struct DropOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Copy a prepared set, and take these columns from so large a share of its samples, never all that one has to look at.",
      valueName: "column=share,…"))
  var drop: String?

  @Option(
    help: ArgumentHelp(
      "Copy a prepared set, and give samples without captions one that is made of their classes: \"a sound of {label:sound}\".",
      valueName: "text"))
  var template: String?

  @Option(
    help: ArgumentHelp(
      "With these: the splits whose samples lose or get something, with commas between; train where none is named.",
      valueName: "names"))
  var dropSplits: String?

  @Option(help: ArgumentHelp("With --drop: what chooses the samples; 0 where none is given.", valueName: "n"))
  var seed: UInt64?

  var isAsked: Bool { drop != nil || template != nil }

  /// - Parameter command: what else was given.
  func validate(beside command: PrepareCommand) throws {
    if drop == nil, seed != nil { throw ValidationError("--seed is for --drop; give it too") }
    guard isAsked else {
      if dropSplits != nil { throw ValidationError("--drop-splits is for --drop and --template; give one of them too") }
      return
    }
    let option = drop == nil ? "--template" : "--drop"
    do throws(ColumnDrop.Flaw) {
      _ = try drops()
    } catch {
      throw ValidationError("--drop: \(error.words)")
    }
    do throws(ColumnDrop.Flaw) {
      _ = try captionTemplate()
    } catch {
      throw ValidationError("--template: \(error.words)")
    }
    guard command.source != nil, let output = command.output, !output.isEmpty else {
      throw ValidationError("\(option) copies a prepared set; give its directory, and --output DIR")
    }
    let isBare =
      command.isEmptyHanded && command.captions.isEmpty && command.others.isEmpty && command.splits == nil
      && command.tokenizer == nil && command.downloads == nil && !command.explain
    guard isBare else {
      throw ValidationError("\(option) copies a prepared set as it is; leave out what else there is to prepare")
    }
  }

  private func drops() throws(ColumnDrop.Flaw) -> [ColumnDrop] {
    guard let drop else { return [] }
    return try ColumnDrop.read(drop)
  }

  private func captionTemplate() throws(ColumnDrop.Flaw) -> CaptionTemplate? {
    guard let template else { return nil }
    return try CaptionTemplate(template)
  }

  /// - Throws: what `validate` has refused.
  func copy(of path: String, to output: String) throws -> ImbalancedCopy {
    var copy = ImbalancedCopy(of: path, output: output, drops: try drops())
    copy.template = try captionTemplate()
    if let dropSplits { copy.splits = dropSplits.split(separator: ",").map { String($0) } }
    copy.seed = seed ?? 0
    return copy
  }
}
