internal import Files

/// Formats of weights that are not safetensors, by the names and first bytes of their files.
public enum WeightFormat: String, Sendable {
  case gguf = "GGUF (llama.cpp)"
  case onnx = "an ONNX program"
  case hdf5 = "HDF5 (TensorFlow, Keras)"
  case flax = "msgpack (Flax)"
  case numpy = "NumPy's"
  case tflite = "TensorFlow Lite's"

  init?(_ path: String) {
    let name = lastComponent(of: path).lowercased()
    switch name.split(separator: ".").last {
    case "gguf", "ggml": self = .gguf
    case "onnx", "onnx_data": self = .onnx
    case "h5", "hdf5", "keras": self = .hdf5
    case "msgpack": self = .flax
    case "npz", "npy": self = .numpy
    case "tflite": self = .tflite
    default: return nil
    }
  }

  init?(_ bytes: UnsafeRawBufferPointer) {
    if bytes.starts(with: "GGUF".utf8) {
      self = .gguf
    } else if bytes.starts(with: [0x89] + Array("HDF\r\n".utf8)) {
      self = .hdf5
    } else if bytes.starts(with: [0x93] + Array("NUMPY".utf8)) {
      self = .numpy
    } else {
      return nil
    }
  }
}
