public import Archives
public import ArgumentParser
public import Preparation

extension CaptionDelimiter: ExpressibleByArgument {}

extension NameEncoding: ExpressibleByArgument {}

extension CaptionTableChoice.Columns: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}
