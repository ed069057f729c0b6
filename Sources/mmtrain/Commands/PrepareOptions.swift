public import ArgumentParser
public import Preparation

extension CaptionDelimiter: ExpressibleByArgument {}

extension CaptionTableChoice.Columns: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}
