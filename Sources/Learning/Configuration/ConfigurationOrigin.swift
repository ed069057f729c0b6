internal import Reporting

/// Where a value comes from.
public enum ConfigurationOrigin: Sendable, Equatable, CustomStringConvertible {
  case builtIn
  case preset(String)
  case file(path: String, line: Int, column: Int)
  /// An option of the command line: `--set`, `--output`.
  case option(String)
  /// The model has it by itself: it comes with its weights, or with the kind of a tower.
  case model
  /// It was looked for, so that the model is like another one.
  case matched(String)
  /// The model has no such thing.
  case unused

  public var description: String {
    switch self {
    case .builtIn: "built-in"
    case .preset(let name): "preset \(name)"
    case .file(let path, let line, let column): "\(printable(path)):\(line):\(column)"
    case .option(let name): name
    case .model: "the model's own"
    case .matched(let what): what
    case .unused: "not used"
    }
  }

  /// Somebody wrote it for this run, or had it looked for.
  public var isStated: Bool {
    switch self {
    case .builtIn, .preset, .model, .unused: false
    case .file, .option, .matched: true
    }
  }
}

/// The origin of every key's value.
public struct ConfigurationOrigins: Sendable {
  /// In the order of `ConfigurationKey.all`.
  private var origins = [ConfigurationOrigin](repeating: .builtIn, count: ConfigurationKey.all.count)

  /// The origin of the value of the key `path`; unknown keys count as built-in.
  public func origin(of path: String) -> ConfigurationOrigin {
    ConfigurationKey.index(of: path).map { origins[$0] } ?? .builtIn
  }

  subscript(index: Int) -> ConfigurationOrigin {
    get { origins[index] }
    set { origins[index] = newValue }
  }
}

extension RunConfiguration {
  /// Whether the file or the command line gave a value to `path`, or to a key of the group `path`.
  public func isStated(_ path: String) -> Bool {
    ConfigurationKey.all.indices.contains {
      let key = ConfigurationKey.all[$0].path
      return (key == path || key.hasPrefix(path + ".")) && origins[$0].isStated
    }
  }
}
