internal import Reporting

/// A value given on the command line.
public struct ConfigurationSetting: Sendable {
  /// `--set`, or the option that stands for the key.
  public let option: String
  /// `key=value`.
  public let text: String

  public init(option: String = "--set", _ text: String) {
    self.option = option
    self.text = text
  }

  /// What stands before the first `=`.
  public var key: String { String(text.prefix { $0 != "=" }) }
  /// What stands behind it.
  public var value: String { String(text.drop { $0 != "=" }.dropFirst()) }
}

extension ConfigurationLayer {
  /// Reads `key=value` settings in order; the last one of a key counts.
  init(settings: [ConfigurationSetting]) {
    for setting in settings { add(setting) }
  }

  private mutating func add(_ setting: ConfigurationSetting) {
    let place = "\(setting.option) \(printable(setting.text, limit: 80))"
    guard let equals = setting.text.firstIndex(of: "=") else {
      return fail(place, "is not key=value; write for example --set optimizer.learning_rate=1e-4")
    }
    let path = String(setting.text[..<equals])
    let text = String(setting.text[setting.text.index(after: equals)...])
    guard let index = ConfigurationKey.index(of: path) ?? ConfigurationKey.index(ofForm: path) else {
      let isSection = ConfigurationKey.sections.contains(path)
      let hint = isSection ? "; name one of its keys" : suggestion(forUnknownKey: path)
      return fail(place, (isSection ? "\(path) is a group of keys" : "unknown key \(printable(path))") + hint)
    }
    let origin = ConfigurationOrigin.option(setting.option)
    if case .list = ConfigurationKey.all[index].kind {
      addList(index, text, origin, place)
    } else {
      add(index, text: text, isQuoted: false, origin: origin, place: place)
    }
  }

  /// `[a, b]`, or `a` for a list of one.
  private mutating func addList(_ index: Int, _ text: String, _ origin: ConfigurationOrigin, _ place: String) {
    do {
      let items: [String]
      if text.hasPrefix("["), text.hasSuffix("]") {
        items = try splitList(text.dropFirst().dropLast()).map(checkedText)
      } else {
        items = [try checkedText(text)]
      }
      entries.append(Entry(key: index, value: .list(items), origin: origin))
    } catch let problem {
      failedKeys.append(index)
      fail(place, "\(ConfigurationKey.all[index].path): \(problem.message)")
    }
  }
}

/// The items between commas, without spaces and quotes around them; no items in an empty list.
private func splitList(_ text: Substring) -> [String] {
  let items = text.split(separator: ",", omittingEmptySubsequences: false).map { item in
    var item = item.drop { $0 == " " }
    while item.last == " " { item.removeLast() }
    if item.count >= 2, let quote = item.first, quote == "\"" || quote == "'", item.last == quote {
      item = item.dropFirst().dropLast()
    }
    return String(item)
  }
  return items == [""] ? [] : items
}
