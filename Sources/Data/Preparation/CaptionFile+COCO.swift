internal import Archives
internal import FoundationEssentials

/// A JSON document with a list of images: Karpathy's, or COCO's where there is a list of annotations too. Or one whose keys
/// are the photos.
enum ImageDocument: Decodable {
  case karpathy([LenientItem<KarpathyImage>])
  case coco(images: [LenientItem<COCOImage>], annotations: [LenientItem<COCOAnnotation>])
  /// Captions by the names of their photos.
  case named([String: [String]])
  /// One photo.
  case record(CaptionRecord)

  private enum CodingKeys: String, CodingKey { case images, annotations }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    if container.contains(.annotations) {
      self = .coco(
        images: try container.decode([LenientItem<COCOImage>].self, forKey: .images),
        annotations: try container.decode([LenientItem<COCOAnnotation>].self, forKey: .annotations))
    } else if let captions = try? Self.byName(decoder) {
      self = .named(captions)
    } else if let record = try? CaptionRecord(from: decoder), !record.name.isEmpty, record.captions != nil {
      self = .record(record)
    } else {
      self = .karpathy(try container.decode([LenientItem<KarpathyImage>].self, forKey: .images))
    }
  }

  /// Nil where the keys are no pictures; null is a photo without captions.
  private static func byName(_ decoder: any Decoder) throws -> [String: [String]]? {
    let container = try decoder.container(keyedBy: AnyKey.self)
    let pictures = container.allKeys.count { isPictureName($0.stringValue) }
    guard pictures > 0, pictures * 2 >= container.allKeys.count else { return nil }
    return try Dictionary(
      container.allKeys.map { ($0.stringValue, try captionTexts(container, $0)) }, uniquingKeysWith: +)
  }
}

/// An item of a list that is decoded by itself: a damaged one costs itself, not the list.
struct LenientItem<Item: Decodable>: Decodable {
  let result: Result<Item, TextFault>

  init(from decoder: any Decoder) {
    do {
      result = .success(try Item(from: decoder))
    } catch {
      result = .failure(TextFault(jsonReason(error, below: decoder.codingPath.count)))
    }
  }
}

struct COCOImage: Decodable {
  let id: JSONIdentifier
  let name: String

  private enum CodingKeys: String, CodingKey {
    case id
    case name = "file_name"
  }
}

struct COCOAnnotation: Decodable {
  let id: JSONIdentifier?
  let image: JSONIdentifier
  let caption: String

  private enum CodingKeys: String, CodingKey {
    case id, caption
    case image = "image_id"
  }
}

extension CaptionFile {
  /// COCO's captions: `images[].{id, file_name}` and `annotations[].{id, image_id, caption}`, as in
  /// `captions_train2014.json`. A photo's captions keep the order of the file.
  ///
  /// - Throws: `PreparationError.unreadableJSON` where no annotation is a caption: COCO keeps boxes in the same form.
  static func coco(
    images: [LenientItem<COCOImage>], annotations: [LenientItem<COCOAnnotation>], path: String
  ) throws -> CaptionFile {
    guard annotations.isEmpty || annotations.contains(where: \.isSound) else {
      throw PreparationError.unreadableJSON(path: path, reason: "none of its annotations is a caption")
    }
    var file = CaptionFile(path: path, layout: .coco)
    var names: [JSONIdentifier: String] = [:]
    names.reserveCapacity(images.count)
    for (index, image) in images.enumerated() { file.take(image, index, &names) }
    var seen = Set<JSONIdentifier>(minimumCapacity: annotations.count)
    for (index, annotation) in annotations.enumerated() {
      let place = RowPlace.item(list: "annotations", index: index)
      switch annotation.result {
      case .failure(let fault): file.reject(.damagedRow, at: place, fault.reason)
      case .success(let annotation):
        if let id = annotation.id, !seen.insert(id).inserted {
          file.reject(.repeatedNumber, at: place, "the annotation \(id.text) comes a second time")
        } else if let name = names[annotation.image] {
          file.add(annotation.caption, to: name, at: place)
        } else {
          file.reject(.unknownImage, at: place, "its image \(annotation.image.text) is not in the list of images")
        }
      }
    }
    return file
  }

  /// The first image of an id counts; a second one is a fault unless it says the same.
  private mutating func take(_ image: LenientItem<COCOImage>, _ index: Int, _ names: inout [JSONIdentifier: String]) {
    let place = RowPlace.item(list: "images", index: index)
    switch image.result {
    case .failure(let fault): reject(.damagedRow, at: place, fault.reason)
    case .success(let image) where trimmed(image.name).isEmpty: reject(.damagedRow, at: place, "its file name is empty")
    case .success(let image):
      if let other = names[image.id] {
        if other != image.name {
          reject(.damagedRow, at: place, "its id \(image.id.text) is that of \(other)", subject: image.name)
        }
        return
      }
      names[image.id] = image.name
      mention(image.name)
    }
  }
}

extension LenientItem {
  var isSound: Bool { if case .success = result { true } else { false } }
}
