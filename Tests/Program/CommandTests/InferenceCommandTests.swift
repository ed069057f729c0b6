import Checkpoints
import Files
import Foundation
import TensorEngine
import TestSupport
import Testing

/// `match`, `embed`, `zeroshot` and `search` as a person or a script meets them.
@Suite struct InferenceCommandTests {
  private let directory: TemporaryDirectory
  private let model: String
  private let photos: String

  init() throws {
    directory = try TemporaryDirectory()
    model = try TinyCLIP(in: directory("model")).path
    photos = directory("photos")
    try writePhotos((0..<6).map { "class\($0 % 2)/\($0).jpg" }, in: photos)
  }

  private func json(_ arguments: String...) throws -> [String: Any] {
    let result = try Program.run(Program.path, arguments)
    #expect(result.exitCode == 0, "\(result.errors)")
    return try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
  }

  private func sum(_ values: Any?) -> Double { (values as? [Double] ?? []).reduce(0, +) }

  // MARK: int8

  /// What is computed in bytes says so, and how near to fp32 it is, with every file that keeps it.
  @Test(.enabled(if: ByteWeights.isSupported, "this processor does not multiply bytes"))
  func bytesAreSaidWithWhatTheyMade() throws {
    let wide = try TinyCLIP(in: directory("wide"), width: 64).path
    try writeAtomically(Array("a dog\ntwo cats\n".utf8), to: directory("texts.txt"))
    let (file, index) = (directory("bytes.safetensors"), directory("index.safetensors"))
    let embedded = try Program.run(
      "embed", "--model", wide, "--images", photos, "--texts", directory("texts.txt"), "--precision", "int8",
      "--output",
      file)
    #expect(embedded.exitCode == 0, "\(embedded.errors)")
    let indexed = try Program.run(
      "search", "index", "--model", wide, "--photos", photos, "--precision", "int8", "--output", index)
    #expect(indexed.exitCode == 0, "\(indexed.errors)")
    let exact = try Program.run(
      "embed", "--model", wide, "--images", photos, "--texts", directory("texts.txt"), "--output",
      directory("exact.safetensors"))
    #expect(exact.exitCode == 0, "\(exact.errors)")
    for (path, kinds) in [(file, ["photos", "texts"]), (index, ["photos"])] {
      let metadata = try SafetensorsFile(path: path).metadata
      let said = try #require(metadata.first { $0.key == "nearness" }?.value).split(separator: "\n")
      #expect(metadata.contains { $0.key == "precision" && $0.value == "int8" })
      #expect(said.map { String($0.prefix { $0 != ":" }) } == kinds)
      for sentence in said { #expect((embedded.errors + indexed.errors).contains(sentence)) }
    }
    let (bytes, floats) = (try SafetensorsFile(path: file), try SafetensorsFile(path: directory("exact.safetensors")))
    #expect(!floats.metadata.contains { $0.key == "nearness" })
    for (name, count, kind) in [("image_features", 6, "photos"), ("text_features", 2, "texts")] {
      let (a, b) = (try bytes.floats(name), try floats.floats(name))
      #expect(a != b, "nothing was computed in bytes")
      let cosines = (0..<count).map { row in
        zip(a[row * 24..<row * 24 + 24], b[row * 24..<row * 24 + 24]).reduce(0) { $0 + Double($1.0 * $1.1) }
      }
      let (mean, least) = (cosines.reduce(0, +) / Double(count), cosines.min()!)
      #expect(least > 0.99)
      let sentence =
        "\(kind): cosine to fp32 \(String(format: "%.4f", mean)) in the mean, "
        + "\(String(format: "%.4f", least)) at least (the first \(count))"
      #expect(embedded.errors.contains(sentence), "\(embedded.errors)")
    }
    // Four of each of two blocks of two towers.
    #expect(
      embedded.errors.contains("int8: 16 weights are bytes, all others are multiplied in fp32"), "\(embedded.errors)")
    let narrow = try Program.run(
      "embed", "--model", model, "--images", photos, "--precision", "int8", "--output", directory("narrow.safetensors"))
    #expect(narrow.errors.contains("int8: 0 weights are bytes"), "\(narrow.errors)")
    let asked = try Program.run("search", "query", "--index", index, "--text", "a dog", "--json")
    #expect(asked.exitCode == 0, "\(asked.errors)")
  }

  @Test func anUnknownPrecisionIsRefused() throws {
    let result = try Program.run("match", "--model", model, "--image", photos, "--text", "a", "--precision", "int4")
    #expect(result.exitCode == 64 && result.errors.contains("--precision is one of auto, fp32, bf16, int8"))
  }

  // MARK: match

  @Test func matchPrintsATable() throws {
    let result = try Program.run(
      "match", "--model", model, "--image", photos + "/class0/0.jpg", photos + "/class1/1.jpg", "--text", "a dog",
      "two cars on the road")
    #expect(result.exitCode == 0 && result.errors.isEmpty, "\(result.errors)")
    let lines = result.output.split(separator: "\n")
    #expect(lines.count == 3 && lines[0].hasSuffix("a dog  two cars on the road"))
    #expect(lines[1].hasPrefix(photos + "/class0/0.jpg ") && lines[1].hasSuffix(" %"))
    #expect(Set(lines.map(\.count)).count == 1, "the columns stand under their heads")
  }

  @Test func matchPrintsOneDocument() throws {
    let found = try json("match", "--model", model, "--image", photos, "--text", "a dog", "\"a\" cat", "--json")
    let images = try #require(found["images"] as? [[String: Any]])
    #expect(images.count == 6 && found["texts"] as? [String] == ["a dog", "\"a\" cat"])
    #expect(found["probabilities_over"] as? String == "texts")
    for image in images { #expect(abs(sum(image["probabilities"]) - 1) < 1e-6) }
    let one = try json("match", "--model", model, "--image", photos, "--text", "a dog", "--json")
    #expect(one["probabilities_over"] as? String == "images")
    let column = (one["images"] as? [[String: Any]] ?? []).map { sum($0["probabilities"]) }
    #expect(abs(column.reduce(0, +) - 1) < 1e-6)
  }

  @Test func textsComeThroughAPipe() throws {
    let command =
      "printf 'a dog\\na cat\\n' | '\(Program.path)' match --model '\(model)' --image '\(photos)' --texts - --json"
    let result = try Program.run("/bin/sh", ["-c", command])
    #expect(result.exitCode == 0 && result.output.contains("\"a cat\""), "\(result.errors)")
  }

  @Test func aReaderThatLeavesEndsTheProgramQuietly() throws {
    let command = "{ '\(Program.path)' match --model '\(model)' --image '\(photos)' --text a b; echo $? >&2; } | true"
    let result = try Program.run("/bin/sh", ["-c", command])
    #expect(result.errors == "141\n" || result.errors == "0\n", "\(result.errors)")
  }

  @Test func manyTextsAreListedByPhoto() throws {
    try writeAtomically((0..<12).map { "text number \($0)\n" }.joined().utf8, to: directory("texts"))
    let result = try Program.run(
      "match", "--model", model, "--image", photos + "/class0/0.jpg", "--texts", directory("texts"))
    #expect(result.output.split(separator: "\n").count == 6)
  }

  @Test func aSafetensorsFileNamesAModel() throws {
    let file = try json(
      "match", "--model", model + "/model.safetensors", "--image", photos, "--text", "a", "b", "--json")
    let folder = try json("match", "--model", model, "--image", photos, "--text", "a", "b", "--json")
    #expect((file["images"] as? NSArray) == (folder["images"] as? NSArray))
  }

  // MARK: What goes wrong

  @Test(arguments: [
    (
      ["match", "--model", "MODEL", "--image", "\(nowhere).jpg", "--text", "a"], 66, "\(nowhere).jpg: no such file"
    ),
    (["match", "--model", nowhere, "--image", "PHOTOS", "--text", "a"], 66, "\(nowhere): no such file"),
    (
      ["match", "--model", "MODEL", "--image", "MODEL/config.json", "--text", "a"], 65,
      "not a JPEG, PNG or WebP but text"
    ),
    (["match", "--model", "MODEL", "--image", "MODEL", "--text", "a"], 66, "no pictures in it"),
    (["match", "--model", "MODEL", "--text", "a"], 64, "--image"),
    (["match", "--model", "MODEL", "--image", "PHOTOS"], 64, "--text"),
    (["match", "--model", "MODEL", "--image", "PHOTOS", "--text", "a", "--precision", "fp8"], 64, "--precision"),
    (["match", "--model", "MODEL", "--image", "PHOTOS", "--text", "a", "--over", "x"], 64, "--over"),
    (["match", "--model", "MODEL", "--image", "PHOTOS", "--text", "a", "--colour"], 64, "--colour"),
    (["match", "--model", "MODEL", "--image", "PHOTOS", "--texts", nowhere], 66, nowhere),
    (["match", "--model", "MODEL", "--image", "PHOTOS", "--texts", "PHOTOS/class0/0.jpg"], 65, ":1: no line of UTF-8"),
    (["embed", "--model", "MODEL", "--output", "OUT"], 64, "--images"),
    (["embed", "--model", "MODEL", "--images", "PHOTOS", "--split", "x", "--output", "OUT"], 64, "--split"),
    (["embed", "--model", "MODEL", "--images", "MODEL/config.json", "--output", "OUT"], 65, "config.json"),
    (["embed", "--model", "MODEL", "--images", "PHOTOS", "--output", "PHOTOS"], 73, "is a directory"),
    (["embed", "--model", "MODEL", "--images", "PHOTOS", "--output", "MODEL/config.json/x"], 73, "MODEL/config.json"),
    (["embed", "--model", "MODEL", "--data", "PHOTOS", "--output", "OUT"], 66, "no prepared data set"),
    (["zeroshot", "--model", "MODEL", "--data", "PHOTOS/class0"], 65, "in no folder of its class"),
    (["zeroshot", "--model", "MODEL", "--data", "PHOTOS", "--template", "a photo"], 64, "no {}"),
    (["search", "index", "--model", "MODEL", "--photos", nowhere, "--output", "OUT"], 66, nowhere),
    (["search", "query", "--index", nowhere, "--text", "a"], 66, nowhere),
    (["search", "query", "--index", "MODEL/model.safetensors", "--text", "a"], 65, "mmtrain-features"),
    (["search", "query", "--index", "x"], 64, "--text"),
    (["search", "query", "--index", "x", "--text", "a", "--top", "0"], 64, "--top"),
  ])
  func mistakesAreSaidOnce(arguments: [String], code: Int, words: String) throws {
    func filled(_ text: String) -> String {
      text.replacing("MODEL", with: model).replacing("PHOTOS", with: photos).replacing("OUT", with: directory("out"))
    }
    let result = try Program.run(Program.path, arguments.map(filled))
    #expect(result.exitCode == Int32(code), "\(result.errors)")
    #expect(result.errors.hasPrefix("error: ") && result.errors.contains(filled(words)), "\(result.errors)")
    #expect(result.output.isEmpty)
    #expect(try directoryEntries(directory.path).sorted() == ["model", "photos"], "nothing half done stays")
  }

  @Test func badPhotosAreLeftOutOnRequest() throws {
    try writeAtomically(Array("GIF89a".utf8), to: photos + "/class0/bad.jpg")
    let found = try json("match", "--model", model, "--image", photos, "--text", "a", "b", "--skip-bad", "--json")
    #expect((found["images"] as? [Any])?.count == 6)
    let skipped = try #require(found["skipped"] as? [[String: String]])
    #expect(skipped.count == 1 && skipped[0]["name"] == photos + "/class0/bad.jpg")
    let result = try Program.run("match", "--model", model, "--image", photos, "--text", "a", "--skip-bad")
    #expect(result.errors.hasPrefix("warning: left out: \(photos)/class0/bad.jpg: not a JPEG"))
  }

  /// PNG and WebP are photos like others; of animations the first frame counts, with a word from each command.
  @Test func otherFormatsAndAnimations() throws {
    struct Pictures: Decodable {
      struct Picture: Decodable { let name: String, file: Data }
      let webp: [Picture], png: [Picture]
    }
    let golden = try JSONDecoder().decode(Pictures.self, from: Data(readFile(goldenDirectory + "/pictures.json")))
    for picture in golden.webp + golden.png where ["animated", "lossy", "texts"].contains(picture.name) {
      let name = picture.name + (picture.file.starts(with: [0x89]) ? ".png" : ".webp")
      try writeAtomically(Array(picture.file), to: photos + "/class1/" + name)
    }
    let words =
      "warning: 2 animated picture(s): only the first frame of each counts (first: \(photos)/class1/animated.png)\n"
    let matched = try Program.run("match", "--model", model, "--image", photos, "--text", "a", "b")
    #expect(matched.exitCode == 0 && matched.errors == words && matched.output.contains("lossy.webp"))
    let index = directory("index.safetensors")
    for arguments in [
      ["embed", "--images", photos, "--output", directory("features.safetensors")], ["zeroshot", "--data", photos],
      ["search", "index", "--photos", photos, "--output", index],
    ] {
      let result = try Program.run(Program.path, arguments + ["--model", model])
      #expect(result.exitCode == 0 && result.errors.contains("2 animated picture(s)"), "\(result.errors)")
    }
    let page = directory("page.html")
    let found = try Program.run(
      "search", "query", "--index", index, "--image", photos + "/class1/lossy.webp", "--top", "9", "--html", page)
    #expect(found.exitCode == 0 && found.errors.isEmpty, "\(found.errors)")
    #expect(found.output.split(separator: "\n").dropFirst().first?.hasSuffix("lossy.webp") == true)
    let html = String(decoding: try readFile(page), as: UTF8.self)
    #expect(
      html.components(separatedBy: "data:image/jpeg;base64,").count == 11, "each photo in the page, and the query's")
  }

  /// NaN in one tower: refused, or taken on request and named; features of that tower are never written.
  @Test func notFiniteWeightsAreTakenOnRequest() throws {
    let (path, name) = (model + "/model.safetensors", "text_model.final_layer_norm.weight")
    let file = try SafetensorsFile(path: path)
    var tensors = try file.entries.map { try file.tensor($0.name) }
    let index = try #require(tensors.firstIndex { $0.name == name })
    let values = [Float.nan] + [Float](repeating: 1, count: 31)
    tensors[index] = NamedTensor(name: name, elementType: .float32, shape: [32], copying: values)
    try writeSafetensors(tensors, to: path)
    try writeAtomically("a dog\n".utf8, to: directory("texts"))

    let match = ["match", "--model", model, "--image", photos + "/class0/0.jpg", "--text", "a", "b", "--json"]
    let refused = try Program.run(Program.path, match)
    #expect(refused.exitCode == 65 && refused.errors.contains(name), "\(refused.errors)")
    let taken = try Program.run(Program.path, match + ["--allow-nonfinite"])
    #expect(taken.exitCode == 0, "\(taken.errors)")
    #expect(taken.errors == "warning: NaN or infinite values in 1 tensors of the model: \(name)\n")
    #expect(try JSONSerialization.jsonObject(with: Data(taken.output.utf8)) is [String: Any])

    let embed = ["embed", "--model", model, "--output", directory("f"), "--allow-nonfinite"]
    let photosAlone = try Program.run(Program.path, embed + ["--images", photos])
    #expect(photosAlone.exitCode == 0 && fileExists(directory("f")), "\(photosAlone.errors)")
    let texts = try Program.run(Program.path, embed + ["--texts", directory("texts")])
    #expect(texts.exitCode == 65 && texts.errors.contains("the text_features are NaN"), "\(texts.errors)")
    let export = ["export", "--model", model, "--to", "open_clip", "--output", directory("e")]
    #expect(try Program.run(Program.path, export).exitCode == 65)
    let exported = try Program.run(Program.path, export + ["--allow-nonfinite"])
    #expect(exported.exitCode == 0 && exported.errors.contains(name), "\(exported.errors)")
  }

  // MARK: embed, zeroshot, search

  @Test func embedWritesFeaturesAndNames() throws {
    try writeAtomically("a dog\na cat\n".utf8, to: directory("texts"))
    let result = try Program.run(
      "embed", "--model", model, "--images", photos, "--texts", directory("texts"), "--output", directory("f"))
    #expect(result.exitCode == 0 && result.output.isEmpty, "\(result.errors)")
    let file = try SafetensorsFile(path: directory("f"))
    #expect(file.entry(named: "image_features")?.shape == [6, 24])
    #expect(file.entry(named: "text_features")?.shape == [2, 24])
    let names = try file.withBytes("image_names") { try JSONDecoder().decode([String].self, from: Data($0)) }
    #expect(names == [0, 2, 4].map { "\(photos)/class0/\($0).jpg" } + [1, 3, 5].map { "\(photos)/class1/\($0).jpg" })
  }

  @Test func zeroShotCountsPhotosByClass() throws {
    let found = try json("zeroshot", "--model", model, "--data", photos, "--json")
    #expect(found["photos"] as? Int == 6 && found["top5"] as? Double == 100)
    let confusion = try #require(found["confusion"] as? [[Int]])
    #expect(confusion.map { $0.reduce(0, +) } == [3, 3])
    #expect((found["templates"] as? [String])?.count == 7)
    let right = Double(confusion[0][0] + confusion[1][1]) / 6 * 100
    #expect(abs((found["top1"] as? Double ?? -1) - right) < 1e-9)
    let table = try Program.run("zeroshot", "--model", model, "--data", photos, "--template", "a {}")
    #expect(table.output.contains("6 photos, 2 classes, 1 template(s)"))
  }

  @Test func aSearchFindsThePhotoItself() throws {
    let index = directory("index")
    let made = try Program.run("search", "index", "--model", model, "--photos", photos, "--output", index)
    #expect(made.exitCode == 0, "\(made.errors)")
    let found = try json(
      "search", "query", "--index", index, "--text", "a <dog>", "--image", photos + "/class1/3.jpg", "--top", "3",
      "--html", directory("page.html"), "--json")
    let results = try #require(found["results"] as? [[String: Any]])
    let hits = try #require(results.map { $0["hits"] as? [[String: Any]] ?? [] })
    #expect(results[0]["text"] as? String == "a <dog>" && hits.map(\.count) == [3, 3])
    #expect(hits[1][0]["name"] as? String == "class1/3.jpg")
    #expect(abs((hits[1][0]["similarity"] as? Double ?? 0) - 1) < 1e-5)
    let page = String(decoding: try readFile(directory("page.html")), as: UTF8.self)
    #expect(page.contains("a &lt;dog&gt;") && page.components(separatedBy: "data:image/jpeg;base64,").count == 8)
  }

  @Test func aSearchWithAnotherModelIsRefused() throws {
    let index = directory("index")
    _ = try Program.run("search", "index", "--model", model, "--photos", photos, "--output", index)
    let other = try TinyCLIP(in: directory("other"), seed: 2).path
    let result = try Program.run(
      "search", "query", "--index", index, "--model", other, "--text", "a", "--html", directory("page.html"))
    #expect(result.exitCode == 66 && result.errors.contains("is another model"), "\(result.errors)")
    #expect(!fileExists(directory("page.html")))
    try moveFile(model, to: directory("moved"))
    #expect(try Program.run("search", "query", "--index", index, "--text", "a").exitCode == 66)
    let moved = try Program.run("search", "query", "--index", index, "--model", directory("moved"), "--text", "a")
    #expect(moved.exitCode == 0, "\(moved.errors)")
  }

  // MARK: Beside Python

  /// From photo files and strings to logits, on real photos, with ViT-B/32.
  @Test(
    .enabled(if: python != nil, "MMTRAIN_PYTHON names no Python with torch and transformers"),
    .enabled(if: sharedDirectory != nil, "there are no real photos here"))
  func logitsAreThoseOfTransformers() throws {
    let shared = try #require(sharedDirectory)
    try expectAgreement(
      ["make_random_clip.py", directory("b32"), shared + "/data/tokenizers/clip/tokenizer.json"])
    try expectAgreement(
      [
        "check_inference.py", Program.path, directory("b32"), shared + "/data/coco-mini/images",
        shared + "/data/coco-mini/captions.json",
      ])
  }

  @Test(
    .enabled(if: python != nil, "MMTRAIN_PYTHON names no Python with torch and open_clip"),
    .enabled(if: sharedDirectory != nil, "there are no real photos here"))
  func classesAreThoseOfOpenCLIP() throws {
    let shared = try #require(sharedDirectory)
    try expectAgreement(
      [
        "check_zeroshot.py", Program.path, directory("open_clip"), shared + "/data/tokenizers/clip/tokenizer.json",
        shared + "/data/flowers-mini/flowers-mini.zip",
      ])
  }

  private func expectAgreement(_ arguments: [String]) throws {
    let interpreter = try #require(python)
    let result = try TestSupport.run(
      interpreter, [goldenDirectory + "/" + arguments[0]] + arguments.dropFirst(), timeout: 600)
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    print(result.output)
  }
}
