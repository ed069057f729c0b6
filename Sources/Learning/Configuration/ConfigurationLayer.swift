/// What one source (the file, the command line) says: the values it gives, and what is wrong with the rest.
struct ConfigurationLayer {
  struct Entry {
    /// Index in `ConfigurationKey.all`.
    let key: Int
    let value: ConfigurationValue
    let origin: ConfigurationOrigin
  }

  var entries: [Entry] = []
  var problems: [ConfigurationProblem] = []
  /// Keys whose value could not be understood; checks that need them are left out.
  var failedKeys: [Int] = []

  /// The last value given to `path`.
  func value(of path: String) -> ConfigurationValue? {
    entries.last { ConfigurationKey.all[$0.key].path == path }?.value
  }

  func origin(of path: String) -> ConfigurationOrigin? {
    entries.last { ConfigurationKey.all[$0.key].path == path }?.origin
  }

  mutating func fail(_ place: String, _ message: String) {
    problems.append(ConfigurationProblem(place: place, message: message))
  }

  /// Adds the value that `text` stands for, or says what is wrong with it.
  mutating func add(_ index: Int, text: String, isQuoted: Bool, origin: ConfigurationOrigin, place: String) {
    let key = ConfigurationKey.all[index]
    do {
      entries.append(Entry(key: index, value: try key.value(of: text, isQuoted: isQuoted), origin: origin))
    } catch {
      failedKeys.append(index)
      fail(place, "\(key.path): \(error.message)")
    }
  }
}
