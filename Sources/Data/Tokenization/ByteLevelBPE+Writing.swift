extension ByteLevelBPE {
  /// The source if there is one; else the same layout, from which `tokenizers` (0.10 and later) makes the same ids.
  public func huggingFaceJSON() -> [UInt8] {
    if let sourceJSON { return sourceJSON }
    var json = JSONWriter()
    json.raw(#"{"version":"1.0","truncation":null,"padding":"#)
    writePadding(&json)
    json.raw(#","added_tokens":["#)
    json.list(added.sorted { $0.id < $1.id }) { json, token in
      json.raw(#"{"id":\#(token.id),"content":"#)
      json.string(token.content)
      json.raw(
        #","single_word":false,"lstrip":false,"rstrip":false,"normalized":\#(token.isNormalized),"special":true}"#)
    }
    writeRules(&json)
    writeModel(&json)
    json.raw("}")
    return json.bytes
  }

  /// Names a pad token that is not the end token; padding to no length at all adds nothing to any text.
  private func writePadding(_ json: inout JSONWriter) {
    guard padToken != endToken else {
      json.raw("null")
      return
    }
    json.raw(#"{"strategy":{"Fixed":0},"direction":"Right","pad_to_multiple_of":null,"pad_id":\#(padToken),"#)
    json.raw(#""pad_type_id":0,"pad_token":"#)
    json.string(tokens[Int(padToken)])
    json.raw("}")
  }

  private func writeRules(_ json: inout JSONWriter) {
    json.raw(#"],"normalizer":{"type":"Sequence","normalizers":[{"type":"NFC"},"#)
    json.raw(#"{"type":"Replace","pattern":{"Regex":"\\s+"},"content":" "},{"type":"Lowercase"}]},"#)
    json.raw(#""pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"#)
    json.string(CaptionText.wordPattern)
    json.raw(#"},"behavior":"Removed","invert":true},"#)
    json.raw(#"{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}]},"#)
    json.raw(#""post_processor":{"type":"RobertaProcessing","sep":["#)
    json.string(tokens[Int(endToken)])
    json.raw(",\(endToken)],\"cls\":[")
    json.string(tokens[Int(startToken)])
    json.raw(#",\#(startToken)],"trim_offsets":false,"add_prefix_space":false},"#)
    json.raw(#""decoder":{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true},"#)
  }

  private func writeModel(_ json: inout JSONWriter) {
    json.raw(#""model":{"type":"BPE","dropout":null,"unk_token":"#)
    if let unknownToken { json.string(tokens[Int(unknownToken)]) } else { json.raw("null") }
    json.raw(#","continuing_subword_prefix":"","end_of_word_suffix":"</w>","fuse_unk":false,"byte_fallback":false,"#)
    json.raw(#""vocab":{"#)
    json.list(tokens.enumerated()) { json, entry in
      json.string(entry.element)
      json.raw(":\(entry.offset)")
    }
    json.raw(#"},"merges":["#)
    json.list(merges) { json, merge in
      json.string(tokens[Int(merge.left)] + [0x20] + tokens[Int(merge.right)])
    }
    json.raw("]}")
  }
}
