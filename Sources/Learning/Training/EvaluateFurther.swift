internal import Batching
public import Collectives
public import Evaluation
public import Models
internal import Pretrained
public import Reporting
internal import Tasks

/// What is asked of a model of classes or answers beside its figures.
public struct FurtherQuestions: Sendable {
  /// What groups are made by that are to be compared, as `Grouping` takes it: `group`, `label:NAME`, or several.
  public var by: String?
  /// Whether to find out what the model makes of its modalities together, and a file of texts that say the same.
  public var fusion = false
  public var rewordings: String?
  /// Models that were trained to tell the same from one modality alone.
  public var alone: [String] = []
  /// Whether to find out how far what the model knows of images holds for texts.
  public var crossModal = false
  /// Whether to say of each sample how right the model is, where its task knows.
  public var each = false
  /// Whether to find out what the model tells from each subset of what it reads.
  public var subsets = false
  /// Most images with texts of other samples that are looked at for what adds up.
  public var pairs = 100_000
  /// How many of the best candidates a matching head puts in order; 0 leaves the features' order.
  public var rerankDepth = 0
  /// How texts are to be written.
  public var writing = WritingRequest()
  /// Whether a model that writes none is refused.
  public var needsTexts = false

  public init(by: String? = nil) { self.by = by }

  /// Whether images are looked at that are not the split's own, or changed.
  var changesImages: Bool { fusion || crossModal || !alone.isEmpty }
  public var isAsked: Bool { each || by != nil || fusion || crossModal || subsets || !alone.isEmpty }
}

/// Measures a model on disk on a split, and beside that what is asked for; collective.
/// - Throws: the errors of the rooms, each a `ReportableError`.
public func evaluateFurther(
  _ further: FurtherQuestions, of path: String, data: String, split: String, allowsNotFinite: Bool = false,
  threads: Int, communicator: any Communicator, output: ProgressOutput,
  warnOfNotFinite: @escaping ([String]) -> Void = { _ in }
) throws -> any TaskReport {
  let dataSet = try PreparedDataSet(path: data)
  let directory = try ModelDirectory(path: path)
  let task = try directory.task(measuredOn: dataSet, split: split)
  let groups = try further.by.map { try ComparedGroups(dataSet, split: split, by: $0) }
  let rewordings = try further.rewordings.map { try Rewordings(path: $0) }
  let alone = try further.alone.map { try ModelOfOneModality(path: $0, beside: directory, task) }
  let asking = JudgedAsking(
    dataSet: dataSet, split: split, further: further, allowsNotFinite: allowsNotFinite, threads: threads,
    communicator: communicator, output: output, warnOfNotFinite: warnOfNotFinite)
  let asked = try asking.ask(directory, task) { subject in
    let fusion = further.fusion ? try asking.fusion(subject, directory, task, rewordings) : nil
    let subsets = further.subsets ? try asking.subsets(subject, directory, task) : nil
    return (fusion, further.crossModal ? try subject.crossModal(on: dataSet, split: split) : nil, subsets)
  }
  let fusion = try asked.more.0.map { try FusionMetrics($0, hasIntervals: true) }
  var crossModal = asked.more.1
  if let fusion { crossModal?.addAgreement(of: fusion) }
  let compared = try groups?.compare(asked.judged?.predictions, asked.cases, of: directory, task)
  var beside: BesideMetrics?
  if !alone.isEmpty {
    let own = try asked.classes(in: directory, task)
    let others = try alone.map { other in
      let judged = try asking.ask(other.directory, other.task) { _ in }.classes(in: other.directory, other.task).judged
      return BesideMetrics.Other(name: other.name, modality: other.modality.rawValue, judged: judged)
    }
    beside = try BesideMetrics(
      own.judged, others + own.blind, modalities: task.modalities.map(\.rawValue), clusters: own.clusters,
      remarks: alone.flatMap(\.remarks), hasIntervals: true)
  }
  let each = further.each ? asked.judged.map { SampleScores(percent: $0.judged.percent, clusters: $0.clusters) } : nil
  return FurtherReport(
    all: asked.report, each: each, groups: compared, beside: beside, fusion: fusion, subsets: asked.more.2,
    crossModal: crossModal)
}

/// How right a model is of each sample of a split, in the order of the split.
private struct SampleScores: Encodable {
  /// Nil where nobody knows what is right.
  let percent: [Double?]
  /// The number of each sample's image or group.
  let clusters: [Int]
}

/// What a model says of a split, by itself and where more is asked.
private struct AskedModel<More> {
  let report: any TaskReport
  let judged: JudgedModel?
  /// What was found of single ones.
  let cases: MeasuredCases
  let more: More

  /// - Throws: `NoClassesError` for a task that tells none, and no answers.
  func classes(in directory: ModelDirectory, _ task: any Task) throws -> JudgedModel {
    guard let judged else { throw NoClassesError(path: directory.path, task: type(of: task).name) }
    return judged
  }
}

/// Asks models of one split, one after the other.
private struct JudgedAsking {
  let dataSet: PreparedDataSet
  let split: String
  let further: FurtherQuestions
  let allowsNotFinite: Bool
  let threads: Int
  let communicator: any Communicator
  let output: ProgressOutput
  let warnOfNotFinite: ([String]) -> Void

  /// - Parameter more: is given the model while it is in memory.
  func ask<More>(
    _ directory: ModelDirectory, _ task: any Task, _ more: (MeasuredModel) throws -> More
  ) throws -> AskedModel<More> {
    if further.changesImages { try directory.requireSquares() }
    let progress = ProgressReporter(title: "asking", unit: "sample", total: nil, output: output)
    var request = EvaluationRequest([directory.path], threads: threads)
    (request.rerankDepth, request.matchedPairs) = (further.rerankDepth, further.pairs)
    (request.allowsNotFinite, request.writing) = (allowsNotFinite, further.writing)
    request.needsTexts = further.needsTexts
    return try withMeasuredModels([(directory, task)], request, communicator, warnOfNotFinite) { subjects in
      let cases = MeasuredCases()
      var subject = subjects[0]
      subject.cases = cases
      let tell = { (done: Int, total: Int) in progress.update(completed: done, of: total) }
      let judged = try task.judge(subject, on: dataSet, split: split, progress: tell)
      let report = try judged?.report ?? task.measure(subject, on: dataSet, split: split, progress: tell)
      progress.finish()
      subject.cases = nil
      return AskedModel(report: report, judged: judged, cases: cases, more: try more(subject))
    }
  }

  func subsets(_ subject: MeasuredModel, _ directory: ModelDirectory, _ task: any Task) throws -> SubsetMetrics {
    guard !task.modalities.isEmpty else { throw NoClassesError(path: directory.path, task: type(of: task).name) }
    let measurement = SubsetMeasurement(
      subject: subject, task: task, dataSet: dataSet, split: split, output: output)
    guard let metrics = try measurement(path: directory.path) else {
      throw NoClassesError(path: directory.path, task: type(of: task).name)
    }
    return metrics
  }

  func fusion(
    _ subject: MeasuredModel, _ directory: ModelDirectory, _ task: any Task, _ rewordings: Rewordings?
  ) throws -> FusionScores {
    guard !task.modalities.isEmpty else { throw NoClassesError(path: directory.path, task: type(of: task).name) }
    guard task.modalities.count > 1 else { throw OneModalityError(path: directory.path) }
    let progress = ProgressReporter(title: "taking apart", unit: "pair", total: nil, output: output)
    let scores = try task.fusionScores(subject, on: dataSet, split: split, rewordings: rewordings) {
      progress.update(completed: $0, of: $1)
    }
    progress.finish()
    guard let scores else { throw OneModalityError(path: directory.path) }
    return scores
  }
}

/// Figures of all, of groups, of others beside it, and of modalities together.
private struct FurtherReport: TaskReport {
  let all: any TaskReport
  let each: SampleScores?
  let groups: (any GroupReport)?
  let beside: BesideMetrics?
  let fusion: FusionMetrics?
  let subsets: SubsetMetrics?
  let crossModal: CrossModalMetrics?

  var members: [(String, OrderedJSON)] { all.members }
  var summary: [(name: String, value: String)] { all.summary }
  var score: Double { all.score }
  var samples: [WrittenSample] { all.samples }
  var speed: [String] { all.speed }
  var table: String {
    let more = [groups?.lines, beside?.lines, fusion?.lines, subsets?.lines, crossModal?.lines].compactMap(\.self)
    return all.table + more.map { "\n" + $0.joined(separator: "\n") + "\n" }.joined()
  }

  private enum CodingKeys: String, CodingKey {
    case groups, beside, fusion, subsets, each
    case crossModal = "cross_modal"
  }

  func encode(to encoder: any Encoder) throws {
    try all.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    if let groups { try container.encode(groups, forKey: .groups) }
    try container.encodeIfPresent(each, forKey: .each)
    try container.encodeIfPresent(beside, forKey: .beside)
    try container.encodeIfPresent(fusion, forKey: .fusion)
    try container.encodeIfPresent(subsets, forKey: .subsets)
    try container.encodeIfPresent(crossModal, forKey: .crossModal)
  }
}

/// A model that looks at one thing alone.
struct OneModalityError: ReportableError {
  let path: String

  var description: String {
    "\(printable(path)) looks at one modality alone, so there is nothing that it could make of several; leave --fusion out"
  }
  var exitCode: ExitCode { .configuration }
}
