import Foundation
import TestSupport
import Tokenization

/// Where goldens and shared data are.
enum Place {
  static let script = goldenDirectory + "/tokenization.py"
  static let golden = URL(filePath: goldenDirectory + "/tokenization")
  static let shared = URL(filePath: sharedDirectory ?? "shared is not here")
  static let captions = shared.appending(path: "data/flickr8k/dataset_flickr8k_mini.json")

  static let hasShared = exists(clip("tokenizer.json")) && exists(bert("vocab.txt")) && exists(captions)
  /// A Python that has the library `tokenizers`.
  static let python = ProcessInfo.processInfo.environment["MMTRAIN_PYTHON"]

  /// A file of the CLIP tokenizer.
  static func clip(_ name: String) -> URL { shared.appending(path: "data/tokenizers/clip/\(name)") }
  /// A file of the BERT tokenizer.
  static func bert(_ name: String) -> URL { shared.appending(path: "data/tokenizers/bert/\(name)") }

  static func bytes(_ url: URL) throws -> [UInt8] { Array(try Data(contentsOf: url)) }
  private static func exists(_ url: URL) -> Bool { FileManager.default.fileExists(atPath: url.path) }
}

/// A text and the ids it must become.
struct Example: Decodable {
  let text: String
  let ids: [Int32]
  let decoded: String?
  /// The second text of an example with two.
  let pair: String?

  /// One example a line.
  static func read(_ url: URL) throws -> [Example] {
    try Data(contentsOf: url).split(separator: 0x0A).map { try JSONDecoder().decode(Example.self, from: $0) }
  }
}

/// Tests/Golden/tokenization/golden.json; Tests/Golden/tokenization.py says how it is made.
struct Golden: Decodable {
  let seed: UInt64
  let captions: [String]
  let vocabularySize: Int
  let ranges: [[UInt32]]
  let snippets: [String]
  let awkward: [Example]
  let random: [String]
  let randomBERT: [String]
  let scalars: [String]
  let scalarsBERT: [String]
  let flickr8kMini: [String]
  let flickr8kMiniBERT: [String]

  static func read() throws -> Golden {
    try JSONDecoder().decode(Golden.self, from: Data(contentsOf: Place.golden.appending(path: "golden.json")))
  }

  static func tinyTokenizer() throws -> ByteLevelBPE {
    let url = Place.golden.appending(path: "tiny-tokenizer.json")
    return try ByteLevelBPE(huggingFaceJSON: Place.bytes(url), path: url.path)
  }

  /// Seeded strings of letters, marks, digits, spaces and symbols of all scripts, as the script makes them.
  func randomTexts(_ count: Int) -> [String] {
    var random = SplitMix(state: seed)
    return (0..<count).map { _ in
      var text = String.UnicodeScalarView()
      for _ in 0..<1 + random.next(below: 24) {
        if random.next(below: 4) == 0 {
          text.append(contentsOf: snippets[Int(random.next(below: UInt64(snippets.count)))].unicodeScalars)
        } else {
          let range = ranges[Int(random.next(below: UInt64(ranges.count)))]
          let value = range[0] + UInt32(random.next(below: UInt64(range[1] - range[0] + 1)))
          text.append(contentsOf: [Unicode.Scalar(value)].compactMap(\.self))
        }
      }
      return String(text)
    }
  }

  /// Every scalar of a plane between two letters, sixteen to a text.
  static func scalarTexts(plane: UInt32) -> [String] {
    let scalars = (plane << 16..<(plane + 1) << 16).compactMap(Unicode.Scalar.init)
    return stride(from: 0, to: scalars.count, by: 16).map { start in
      scalars[start..<min(start + 16, scalars.count)].map { "x\($0)y" }.joined(separator: " ")
    }
  }
}

/// The script's random numbers.
struct SplitMix {
  var state: UInt64

  mutating func next(below bound: UInt64) -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return ((z ^ (z >> 31)) >> 11) % bound
  }
}

/// FNV-1a over ids as little-endian 32-bit numbers, each list closed by -1; one hash for each block of lists.
func hashes(_ lists: [[Int32]], block: Int) -> [String] {
  stride(from: 0, to: lists.count, by: block).map { start in
    var value: UInt64 = 0xCBF2_9CE4_8422_2325
    for id in lists[start..<min(start + block, lists.count)].joined(by: -1) {
      for shift in stride(from: UInt32(0), to: 32, by: 8) {
        value = (value ^ UInt64(UInt32(bitPattern: id) >> shift & 0xFF)) &* 0x100_0000_01B3
      }
    }
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

extension Sequence<[Int32]> {
  fileprivate func joined(by end: Int32) -> [Int32] { flatMap { $0 + [end] } }
}

/// The captions of flickr8k-mini in file order.
func flickrCaptions() throws -> [String] {
  struct File: Decodable {
    struct Image: Decodable { let sentences: [Sentence] }
    struct Sentence: Decodable { let raw: String }
    let images: [Image]
  }
  let file = try JSONDecoder().decode(File.self, from: Data(contentsOf: Place.captions))
  return file.images.flatMap { $0.sentences.map(\.raw) }
}

/// What the Python library makes of the texts with a tokenizer file.
func pythonIds(_ texts: [String], tokenizer: [UInt8], python: String) throws -> [[Int32]] {
  let directory = FileManager.default.temporaryDirectory.appending(path: "mmtrain-tokens-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: directory) }
  let file = directory.appending(path: "tokenizer.json")
  let input = directory.appending(path: "texts.json")
  let output = directory.appending(path: "ids.json")
  try Data(tokenizer).write(to: file)
  try JSONEncoder().encode(texts).write(to: input)
  try Data().write(to: output)
  let process = Process()
  process.executableURL = URL(filePath: python)
  process.arguments = [Place.script, "encode", file.path]
  process.standardInput = try FileHandle(forReadingFrom: input)
  process.standardOutput = try FileHandle(forWritingTo: output)
  try process.run()
  process.waitUntilExit()
  return try JSONDecoder().decode([[Int32]].self, from: Data(contentsOf: output))
}
