public import Reporting

/// What can be wrong with a safetensors file, or with tensors that are to become one.
public enum SafetensorsError: ReportableError {
  // The file as a whole
  case tooShort(path: String, size: Int)
  /// The first eight bytes, a length, do not fit the file or the format's limit.
  case headerLength(path: String, length: UInt64, limit: Int)
  /// A pickle, or a zip with a pickle in it: loading one runs the code it contains.
  case pickle(path: String)
  /// Weights in a format that is not read.
  case otherFormat(path: String, format: WeightFormat)
  /// Something that stands in the place of the file: what it is, and what to do.
  case mistaken(path: String, content: String)

  // The header
  /// Not the JSON it has to be; `offset` counts bytes from the start of the file.
  case header(path: String, offset: Int, problem: String)
  case duplicateName(path: String, name: String)
  case tensor(path: String, name: String, problem: String)
  /// Tensors overlap, or bytes belong to none.
  case layout(path: String, problem: String)

  // Use
  case noSuchTensor(path: String, name: String, nearest: String?)
  case elementType(path: String, name: String, found: ElementType, wanted: String)
  case notFinite(path: String, tensors: [String])
  /// The caller's tensors cannot be written in this format.
  case unwritable(problem: String)

  /// What is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .tooShort(let path, let size):
      "\(printable(path)): \(size) bytes, too short for a safetensors file; copy or download it again"
    case .headerLength(let path, let length, let limit):
      "\(printable(path)): says that its header has \(length) bytes, but at most \(limit) are possible; "
        + "it is cut short, or no safetensors file"
    case .pickle(let path):
      "\(printable(path)) is a pickle, which can run any code when it is loaded, so mmtrain does not read it. Where you "
        + "trust it, convert it in Python: safetensors.torch.save_file(torch.load(file, weights_only=True), "
        + "\"model.safetensors\"), or model.save_pretrained(directory) in transformers"
    case .otherFormat(let path, let format):
      "\(printable(path)): the format is \(format.rawValue), and mmtrain reads safetensors; take the model's safetensors "
        + "file, or save it in Python with model.save_pretrained(directory)"
    case .mistaken(let path, let content):
      "\(printable(path)) \(content)"
    case .header(let path, let offset, let problem):
      "\(printable(path)): byte \(offset) of the header: \(problem); the file is damaged or no safetensors file"
    case .duplicateName(let path, let name):
      "\(printable(path)): the header has the key \"\(printable(name))\" twice; the file is damaged"
    case .tensor(let path, let name, let problem):
      "\(printable(path)): tensor \"\(printable(name))\": \(problem); the file is damaged or of a newer format"
    case .layout(let path, let problem):
      "\(printable(path)): \(problem); the file is damaged, cut short or has something else appended"
    case .noSuchTensor(let path, let name, let nearest):
      "\(printable(path)): no tensor \"\(printable(name))\""
        + (nearest.map { "; did you mean \"\(printable($0))\"?" } ?? "; `mmtrain inspect` lists what is there")
    case .elementType(let path, let name, let found, let wanted):
      "\(printable(path)): tensor \"\(printable(name))\" holds \(found.rawValue), \(wanted) is needed here"
    case .notFinite(let path, let tensors):
      "\(printable(path)): NaN or infinite values in \(tensors.count) tensors ("
        + tensors.prefix(10).map { printable($0) }.joined(separator: ", ") + (tensors.count > 10 ? ", …" : "")
        + "); load them with --allow-nonfinite if that is meant"
    case .unwritable(let problem):
      "these tensors cannot be written as safetensors: \(problem)"
    }
  }

  /// 65 for a damaged file, 70 for tensors of our own that cannot be written.
  public var exitCode: ExitCode {
    switch self {
    case .unwritable: .internalError
    case .noSuchTensor, .elementType, .otherFormat: .configuration
    default: .badData
    }
  }
}
