public import Archives
public import ArgumentParser
public import Preparation

extension CaptionDelimiter: ExpressibleByArgument {}

extension NameEncoding: ExpressibleByArgument {}

extension CaptionTableChoice.Columns: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

extension PreparationRequest.SplitChoice: ExpressibleByArgument {
  public init?(argument: String) {
    switch argument {
    case "": return nil
    case "hash": self = .hash
    case "folders": self = .folders
    default: self = .file(argument)
    }
  }
}
