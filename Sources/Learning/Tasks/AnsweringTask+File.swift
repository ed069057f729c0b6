internal import Evaluation
internal import Models

// What a checkpoint keeps of the task. How a decoder learns is in the run's configuration.

extension AnsweringTask {
  private enum CodingKeys: String, CodingKey {
    case form, blind, majority
    case answers = "id2label"
    case isOfModel = "of_model"
    case isExclusive = "exclusive"
  }

  public init(from decoder: any Decoder) throws {
    let facts = try decoder.container(keyedBy: CodingKeys.self)
    let form = try facts.decodeIfPresent(String.self, forKey: .form)
    guard let known = TaskSettings.AnswerForm(rawValue: form ?? TaskSettings.AnswerForm.list.rawValue) else {
      throw DecodingError.dataCorruptedError(forKey: .form, in: facts, debugDescription: "no form of answers")
    }
    self.form = known
    if known != .open { answers = try facts.decode(ClassList.self, forKey: .answers) }
    isOfModel = try known == .list && facts.decode(Bool.self, forKey: .isOfModel)
    isExclusive = try known == .list && facts.decode(Bool.self, forKey: .isExclusive)
    blind = try facts.decodeIfPresent(String.self, forKey: .blind).flatMap { Modality(rawValue: $0) }
    majority = try facts.decodeIfPresent(AnswerMajority.self, forKey: .majority)
    (smoothing, most, file) = (0, answers.count, nil)
  }

  public func encode(to encoder: any Encoder) throws {
    var facts = encoder.container(keyedBy: CodingKeys.self)
    if form == .list {
      try facts.encode(isOfModel, forKey: .isOfModel)
      try facts.encode(isExclusive, forKey: .isExclusive)
    } else {
      try facts.encode(form.rawValue, forKey: .form)
    }
    if form != .open { try facts.encode(answers, forKey: .answers) }
    try facts.encodeIfPresent(blind?.rawValue, forKey: .blind)
    try facts.encodeIfPresent(majority, forKey: .majority)
  }
}
