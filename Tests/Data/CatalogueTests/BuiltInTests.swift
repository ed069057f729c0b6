import Catalogue
import Files
import TestSupport
import Testing

@Suite struct BuiltInTests {
  /// The texts in the program are those of datasets/.
  @Test func theyAreThoseOfTheFolder() throws {
    let folder = repositoryRoot + "/datasets"
    let names = try directoryEntries(folder).filter { $0.hasSuffix(".yaml") }
    #expect(Catalogue.texts.map { $0.name + ".yaml" } == names)
    for (name, text) in Catalogue.texts {
      #expect(
        try Array(text.utf8) == readFile("\(folder)/\(name).yaml"),
        "datasets/embed > Sources/Data/Catalogue/BuiltInManifests.swift")
    }
  }

  @Test func allAreComplete() throws {
    for (manifest, text) in zip(try Catalogue.all(), Catalogue.texts) {
      #expect(manifest.name == text.name)
      #expect(manifest.title != nil && manifest.licence != nil && manifest.citation != nil && manifest.homepage != nil)
      #expect(manifest.expected.photos != nil && manifest.expected.captions != nil)
      #expect(manifest.expected.splits.map(\.name) == ["train", "validation", "test"])
      #expect(manifest.isFetchable || manifest.obtain != nil)
      for file in manifest.files { #expect(file.sha256 != nil || file.md5 != nil) }
    }
  }

  @Test func whatIsMeant() throws {
    #expect(try Catalogue.manifest("flickr30k").title == "Flickr30k")
    let wrong = [
      ("flickr-30k", "flickr30k"), ("coco-caption", "coco-captions"), ("Flickr8k", "flickr8k"), ("scene", "scenes"),
      ("coco", "coco-captions"),
    ]
    for (name, meant) in wrong {
      #expect(throws: CatalogueError.unknownName(name, suggestion: meant)) {
        try Catalogue.manifest(name, others: ["scenes"])
      }
    }
    #expect(throws: CatalogueError.noManifest("nowhere/set.yaml", suggestion: nil)) {
      try Catalogue.manifest("nowhere/set.yaml")
    }
  }
}
