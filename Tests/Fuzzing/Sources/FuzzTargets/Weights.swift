internal import Checkpoints

/// Opens a safetensors file and reads every tensor.
func readSafetensors(_ bytes: UnsafeRawBufferPointer) throws {
  try withFile(bytes) { path in
    let file = try SafetensorsFile(path: path)
    var end = 0
    for entry in file.entries {
      try require(entry.range.lowerBound == end, "tensors tile the buffer")
      end = entry.range.upperBound
      try file.withBytes(entry.name) { try require($0.count == entry.range.count, "a tensor has its bytes") }
      let sum = try file.withBytes(entry.name) { $0.reduce(0) { $0 &+ Int($1) } }
      try require(sum >= 0, "bytes are counted")
    }
    try require(end <= bytes.count, "tensors lie within the file")
    _ = try file.notFiniteTensors()
    _ = file.metadata.map(\.value.utf8.count)
  }
}

/// Opens a checkpoint whose DONE is the input.
func readMarker(_ bytes: UnsafeRawBufferPointer) throws {
  try withDirectory { directory in
    try write(bytes, to: directory + "/DONE")
    try write(Array("{}".utf8), to: directory + "/config.json")
    let checkpoint = try Checkpoint(path: directory)
    for member in checkpoint.members {
      try require(!member.name.contains("..") && !member.name.hasPrefix("/"), "a member lies within its checkpoint")
    }
  }
}
