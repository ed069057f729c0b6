import Evaluation
import Files
import Foundation
import TestSupport

/// Tests/Golden/captions.json, made by captions.py beside it.
struct CaptionGolden: Decodable {
  struct Words: Decodable { let caption: String, words: [String] }

  struct Scored: Decodable {
    let captions: [String], references: [[String]]
    let bleu: [Double], rouge: Double, rouges: [Double], cider: Double, ciders: [Double]

    var images: [CaptionedImage] {
      zip(captions, references).enumerated().map {
        CaptionedImage(caption: $1.0, references: $1.1, cluster: $0)
      }
    }
  }

  let words: [Words]
  let sets: [Scored]

  static func read() throws -> CaptionGolden {
    try JSONDecoder().decode(CaptionGolden.self, from: Data(readFile(goldenDirectory + "/captions.json")))
  }
}
