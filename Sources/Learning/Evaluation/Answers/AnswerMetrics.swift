/// A question, what a model answers, and what people did.
public struct AnsweredQuestion: Sendable {
  public var answer: String
  /// One an annotator; none where nobody answered.
  public var annotators: [String]
  /// Names of groups for tables, by what the data call the grouping.
  public var kinds: [String: String]
  /// The number of its image or group: questions of one are no independent evidence.
  public var cluster: Int
  /// How sure the model is of its answer; nil where it does not say.
  public var confidence: Double?

  public init(
    answer: String, annotators: [String], kinds: [String: String] = [:], cluster: Int, confidence: Double? = nil
  ) {
    (self.answer, self.annotators, self.kinds, self.cluster) = (answer, annotators, kinds, cluster)
    self.confidence = confidence
  }
}

/// How well a model answers. All in percent.
public struct AnswerMetrics: Codable, Equatable, Sendable {
  /// Questions that people have answered, and those that nobody has, which are left out.
  public var questions: Int
  public var unanswered: Int
  /// How many questions were measured by each rule.
  public var rules: [String: Int]
  /// The mean over questions.
  public var accuracy: Double
  /// Where answers are compared as they are written.
  public var unnormalised: Double
  /// The best that any answers of the model's list could reach; nil where it has no list.
  public var oracle: Double?
  /// The most frequent answer of the training split to all questions, and that of each question's kind, by grouping.
  public var majority: Double?
  public var majorityByKind: [String: Double]
  /// How much better than the most frequent answer.
  public var aboveMajority: Double?
  /// The area under the curve of how wrong answers are over the share of them that is taken, the surest first, and that curve; not where a
  /// model does not say how sure it is.
  public var aurc: Double?
  public var riskCoverage: [RiskCoveragePoint]?
  /// Accuracy by kind, by grouping.
  public var byKind: [String: [AnswerKindRow]]
  /// 95 % intervals by the figures' keys, where they were asked for.
  public var intervals: [String: Interval]?

  enum CodingKeys: String, CodingKey, CaseIterable {
    case questions, unanswered, rules, accuracy, unnormalised, oracle, majority, aurc, intervals
    case majorityByKind = "majority_by_kind"
    case aboveMajority = "above_majority"
    case riskCoverage = "risk_coverage"
    case byKind = "by_kind"
  }

  /// - Parameters:
  ///   - list: what the model chooses among; nil where it may say anything.
  ///   - majority: of the training split; nil where that is not known.
  /// - Throws: `EvaluationError` where nobody has answered any question.
  public init(
    _ all: [AnsweredQuestion], list: [String]?, majority: AnswerMajority?, hasIntervals: Bool = false
  ) throws(EvaluationError) {
    let measured = all.compactMap(MeasuredQuestion.init)
    guard !measured.isEmpty else { throw .empty(what: "questions with answers") }
    let (asked, once) = (measured.map(\.question), measured.map { _ in 1 })
    (questions, unanswered) = (asked.count, all.count - asked.count)
    rules = measured.reduce(into: [:]) { $0[$1.accuracy.rule.rawValue, default: 0] += 1 }
    let groupings = Set(asked.flatMap(\.kinds.keys)).sorted()
    let columns = answerColumns(measured, list.map { AnswerList($0) }, majority, by: groupings)
    let means = columns.reduce(into: [String: Double]()) { $0[$1.key.stringValue] = weightedMean($1.values, once) }
    func figure(_ key: CodingKeys) -> Double? { means[key.stringValue] }
    (accuracy, unnormalised) = (figure(.accuracy) ?? 0, figure(.unnormalised) ?? 0)
    (oracle, self.majority, aboveMajority) = (figure(.oracle), figure(.majority), figure(.aboveMajority))
    majorityByKind = groupings.reduce(into: [:]) { $0[$1] = means[FigureKey.majority(by: $1).stringValue] }
    let bootstrap = hasIntervals ? ClusterBootstrap(ImageClusters(asked.map(\.cluster))) : nil
    let coverage = answerCoverage(asked, columns[0].values)
    (aurc, riskCoverage) = (coverage?.areas(once).area, coverage?.curve(samples: asked.count))
    let keys = columns.map(\.key) + (coverage == nil ? [] : [FigureKey(CodingKeys.aurc)])
    intervals = bootstrap?.intervals(keys) { times in
      columns.map { weightedMean($0.values, times) } + (coverage.map { [$0.areas(times).area] } ?? [])
    }
    byKind = groupings.reduce(into: [:]) { rows, grouping in
      rows[grouping] = AnswerKindRow.rows(asked.map { $0.kinds[grouping] }, columns[0].values, bootstrap)
    }
  }
}

/// Nil where the model does not say of each answer how sure it is.
/// - Parameter accuracy: of each, in percent.
private func answerCoverage(_ asked: [AnsweredQuestion], _ accuracy: [Double]) -> RiskCoverage? {
  let sure = asked.compactMap(\.confidence).filter { !$0.isNaN }
  return sure.count == asked.count ? RiskCoverage(sure, errors: accuracy.map { 1 - $0 / 100 }) : nil
}

private struct MeasuredQuestion {
  let question: AnsweredQuestion
  let accuracy: AnswerAccuracy

  init?(_ question: AnsweredQuestion) {
    guard let accuracy = AnswerAccuracy(question.annotators) else { return nil }
    (self.question, self.accuracy) = (question, accuracy)
  }

  func percent(_ answer: String) -> Double { 100 * accuracy(answer) }

  var unnormalised: Double { 100 * (AnswerAccuracy.unnormalised(question.answer, question.annotators) ?? 0) }
}

extension CaseSet {
  /// Of questions that people have answered.
  /// - Parameter photos: of each question its photo, by its place in the split.
  public init(_ all: [AnsweredQuestion], photos: [Int]) {
    let measured = zip(all, photos).compactMap { question, photo in MeasuredQuestion(question).map { ($0, photo) } }
    self.init(
      "questions", samples: measured.map(\.1),
      [Figure("accuracy", "accuracy", measured.map { $0.0.percent($0.0.question.answer) })])
  }
}

/// A value of each question for each figure that is a mean of such; the accuracy comes first.
private func answerColumns(
  _ measured: [MeasuredQuestion], _ list: AnswerList?, _ majority: AnswerMajority?, by groupings: [String]
) -> [(key: FigureKey, values: [Double])] {
  typealias Keys = AnswerMetrics.CodingKeys
  let accuracy = measured.map { $0.percent($0.question.answer) }
  var columns = [(FigureKey(Keys.accuracy), accuracy), (FigureKey(Keys.unnormalised), measured.map(\.unnormalised))]
  if let list { columns.append((FigureKey(Keys.oracle), measured.map { 100 * $0.accuracy.best(of: list) })) }
  guard let majority else { return columns }
  let usual = measured.map { $0.percent(majority.answer) }
  columns.append((FigureKey(Keys.majority), usual))
  columns.append((FigureKey(Keys.aboveMajority), zip(accuracy, usual).map { $0 - $1 }))
  return columns
    + groupings.map { grouping in
      (.majority(by: grouping), measured.map { $0.percent(majority.answer(to: $0.question.kinds, by: grouping)) })
    }
}

/// Questions of one kind.
public struct AnswerKindRow: Codable, Equatable, Sendable {
  public var kind: String
  public var questions: Int
  public var accuracy: Double
  public var interval: Interval?

  /// In the order of their names.
  /// - Parameter kinds: of each question; nil for one without.
  static func rows(_ kinds: [String?], _ values: [Double], _ bootstrap: ClusterBootstrap?) -> [AnswerKindRow] {
    let names = Set(kinds.compactMap { $0 }).sorted()
    let members = names.map { name in kinds.indices.filter { kinds[$0] == name } }
    let figures = { (times: [Int]) in
      members.map { members in weightedMean(members.map { values[$0] }, members.map { times[$0] }) }
    }
    let intervals = bootstrap?.intervals(names.map { FigureKey($0) }, figures)
    return zip(names, zip(members, figures(kinds.map { _ in 1 }))).map { name, row in
      AnswerKindRow(kind: name, questions: row.0.count, accuracy: row.1, interval: intervals?[name])
    }
  }
}

/// The key of a figure whose name comes from the data.
struct FigureKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(_ name: String) { stringValue = name }
  init(_ key: some CodingKey) { stringValue = key.stringValue }
  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }

  static func majority(by grouping: String) -> FigureKey { FigureKey("majority_by_kind." + grouping) }
}
