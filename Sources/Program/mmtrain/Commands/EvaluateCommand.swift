public import ArgumentParser
internal import Batching
internal import Collectives
internal import Evaluation
internal import Files
internal import Foundation
internal import Inference
internal import Launching
internal import Logging
public import Models
internal import Reporting
internal import Reports
internal import Training

extension Modality: ExpressibleByArgument {}

/// `mmtrain evaluate`: what a checkpoint is worth on a split, each figure with its interval.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract:
      "Measure a checkpoint on a split by what it was trained for, and what it makes of image and text together.",
    discussion: """
      mmtrain evaluate --checkpoint runs/a/best --data prepared/flickr30k --split test --json
      mpirun -n 4 mmtrain evaluate --checkpoint runs/a/best --data prepared/flickr30k
      mmtrain evaluate --checkpoint runs/a/best runs/b/best runs/c/best --data prepared/flowers
      mmtrain evaluate --checkpoint dandelin/vilt-b32-finetuned-vqa --data prepared/vqa --split validation
      mmtrain evaluate --checkpoint runs/full/last --data prepared/vqa --fusion --alone runs/question-only/last runs/image-only/last
      mmtrain evaluate --checkpoint runs/captions/best --data prepared/photos --beams 1 --page captions.html
      mmtrain evaluate --checkpoint runs/captions/best --data prepared/flickr8k --clip-score openai/clip-vit-base-patch32
      mmtrain evaluate --captions results.json --references captions_val2014.json
      mmtrain evaluate --captions results.json --references captions_val2014.json --scores spice.json --clip-score M --images val2014

      Recall counts a hit if any caption of an image is found; ties count against the model. The numbers are the
      same on any number of ranks. In brackets are 95 % intervals: how far the choice of the photos matters
      (docs/evaluation.md).
      """)

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "A directory, a .safetensors file in one, or a hub name; several of one task are measured together.",
      valueName: "model"))
  var checkpoint: [String] = []

  @Option(help: ArgumentHelp("A prepared data set.", valueName: "dir"))
  var data = ""

  @OptionGroup var captionFiles: CaptionFileOptions

  @Option(help: ArgumentHelp("The split to measure on.", valueName: "name"))
  var split = "test"

  @Option(help: ArgumentHelp("Put the best k candidates in the order of the matching head.", valueName: "k"))
  var rerank = 0

  @Option(
    help: ArgumentHelp(
      "Most pairs that the matching head of a model without features scores for retrieval; fewer photos are taken for it.",
      valueName: "n"))
  var pairs = 100_000

  @Option(
    help: ArgumentHelp(
      "Measure groups of samples as well, and how far they are apart: group, label:NAME, or several with commas between.",
      valueName: "columns"))
  var by: String?

  @Option(help: .answers)
  var answers: String?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Take a modality away from every sample, where the model has learnt what to make of its absence: image, text.",
      valueName: "modality"))
  var without: [Modality] = []

  @Flag(help: "Find out what a model of classes or answers makes of image and text together.")
  var fusion = false

  @Option(
    help: ArgumentHelp(
      "With --fusion: texts that say the same, a line each group of them with tabs between; whether they are told alike is found out.",
      valueName: "file"))
  var rewordings: String?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Models trained to tell the same from the image alone or the text alone: they stand beside it, with paired differences.",
      valueName: "dir"))
  var alone: [String] = []

  @Flag(
    help:
      "Find out how far what a model knows of images holds for texts: retrieval, transfer of probes, agreement and captions with one word changed."
  )
  var crossModal = false

  @Flag(
    help:
      "Find out what a model of classes tells from each subset of what it reads, where learned tokens stand for what is left out."
  )
  var subsets = false

  @Flag(help: "Say of each sample how right the model is, in percent, where its task knows (with --json, key each).")
  var each = false

  @OptionGroup(title: "Writing") var writing: WritingOptions

  @Option(help: ArgumentHelp("Threads of a rank; by default the cores are divided.", valueName: "n"))
  var threads: Int?

  @OptionGroup var finiteness: FinitenessOptions

  @Flag(help: "Print one JSON document.")
  var json = false

  @Option(
    help: ArgumentHelp(
      "Write a page with the split's photos, what the model writes of them and people have, and the scores of each as well.",
      valueName: "file"))
  var page: String?

  @OptionGroup var card: CardOptions

  func validate() throws {
    try card.validate(models: checkpoint.count)
    if captionFiles.isGiven != (checkpoint.isEmpty && data.isEmpty) || checkpoint.isEmpty != data.isEmpty {
      throw ValidationError(
        "give a model with --checkpoint and a prepared set with --data, or captions with --captions and --references")
    }
    if captionFiles.isGiven, writing.request.isAsked || page != nil {
      throw ValidationError(
        "captions of a file are written already, and their photos unknown; leave the options on how to write them and --page out"
      )
    }
    if captionFiles.clipScore != nil, by != nil || fusion || crossModal || subsets || each || !alone.isEmpty {
      throw ValidationError(
        "--clip-score is for captions alone; leave --by, --fusion, --alone, --cross-modal, --subsets and --each out")
    }
    if answers != nil, by != nil || fusion || crossModal || subsets || each || !alone.isEmpty {
      throw ValidationError(
        "--answers is for accuracy alone; leave --by, --fusion, --alone, --cross-modal, --subsets and --each out")
    }
    if !without.isEmpty, captionFiles.isGiven || by != nil || fusion || crossModal || each || !alone.isEmpty {
      throw ValidationError(
        "--without is for the task's own figures; leave --captions, --by, --fusion, --alone, --cross-modal and --each out"
      )
    }
    if !(0...1000).contains(rerank) { throw ValidationError("--rerank must be from 0 to 1000") }
    if !(4...1_000_000_000).contains(pairs) { throw ValidationError("--pairs must be from 4 to 1000000000") }
    if each, !json { throw ValidationError("--each is for programs; give --json too") }
    if rewordings != nil, !fusion { throw ValidationError("--rewordings is for --fusion; give both") }
    if let threads, !(1...4096).contains(threads) { throw ValidationError("--threads must be from 1 to 4096") }
  }

  func run() throws {
    let launch = detectLaunch(ProcessInfo.processInfo.environment)
    if captionFiles.isGiven {
      let scored = try captionFiles.scored(threads: rankThreads(requested: threads, launch))
      return try printResult(json ? document(scored) : scored.table)
    }
    _ = try withRanks { communicator in
      let isRoot = communicator.rank == 0
      if isRoot { for file in [page, card.file] { if let file { try requireWritableFile(file) } } }
      let paths = try checkpoint.map { try modelPath($0, communicator) }
      let report = try measured(at: paths, threads: rankThreads(requested: threads, launch), communicator)
      guard isRoot else { return .success }
      try printResult(json ? document(report) : report.table)
      if let page { try writePage(report, to: page) }
      try card.write(report, of: (checkpoint[0], paths[0]), data: data, split: split)
      for remark in report.speed { makeLogger(rank: nil).info("\(remark)") }
      return .success
    }
  }

  private func measured(
    at paths: [String], threads: Int, _ communicator: any Communicator
  ) throws -> any TaskReport {
    let output: ProgressOutput =
      communicator.rank == 0 ? .standardError(environment: environmentVariable) : .silent
    var further = FurtherQuestions()
    (further.by, further.fusion, further.rewordings) = (by, fusion, rewordings)
    (further.crossModal, further.subsets, further.rerankDepth) = (crossModal, subsets, rerank)
    further.each = each
    (further.writing, further.needsTexts) = (writing.request, page != nil)
    (further.alone, further.pairs) = (try alone.map { try modelPath($0, communicator) }, pairs)
    if further.isAsked {
      if paths.count > 1 {
        throw EnsembleError.oneAlone(what: "what --by, --fusion, --alone, --cross-modal, --subsets and --each ask")
      }
      return try evaluateFurther(
        further, of: paths[0], data: data, split: split, allowsNotFinite: finiteness.allowsNotFinite, threads: threads,
        communicator: communicator, output: output, warnOfNotFinite: warnOfNotFinite)
    }
    var request = EvaluationRequest(paths, threads: threads)
    (request.answersFile, request.rerankDepth, request.matchedPairs) = (answers, rerank, pairs)
    (request.writing, request.needsTexts) = (writing.request, page != nil)
    (request.allowsNotFinite, request.without) = (finiteness.allowsNotFinite, without)
    if let clip = captionFiles.clipScore {
      request.judge = (try modelPath(clip, communicator), clip)
      let logger = makeLogger(rank: nil)
      request.warn = { logger.warning("\($0)") }
    }
    return try evaluateModel(
      request, data: data, split: split, communicator: communicator, output: output, warnOfNotFinite: warnOfNotFinite)
  }

  private func writePage(_ report: any TaskReport, to path: String) throws {
    let photos = try SplitPhotos(PreparedDataSet(path: data), split: split)
    var page = PredictionPage(models: checkpoint)
    (page.subject, page.figures) = ("the split \(split) of \(data)", report.table)
    for sample in report.samples {
      page.add(name: sample.name, [PredictionPage.Told(sample)]) { photos.thumbnail(at: sample.place, side: 480) }
    }
    try writeAtomically(page.html.utf8, to: path)
  }

  private func document(_ report: any TaskReport) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return String(decoding: try encoder.encode(report), as: UTF8.self) + "\n"
  }
}
