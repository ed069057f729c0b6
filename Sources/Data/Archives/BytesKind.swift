/// What the first bytes of a file look like, for the sentence that says that it is not what was wanted.
public struct BytesKind: Equatable, Sendable {
  /// "a PDF file"
  public let words: String
  /// What to do about it.
  public let advice: String

  init(_ words: String, _ advice: String = "fetch it again or name another file") {
    (self.words, self.advice) = (words, advice)
  }

  /// The same behind gzip, of which only the beginning has been seen.
  var gzipped: BytesKind {
    BytesKind(words.replacing(" cut short", with: "") + ", gzipped", "unpack it with gunzip and name what comes out")
  }
}

/// What to do about an archive that is not read here, but by other programs.
let unpackingAdvice = "unpack it and name the folder instead (with prepare: --images)"

func kindOfBytes(_ bytes: UnsafeRawBufferPointer) -> BytesKind {
  if bytes.isEmpty { return BytesKind("an empty file") }
  for (signature, kind) in signatures where bytes.starts(with: signature) { return kind }
  if bytes.allSatisfy({ $0 == 0 }) {
    return BytesKind("nothing but zeros, as an empty tar is, or a file that never came", "fetch or pack it again")
  }
  let head = bytes.prefix(512).map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
  let text = head.drop { $0 == 0x20 || ($0 >= 0x09 && $0 <= 0x0D) }
  if text.starts(with: Array("<!doctype html".utf8)) || text.starts(with: Array("<html".utf8)) {
    return BytesKind("a web page (often an error page saved under the archive's name)")
  }
  if text.first == 0x7B || text.first == 0x5B { return BytesKind("JSON") }
  return BytesKind("something else")
}

private let signatures: [([UInt8], BytesKind)] =
  [
    (Array("PK".utf8), "a zip file cut short", "fetch it again; of a zip in several parts, join them first (zip -s 0)"),
    (Array("PAR1".utf8), "a parquet table", tableAdvice), (Array("ARROW1".utf8), "an Arrow table", tableAdvice),
    (Array("SQLite format 3".utf8), "an SQLite database", tableAdvice),
    ([0x89, 0x48, 0x44, 0x46], "an HDF5 file", tableAdvice),
    ([0xFF, 0xD8, 0xFF], "a JPEG picture", photoAdvice), ([0x89, 0x50, 0x4E, 0x47], "a PNG picture", photoAdvice),
    (Array("RIFF".utf8), "a WebP picture, or another RIFF file", photoAdvice),
  ].map { (Array($0), BytesKind($1, $2)) }
  + [
    ([0x1F, 0x8B], "a gzip file"), ([0x1F, 0x9D], "a compress (.Z) file"), ([0x42, 0x5A, 0x68], "a bzip2 file"),
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "an xz file"), ([0x28, 0xB5, 0x2F, 0xFD], "a Zstandard file"),
    ([0x04, 0x22, 0x4D, 0x18], "an LZ4 file"), (Array("LZIP".utf8), "an lzip file"),
    ([0x37, 0x7A, 0xBC, 0xAF], "a 7-Zip file"), (Array("Rar!".utf8), "a RAR file"), (Array("MSCF".utf8), "a CAB file"),
    (Array("070701".utf8), "a cpio archive"), (Array("!<arch>".utf8), "an ar archive"),
  ].map { (Array($0), BytesKind($1, unpackingAdvice)) }
  + [
    (Array("%PDF".utf8), BytesKind("a PDF file")), ([0x80, 0x02], BytesKind("a Python pickle")),
  ]

private let tableAdvice =
  "tables are not read; img2dataset writes tars instead (--output_format webdataset), and Python's datasets can save the "
  + "photos as files beside a metadata.csv"
private let photoAdvice = "name the folder that it lies in (with prepare: --images)"
