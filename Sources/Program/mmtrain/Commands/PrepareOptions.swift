public import Archives
public import ArgumentParser
public import Preparation

extension CaptionDelimiter: ExpressibleByArgument {}

extension NameEncoding: ExpressibleByArgument {}

extension CaptionTableChoice.Columns: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

extension PreparationRequest.SplitChoice {
  /// What `--splits` says.
  init(word: String) throws {
    switch word {
    case "": throw ValidationError("it is empty")
    case "hash": self = .hash(SplitHash())
    case "folders": self = .folders
    case _ where word.hasPrefix("hash:"): self = .hash(try Self.hash(word))
    default: self = .file(word)
    }
  }

  private static func hash(_ word: String) throws -> SplitHash {
    do throws(PreparationError) {
      return try SplitHash(words: String(word.dropFirst("hash:".count)))
    } catch {
      throw ValidationError(error.description)
    }
  }
}
