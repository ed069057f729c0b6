internal import Files
internal import Models
internal import Settings

/// The parts that a directory of sentence-transformers lists in `modules.json`: a transformer, how its states become one,
/// and perhaps a norm, which a projection without a bias and the norm behind it make no difference to.
struct SentenceModules {
  /// The transformer's folder within the directory; empty for the directory itself.
  private(set) var transformer = ""
  private(set) var pooling: TextPooling?
  /// Most tokens of a text, start and end token included.
  private(set) var limit: Int?

  /// - Returns: nil for a directory of another kind.
  /// - Throws: `PretrainedError.badModel` for parts that change the numbers and are not known.
  init?(in directory: String) throws {
    let path = directory + "/modules.json"
    guard fileExists(path) else { return nil }
    for module in try modules(path) {
      let folder = module.path.isEmpty ? directory : directory + "/" + module.path
      switch module.kind {
      case "Transformer":
        transformer = module.path
        limit = try Self.limit(folder)
      case "Pooling": pooling = try Self.pooling(folder + "/config.json")
      case "Normalize", "Dropout": break
      default:
        throw PretrainedError.badModel(
          path: path,
          problem: "has a part of the kind \(module.type), which mmtrain does not have; take a model of a transformer "
            + "and a pooling, or the transformer alone: \(directory)/\(transformer)")
      }
    }
  }

  /// What they say of texts, as a sentence; nil where they say nothing.
  func remark(_ directory: String) -> String? {
    let cut = limit.map { "cuts texts at \($0) tokens" }
    let pooled = pooling.map { "pools texts by \($0.words)" }
    let said = [cut, pooled].compactMap(\.self)
    return said.isEmpty ? nil : "\(directory) " + said.joined(separator: ", and ")
  }

  /// What a text is cut to; absent in models that keep to the transformer's own limit.
  private static func limit(_ folder: String) throws -> Int? {
    let path = folder + "/sentence_bert_config.json"
    guard fileExists(path) else { return nil }
    let settings = try Settings(json: readFile(path, limit: 1 << 20), file: path)
    if try settings.flag("do_lower_case") == true {
      throw PretrainedError.badModel(
        path: path, problem: "do_lower_case is true, beside what the tokenizer does; put it into the tokenizer")
    }
    guard let limit = try settings.whole("max_seq_length") else { return nil }
    guard limit >= 2 else {
      throw PretrainedError.badModel(
        path: path, problem: "max_seq_length is \(limit), and the tokens that open and close a text are two")
    }
    return limit
  }

  /// The one kind of pooling that is switched on.
  private static func pooling(_ path: String) throws -> TextPooling {
    let settings = try Settings(json: readFile(path, limit: 1 << 20), file: path)
    let prefix = "pooling_mode_"
    var kinds: [String] = []
    for key in settings.keys where key.hasPrefix(prefix) {
      if try settings.flag(key) == true { kinds.append(String(key.dropFirst(prefix.count))) }
    }
    if kinds.isEmpty, let mode = try settings.text("pooling_mode") { kinds = [mode] }
    switch kinds {
    case ["mean_tokens"], ["mean"]: return .mean
    case ["cls_token"], ["cls"]: return .first
    default:
      throw PretrainedError.badModel(
        path: path,
        problem: "pools by \(kinds.isEmpty ? "nothing" : kinds.joined(separator: " and ")), which mmtrain does not do; "
          + "it pools by mean_tokens or cls_token alone")
    }
  }
}

private struct Module {
  /// As the file has it: `sentence_transformers.models.Pooling`.
  let type: String
  let path: String
  var kind: Substring { type.split(separator: ".").last ?? "" }
}

private func modules(_ path: String) throws -> [Module] {
  func broken(_ problem: String) -> PretrainedError { .badModel(path: path, problem: problem) }
  guard case .array(let elements) = try JSONReader.parse(readFile(path, limit: 1 << 20), duplicates: .lastCounts) else {
    throw broken("is no list of modules")
  }
  return try elements.map { element in
    guard case .object(let members) = element else { throw broken("lists something that is no module") }
    func text(_ key: String) throws -> String {
      guard case .string(let bytes)? = members.last(where: { $0.key == Array(key.utf8) })?.value else {
        throw broken("a module has no \(key)")
      }
      return String(decoding: bytes, as: UTF8.self)
    }
    let folder = try text("path")
    guard !folder.hasPrefix("/"), !folder.split(separator: "/").contains("..") else {
      throw broken("a module lies outside of the directory: \(folder)")
    }
    return Module(type: try text("type"), path: folder)
  }
}
