internal import Catalogue
internal import Reporting
internal import Scenes

/// The data sets that are known by name, for `--list`.
func knownSets(asJSON: Bool) throws -> String {
  let manifests = try Catalogue.all()
  guard !asJSON else {
    let sets = manifests.map { document($0) } + [scenesDocument]
    return OrderedJSON.object([("data_sets", .list(sets))]).document
  }
  var rows = [["NAME", "PHOTOS", "CAPTIONS", "TO FETCH", "WHAT"]]
  for manifest in manifests {
    rows.append([
      manifest.name, manifest.expected.photos.map { "\($0)" } ?? "?",
      manifest.expected.captions.map { "\($0)" } ?? "?", toFetch(manifest), manifest.title ?? "",
    ])
  }
  let scenes = SceneSettings()
  rows.append([
    scenesName, "\(scenes.train + scenes.validation + scenes.test)", "?", "nothing", "Coloured shapes, drawn here",
  ])
  return columns(rows).joined(separator: "\n")
    + "\n\nmmtrain prepare NAME --explain says what is fetched and under which terms; mmtrain prepare NAME does it.\n"
}

private func toFetch(_ manifest: SourceManifest) -> String {
  guard manifest.isFetchable else { return "ask for it" }
  return manifest.size.map(sizeInWords) ?? "not known"
}

/// What a manifest says, as JSON with the manifest's own keys.
func document(_ manifest: SourceManifest) -> OrderedJSON {
  func text(_ value: String?) -> OrderedJSON { value.map { .text($0) } ?? .null }
  func number(_ value: Int?) -> OrderedJSON { value.map { .integer($0) } ?? .null }
  let files = manifest.files.map { file in
    OrderedJSON.object([
      ("name", .text(file.name)), ("role", .text(file.role.rawValue)), ("urls", .list(file.urls.map { .text($0) })),
      ("size", number(file.size)), ("sha256", text(file.sha256)), ("md5", text(file.md5)),
      ("members", .list(file.members.map { .text($0) })),
    ])
  }
  let expected = manifest.expected
  return .object([
    ("name", .text(manifest.name)), ("title", text(manifest.title)), ("homepage", text(manifest.homepage)),
    ("licence", text(manifest.licence)), ("citation", text(manifest.citation)), ("obtain", text(manifest.obtain)),
    ("fetchable", .flag(manifest.isFetchable)), ("bytes", number(manifest.isFetchable ? manifest.size : nil)),
    ("files", .list(files)), ("layouts", .list(manifest.layouts.map { .text($0) })),
    (
      "expected",
      .object([
        ("photos", number(expected.photos)), ("captions", number(expected.captions)),
        ("captions_per_photo", number(expected.captionsPerPhoto)),
        ("splits", .object(expected.splits.map { ($0.name, .integer($0.photos)) })),
      ])
    ),
    ("known_faults", .list(manifest.knownFaults.map { .text($0) })),
  ])
}

private var scenesDocument: OrderedJSON {
  let scenes = SceneSettings()
  return .object([
    ("name", .text(scenesName)), ("title", .text("Coloured shapes, drawn here")), ("licence", .text(scenesLicence)),
    ("fetchable", .flag(true)), ("bytes", .integer(0)), ("files", .list([])),
    (
      "expected",
      .object([
        ("photos", .integer(scenes.train + scenes.validation + scenes.test)),
        (
          "splits",
          .object([
            ("train", .integer(scenes.train)), ("validation", .integer(scenes.validation)),
            ("test", .integer(scenes.test)),
          ])
        ),
      ])
    ),
  ])
}

/// What `--explain` says of the scenes.
func scenesExplained(asJSON: Bool) -> String {
  guard !asJSON else { return scenesDocument.document }
  let scenes = SceneSettings()
  return "scenes: pictures of coloured shapes with captions, drawn here; nothing is fetched\n"
    + "  licence   \(scenesLicence)\n"
    + "  expected  train \(scenes.train), validation \(scenes.validation), test \(scenes.test)\n"
}
