/// A character set in which older programs write the names of an archive's files.
public enum NameEncoding: String, CaseIterable, Sendable {
  case shiftJIS = "shift-jis"
  case eucJP = "euc-jp"
  case gbk
  case big5
  case eucKR = "euc-kr"
  case latin1 = "latin-1"
  case latin2 = "latin-2"
  case cyrillic = "windows-1251"
  case cyrillicDOS = "cp866"
  case western = "cp850"
  case cp437

  /// The name as text; nil where it is none in this character set.
  func text(_ name: [UInt8]) -> String? {
    characterSet.map { converted(name, from: $0) } ?? codePage437(name)
  }

  /// What iconv calls it: where Windows has a wider set under the same name, that one. Nil for the one that needs no iconv.
  private var characterSet: String? {
    switch self {
    case .shiftJIS: "CP932"
    case .eucJP: "EUC-JP"
    case .gbk: "GB18030"
    case .big5: "CP950"
    case .eucKR: "CP949"
    case .latin1: "CP1252"
    case .latin2: "CP1250"
    case .cyrillic: "CP1251"
    case .cyrillicDOS: "CP866"
    case .western: "CP850"
    case .cp437: nil
    }
  }
}

/// The name by the character set of the first PCs, which zip means where it does not say UTF-8 (APPNOTE.TXT 6.3.9, appendix
/// D). Every byte means something in it, so that there is always a name.
func codePage437(_ name: [UInt8]) -> String {
  String(String.UnicodeScalarView(name.map { $0 < 0x80 ? Unicode.Scalar($0) : upperHalf[Int($0) - 0x80] }))
}

/// The same as a guess. A backslash behind a byte of the upper half is taken for the second half of a letter in Shift-JIS,
/// GBK or Big5, where it stands for itself, and not for a separator, which would tear the file's name in two.
func guessedByCodePage437(_ name: [UInt8]) -> String {
  var text = String.UnicodeScalarView()
  var last: UInt8 = 0
  for (byte, scalar) in zip(name, codePage437(name).unicodeScalars) {
    text.append(last >= 0x80 && scalar == "\\" ? "\u{FF3C}" : scalar)
    last = byte
  }
  return String(text)
}

private let upperHalf = Array(
  ("ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐"
    + "└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{A0}").unicodeScalars)
