internal import Files
internal import Foundation
internal import Tasks

/// Captions by the images they are of.
public struct CaptionTable: Sendable {
  /// In the order of the file.
  private(set) var images: [String] = []
  private(set) var captions: [String: [String]] = [:]
  /// What the file says where images lie, as COCO's do.
  private(set) var fileNames: [String: String] = [:]
  /// The images of files, by the files' names as the file has them and without folder and ending.
  private var imageOfFile: [String: String] = [:]

  /// - Throws: `CaptionFileError` and `FileError`.
  public init(at path: String) throws {
    let bytes = try readFile(path)
    let found: Found
    do {
      found = try JSONDecoder().decode(Found.self, from: Data(bytes))
    } catch {
      throw CaptionFileError.unread(path: path)
    }
    fileNames = found.fileNames
    for one in found.captions {
      if captions[one.image, default: []].isEmpty { images.append(one.image) }
      captions[one.image, default: []].append(one.caption)
    }
    guard !images.isEmpty else { throw CaptionFileError.nothing(path: path) }
    for image in fileNames.keys.sorted() {
      guard let file = fileNames[image] else { continue }
      imageOfFile[file] = image
      imageOfFile[fileStem(file)] = image
    }
  }

  /// What is said of a photo that is a file, or a sample of prepared data: of the image whose file it is, or that is called so, with or without
  /// folder and ending.
  public func captions(ofPhoto name: String) -> [String] {
    let names = [name, name.split(separator: "/").last.map(String.init) ?? name, fileStem(name)]
    return names.lazy.compactMap { captions[imageOfFile[$0] ?? $0] }.first ?? []
  }

  /// Any of the forms that there are.
  private struct Found: Decodable {
    var captions: [(image: String, caption: String)] = []
    var fileNames: [String: String] = [:]

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if let list = try? value.decode([Row].self) {
        captions = list.map { ($0.image.name, $0.caption) }
      } else if let file = try? value.decode(Annotations.self) {
        captions = file.annotations.map { ($0.image.name, $0.caption) }
        for image in file.images ?? [] { fileNames[image.id.name] = image.fileName }
      } else if let several = try? value.decode([String: [String]].self) {
        for image in several.keys.sorted() { captions += (several[image] ?? []).map { (image, $0) } }
      } else {
        let one = try value.decode([String: String].self)
        captions = one.keys.sorted().map { ($0, one[$0] ?? "") }
      }
    }
  }

  private struct Annotations: Decodable {
    let annotations: [Row]
    let images: [Image]?
  }

  private struct Image: Decodable {
    let id: ImageIdentifier
    let fileName: String?

    private enum CodingKeys: String, CodingKey {
      case id
      case fileName = "file_name"
    }
  }

  private struct Row: Decodable {
    let image: ImageIdentifier
    let caption: String

    private enum CodingKeys: String, CodingKey {
      case caption
      case image = "image_id"
    }
  }
}

/// A number or a text; `1` and `"1"` are the same image.
struct ImageIdentifier: Decodable {
  let name: String

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if let number = try? value.decode(Int.self) {
      name = String(number)
    } else {
      name = try value.decode(String.self)
    }
  }
}
