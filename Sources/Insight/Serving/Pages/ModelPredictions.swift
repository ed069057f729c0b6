internal import Batching
internal import Collectives
internal import Evaluation
public import Inference
internal import Reporting
public import Reports
internal import TensorEngine
public import Training

/// A model that is asked for what it was trained to say.
public final class ModelPredictions: Sendable {
  /// Who says it: what the task has put on the model, or the model's own heads.
  public enum Teller {
    case task(TaskModel)
    case heads(LoadedModel)
  }

  /// What a form has to bring.
  struct Inputs: Sendable {
    let photos: Bool
    let clips: Bool
    let texts: Bool
    let precision: String
    let way: String?
  }

  private let name: String
  private let inputs: Inputs
  private let teller: ModelThread<Teller>

  private static let most = 100
  private static let usual = 5
  /// Texts of a question, a line each.
  private static let mostTexts = 32

  /// - Parameters:
  ///   - name: as the model was named.
  ///   - load: makes it; called once, on a thread of its own.
  /// - Throws: what `load` throws.
  public init(
    of name: String, _ limits: ServerLimits = ServerLimits(), load: @escaping @Sendable () throws -> Teller
  ) throws {
    self.name = name
    teller = try ModelThread(places: limits.waiting, make: load)
    inputs = try teller.ask(\.inputs)
  }

  // MARK: What is asked

  /// By the address: texts alone, or nothing yet.
  func asked(_ head: RequestHead, _ frame: SiteFrame, asJSON: Bool) throws -> Response {
    guard let text = head.asked("text") else {
      guard !asJSON else { throw Refusal(.unprocessableContent, lack) }
      return .html(wordPage("Predictions", first, frame.html(.predict, form: form("", Self.usual))))
    }
    return try told(nil, text, try count(head.asked("top")), frame, asJSON)
  }

  /// By a form with a photo or a clip in it.
  func asked(_ sent: MultipartForm, _ frame: SiteFrame, asJSON: Bool) throws -> Response {
    let photo = inputs.photos ? try SentFile("photo", .photos, in: sent) : nil
    let clip = inputs.clips ? try SentFile("audio", .clips, in: sent) : nil
    guard photo == nil || clip == nil else {
      throw Refusal(
        .unprocessableContent, "A photo and a clip are sent; one of them is looked at here, both by mmtrain predict.")
    }
    let text = try sent.text("text") ?? ""
    return try told(photo ?? clip, text, try count(try sent.text("top")), frame, asJSON)
  }

  private func count(_ text: String?) throws -> Int {
    guard let text, !text.isEmpty else { return Self.usual }
    guard let count = Int(text), 1...Self.most ~= count else {
      throw Refusal(.unprocessableContent, "The number to tell is from 1 to \(Self.most).")
    }
    return count
  }

  private var lack: String {
    let things = [inputs.photos ? "a photo" : nil, inputs.clips ? "a clip" : nil, inputs.texts ? "a text" : nil]
    return "Nothing is asked; this model takes \(things.compactMap(\.self).joined(separator: ", "))."
  }

  // MARK: What is told

  private func told(_ sent: SentFile?, _ text: String, _ top: Int, _ frame: SiteFrame, _ asJSON: Bool) throws
    -> Response
  {
    let texts = text.split(separator: "\n").filter { !$0.allSatisfy(\.isWhitespace) }.map { String($0) }
    guard texts.count <= Self.mostTexts else {
      throw Refusal(.unprocessableContent, "More than \(Self.mostTexts) texts are asked at once; send fewer lines.")
    }
    guard sent != nil || !texts.isEmpty else { throw Refusal(.unprocessableContent, lack) }
    let parts = try teller.ask { try $0.predictions(sent, texts, top: top) }
    let report = PredictReport(models: [name], precision: inputs.precision, way: inputs.way)
    if asJSON {
      let told = parts.flatMap { part in part.told.map { (sent.map { ToldSample($0, 0) }, $0) } }
      var written = WrittenCounts()
      for text in parts.flatMap({ $0.told.flatMap { $0.compactMap(\.written) } }) { written.add(text) }
      return .json(report.document(told, parts.flatMap(\.problems), written: written))
    }
    var page = PredictionPage(models: [name], way: inputs.way)
    page.frame = frame.html(.predict, form: form(text, top))
    for told in parts.flatMap(\.told) {
      page.add(name: sent?.name(at: 0), told.map { PredictionPage.Told($0, references: []) }) {
        sent?.kind == .photos ? sent?.thumbnail(at: 0, side: 480) : nil
      }
    }
    return .html(page.html)
  }

  private var first: String {
    "<h1>Predictions</h1>\n<p>What \(escaped(name)) was trained to say, of what you give it.</p>"
  }

  private func form(_ text: String, _ top: Int) -> String {
    let file = { (name: String, kinds: String, title: String) in
      "<label class=\"long\">\(title) <input type=\"file\" name=\"\(name)\" accept=\"\(kinds)\"></label>\n"
    }
    return """
      <form action="/predict" method="post" enctype="multipart/form-data" aria-label="Ask the model">
      \(inputs.photos ? file("photo", "image/jpeg,image/png,image/webp", "Photo") : "")\
      \(inputs.clips ? file("audio", "audio/*", "Audio clip") : "")\
      \(inputs.texts ? "<label class=\"long\">Texts, one a line <textarea name=\"text\" rows=\"2\">\(escaped(text))</textarea></label>\n" : "")\
      <label>How many <input type="number" name="top" min="1" max="\(Self.most)" value="\(top)"></label>
      <button>Ask</button></form>
      """
  }
}

extension ModelPredictions.Teller {
  fileprivate var inputs: ModelPredictions.Inputs {
    switch self {
    case .task(let model):
      ModelPredictions.Inputs(
        photos: model.looksAtPhotos, clips: model.hears, texts: model.readsTexts,
        precision: model.loaded.engine.precision.rawValue, way: model.wayOfWriting)
    case .heads(let model):
      ModelPredictions.Inputs(
        photos: true, clips: false, texts: HeadModel(model, top: 1) == nil, precision: model.engine.precision.rawValue,
        way: nil)
    }
  }

  /// As `mmtrain predict` tells it.
  fileprivate func predictions(_ sent: SentFile?, _ texts: [String], top: Int) throws -> [PredictedExamples] {
    var parts: [PredictedExamples] = []
    switch self {
    case .task(let model): try model.predict(sent, texts, top: top) { parts.append($0) }
    case .heads(let model):
      guard let sent else { throw Refusal(.unprocessableContent, "No photo is sent; choose a JPEG, PNG or WebP file.") }
      let queries = texts.map { $0.contains("[MASK]") ? Query.maskedText($0) : Query.question($0) }
      let asked = try HeadModel(model, top: top) ?? HeadModel(model, queries, top: top)
      try asked.predict(sent, PhotoEncoding(), SoloCommunicator()) { parts.append($0) }
    }
    return parts
  }
}

extension PredictionPage.Told {
  /// - Parameter references: what people say.
  public init(_ told: PredictedExample, references: [String]) {
    self.init(text: told.text?.words, bars: told.bars, box: told.box, trust: told.trust)
    (written, self.references) = (told.written, references)
  }
}
