public import Reporting

/// What can be wrong with the files of a tokenizer, or with a request to train one.
public enum TokenizerError: ReportableError {
  // The files of a directory
  /// - Parameter isOpenCLIP: whether the model is open_clip's, which has CLIP's tokenizer built in.
  case noTokenizer(directory: String, isOpenCLIP: Bool)
  case missingFile(directory: String, found: String, missing: String)

  // The file as JSON
  case malformed(file: String, line: Int, reason: String)
  /// Something that stands in the place of the file: what it is, and what to do.
  case mistaken(file: String, content: String)
  case missingKey(file: String, key: String)
  case wrongType(file: String, key: String, expected: String)
  /// The file asks for something that mmtrain does not do; doing something else instead would change the ids.
  case unsupported(file: String, key: String, found: String, supported: String)

  /// A word that another file adds, and that `tokenizer.json` does not list.
  case addedElsewhere(file: String, token: String, id: Int)

  // The vocabulary
  case duplicateToken(file: String, token: String)
  case duplicateId(file: String, id: Int, tokens: [String])
  case missingId(file: String, id: Int, count: Int)
  case unreadableToken(file: String, token: String, id: Int)
  case unknownToken(file: String, key: String, token: String)
  case differentId(file: String, token: String, id: Int, vocabularyId: Int)

  // The merges
  case malformedMerge(file: String, place: String, text: String)
  case mergeOfUnknownToken(file: String, place: String, token: String)
  case duplicateMerge(file: String, place: String, text: String)

  // Training
  case vocabularyTooSmall(requested: Int, minimum: Int)

  public var description: String {
    switch self {
    case .noTokenizer(let directory, let isOpenCLIP):
      "\(printable(directory)): no tokenizer is here; it needs tokenizer.json, or vocab.json and merges.txt, or "
        + "vocab.txt: "
        + (isOpenCLIP
          ? "open_clip has CLIP's tokenizer built in; where the model uses that one, copy tokenizer.json from "
            + "openai/clip-vit-base-patch32 (`mmtrain fetch openai/clip-vit-base-patch32@refs/pr/15` prints its directory)"
          : "copy them from the page of the model")
    case .missingFile(let directory, let found, let missing):
      "\(printable(directory)): \(found) is here, but \(missing) is not; copy it from the page of the model"
    case .malformed(let file, let line, let reason):
      "\(printable(file)):\(line): \(reason); fetch or export the file again"
    case .mistaken(let file, let content):
      "\(printable(file)) \(content)"
    case .missingKey(let file, let key):
      "\(printable(file)): \(key) is missing; is this a tokenizer file?"
    case .wrongType(let file, let key, let expected):
      "\(printable(file)): \(printable(key)) must be \(expected); export the file again"
    case .unsupported(let file, let key, let found, let supported):
      "\(printable(file)): \(printable(key)) is \(printable(found)), but mmtrain knows \(supported) only; "
        + "see docs/tokenizers.md for what it reads"
    case .addedElsewhere(let file, let token, let id):
      "\(printable(file)) does not list \"\(printable(token))\", which tokenizer_config.json or added_tokens.json adds "
        + "with id \(id); save the tokenizer again with transformers, tokenizer.save_pretrained(directory)"
    case .duplicateToken, .duplicateId, .missingId, .unreadableToken, .unknownToken, .differentId:
      vocabularyDescription
    case .malformedMerge, .mergeOfUnknownToken, .duplicateMerge:
      mergeDescription
    case .vocabularyTooSmall(let requested, let minimum):
      "a vocabulary of \(requested) tokens is too small: "
        + "the bytes and the special tokens alone are \(minimum); ask for more"
    }
  }

  public var exitCode: ExitCode {
    switch self {
    case .vocabularyTooSmall, .unsupported, .addedElsewhere: .configuration
    case .noTokenizer, .missingFile: .missingInput
    default: .badData
    }
  }

  /// Whether a sound file asks for something that mmtrain does not do.
  var isUnsupported: Bool { if case .unsupported = self { true } else { false } }

  private var vocabularyDescription: String {
    let advice = "; take the vocabulary that the model was trained with"
    switch self {
    case .duplicateToken(let file, let token):
      return "\(printable(file)): \"\(printable(token))\" is there twice" + advice
    case .duplicateId(let file, let id, let tokens):
      let names = tokens.map { "\"\(printable($0))\"" }.joined(separator: " and ")
      return "\(printable(file)): id \(id) belongs to \(names)" + advice
    case .missingId(let file, let id, let count):
      return "\(printable(file)): no token has id \(id), but \(count) tokens need the ids 0 to \(count - 1)" + advice
    case .unreadableToken(let file, let token, let id):
      return "\(printable(file)): token \(id), \"\(printable(token))\", is not written in byte symbols and is not "
        + "among added_tokens" + advice
    case .unknownToken(let file, let key, let token):
      return "\(printable(file)): \(key) names \"\(printable(token))\", which the vocabulary does not hold" + advice
    case .differentId(let file, let token, let id, let vocabularyId):
      return "\(printable(file)): \"\(printable(token))\" has id \(id), but \(vocabularyId) in the vocabulary" + advice
    default:
      return ""
    }
  }

  private var mergeDescription: String {
    let advice = "; take the merges that belong to this vocabulary"
    switch self {
    case .malformedMerge(let file, let place, let text):
      return "\(printable(file)): \(place), \"\(printable(text))\", is not two tokens" + advice
    case .mergeOfUnknownToken(let file, let place, let token):
      return "\(printable(file)): \(place) needs the token \"\(printable(token))\", which the vocabulary does not hold"
        + advice
    case .duplicateMerge(let file, let place, let text):
      return "\(printable(file)): \(place), \"\(printable(text))\", is there a second time" + advice
    default:
      return ""
    }
  }
}
