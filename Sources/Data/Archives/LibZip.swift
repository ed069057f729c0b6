internal import CZip
internal import Glibc

/// The one place where libzip is called, which writes archives; every return code ends here, as a `LibZipError`. (Reading is
/// mmtrain's own, so that what has passed the gates is what is expanded: `ZipReader`.)
///
/// An archive lives in memory, in a growing buffer. Not for several threads at once.
final class LibZip {
  private let archive: OpaquePointer
  private var closed = false
  /// The buffer that is written to.
  private let sink: OpaquePointer

  /// Begins an empty archive in memory.
  init() throws {
    var error = zip_error_t()
    zip_error_init(&error)
    defer { zip_error_fini(&error) }
    guard let source = zip_source_buffer_create(nil, 0, 0, &error) else {
      throw LibZipError(call: "zip_source_buffer_create", &error)
    }
    zip_source_keep(source)
    guard let archive = zip_open_from_source(source, ZIP_TRUNCATE, &error) else {
      zip_source_free(source)
      zip_source_free(source)
      throw LibZipError(call: "zip_open_from_source", &error)
    }
    (self.archive, sink) = (archive, source)
  }

  deinit {
    if !closed { zip_discard(archive) }
    zip_source_free(sink)
  }

  private func failure(_ call: String) -> LibZipError { LibZipError(call: call, zip_get_error(archive)) }

  /// Adds a regular file with mode 644, dated 1 January 1980, so that the same content gives the same archive.
  func add(name: String, _ bytes: [UInt8], store: Bool) throws {
    guard let copy = malloc(max(1, bytes.count)) else {
      throw LibZipError(call: "malloc", reason: "no memory for \(bytes.count) bytes")
    }
    bytes.withUnsafeBytes { if let base = $0.baseAddress { memcpy(copy, base, $0.count) } }
    guard let source = zip_source_buffer(archive, copy, UInt64(bytes.count), 1) else {
      free(copy)
      throw failure("zip_source_buffer")
    }
    let index = zip_file_add(archive, name, source, UInt32(ZIP_FL_ENC_UTF_8))
    guard index >= 0 else {
      zip_source_free(source)
      throw failure("zip_file_add")
    }
    let entry = UInt64(index)
    let method = store ? ZIP_CM_STORE : ZIP_CM_DEFLATE
    guard zip_set_file_compression(archive, entry, method, 0) == 0 else { throw failure("zip_set_file_compression") }
    guard zip_file_set_dostime(archive, entry, 0, 0x21, 0) == 0 else { throw failure("zip_file_set_dostime") }
    let attributes = UInt32(0o100644) << 16
    guard zip_file_set_external_attributes(archive, entry, 0, UInt8(ZIP_OPSYS_UNIX), attributes) == 0 else {
      throw failure("zip_file_set_external_attributes")
    }
  }

  /// Packs all that was added and gives the archive's bytes.
  func finish() throws -> [UInt8] {
    guard zip_close(archive) == 0 else { throw failure("zip_close") }
    closed = true
    var status = zip_stat_t()
    guard zip_source_stat(sink, &status) == 0, zip_source_open(sink) == 0 else {
      throw LibZipError(call: "zip_source_open", zip_source_error(sink))
    }
    defer { zip_source_close(sink) }
    let size = Int(status.size)
    return try [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
      while filled < size, let base = buffer.baseAddress {
        let count = zip_source_read(sink, base + filled, UInt64(size - filled))
        guard count > 0 else { throw LibZipError(call: "zip_source_read", zip_source_error(sink)) }
        filled += Int(count)
      }
    }
  }
}

/// A libzip call that failed, and libzip's reason in words.
struct LibZipError: Error {
  let call: String
  let reason: String

  init(call: String, reason: String) {
    self.call = call
    self.reason = reason
  }

  init(call: String, _ error: UnsafeMutablePointer<zip_error_t>?) {
    self.init(call: call, reason: error.map { String(cString: zip_error_strerror($0)) } ?? "unknown")
  }
}
