internal import Evaluation
internal import Files
internal import Foundation
internal import Reporting

/// Scores of captions that other programs have computed, out of a file.
struct OutsideScores {
  /// In the order of their names.
  let scores: [OutsideScore]

  /// - Parameter images: that captions are of; a score of single images has one number for each of them.
  /// - Throws: `CaptionFileError.badScores` for what is none, is not finite, or is of other images.
  init(at path: String, of images: [String]) throws {
    let bytes = try readFile(path)
    func refusal(_ problem: String) -> CaptionFileError { .badScores(path: path, problem: problem) }
    let found: Found
    do {
      found = try JSONDecoder().decode(Found.self, from: Data(bytes))
    } catch let error as ScoreProblem {
      throw refusal(error.words)
    } catch {
      let text = String(decoding: bytes, as: UTF8.self)
      throw refusal(
        ["NaN", "Infinity"].contains(where: text.contains)
          ? "it has NaN or Infinity, which is no number" : "it is no file of scores")
    }
    guard !found.values.isEmpty else { throw refusal("it has no score") }
    let captioned = Set(images)
    scores = try found.values.keys.sorted().map { name in
      switch found.values[name] {
      case .all(let value)?: return OutsideScore(name, .ofAll(value))
      case .images(let values)?:
        let unknown = values.keys.filter { !captioned.contains($0) }.sorted()
        guard unknown.isEmpty else {
          throw refusal(
            "\(printable(name)) has scores of \(unknown.count) images that have no caption (\(Self.some(unknown)))")
        }
        let lacking = images.filter { values[$0] == nil }
        guard lacking.isEmpty else {
          throw refusal(
            "\(printable(name)) has no score of \(lacking.count) of the captioned images (\(Self.some(lacking)))")
        }
        return OutsideScore(name, .ofImages(images.compactMap { values[$0] }))
      case nil: preconditionFailure("a score by its own name")
      }
    }
  }

  private static func some(_ images: [String]) -> String {
    images.prefix(3).map { printable($0) }.joined(separator: ", ")
  }

  fileprivate struct ScoreProblem: Error { let words: String }

  private enum Values {
    case all(Double)
    case images([String: Double])
  }

  /// Any of the forms that there are.
  private struct Found: Decodable {
    var values: [String: Values] = [:]

    init(from decoder: any Decoder) throws {
      if let rows = try? decoder.singleValueContainer().decode([Row].self) {
        for row in rows {
          for (name, value) in row.values {
            var known: [String: Double] = [:]
            if case .images(let before)? = values[name] { known = before }
            guard known.updateValue(value, forKey: row.image) == nil else {
              throw ScoreProblem(words: "\(printable(name)) has two scores of image \(printable(row.image))")
            }
            values[name] = .images(known)
          }
        }
        return
      }
      let container = try decoder.container(keyedBy: Name.self)
      for key in container.allKeys {
        if let all = try? container.decode(Double.self, forKey: key) {
          values[key.stringValue] = .all(all)
        } else if let images = try? container.decode([String: Double].self, forKey: key) {
          values[key.stringValue] = .images(images)
        } else {
          throw ScoreProblem(
            words: "what it has as \(printable(key.stringValue)) is no number, and no object of numbers")
        }
      }
    }
  }

  /// One image's scores, as pycocoevalcap's `evalImgs` has them.
  private struct Row: Decodable {
    let image: String
    var values: [(String, Double)] = []

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Name.self)
      image = try container.decode(ImageIdentifier.self, forKey: Name("image_id")).name
      for key in container.allKeys where key.stringValue != "image_id" {
        // SPICE has an object of shares, of which F over all is its score.
        let value = try? container.decode(Double.self, forKey: key)
        guard let value = value ?? (try? container.decode(SPICE.self, forKey: key))?.all.f else { continue }
        values.append((key.stringValue, value))
      }
    }
  }

  private struct SPICE: Decodable {
    struct Shares: Decodable { let f: Double }
    let all: Shares
    private enum CodingKeys: String, CodingKey { case all = "All" }
  }

  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}
