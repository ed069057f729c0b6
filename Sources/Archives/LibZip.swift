internal import CZip
internal import Glibc

/// The one place where libzip is called; every return code ends here, as a `LibZipError`.
///
/// An archive lives in memory (a mapped file for reading, a growing buffer for writing), so that what was checked is
/// what is read. Not for several threads at once.
final class LibZip {
  private let archive: OpaquePointer
  private var closed = false
  /// The buffer that is written to; nil when reading.
  private let sink: OpaquePointer?

  /// Opens an archive with libzip's own consistency checks. The bytes must outlive the object.
  init(reading bytes: UnsafeRawBufferPointer) throws {
    sink = nil
    archive = try LibZip.open(bytes, flags: ZIP_RDONLY | ZIP_CHECKCONS, keep: false).archive
  }

  /// Begins an empty archive in memory.
  init() throws {
    (archive, sink) = try LibZip.open(UnsafeRawBufferPointer(start: nil, count: 0), flags: ZIP_TRUNCATE, keep: true)
  }

  deinit {
    if !closed { zip_discard(archive) }
    if let sink { zip_source_free(sink) }
  }

  private static func open(
    _ bytes: UnsafeRawBufferPointer, flags: Int32, keep: Bool
  ) throws -> (archive: OpaquePointer, sink: OpaquePointer?) {
    var error = zip_error_t()
    zip_error_init(&error)
    defer { zip_error_fini(&error) }
    guard let source = zip_source_buffer_create(bytes.baseAddress, UInt64(bytes.count), 0, &error) else {
      throw LibZipError(call: "zip_source_buffer_create", &error)
    }
    if keep { zip_source_keep(source) }
    guard let archive = zip_open_from_source(source, flags, &error) else {
      zip_source_free(source)
      if keep { zip_source_free(source) }
      throw LibZipError(call: "zip_open_from_source", &error)
    }
    return (archive, keep ? source : nil)
  }

  private func failure(_ call: String) -> LibZipError { LibZipError(call: call, zip_get_error(archive)) }
}

/// Reading.
extension LibZip {
  var count: Int { Int(zip_get_num_entries(archive, 0)) }

  /// The name as UTF-8, decoded from code page 437 where it is not UTF-8 already.
  func name(at index: Int) throws -> String {
    guard let name = zip_get_name(archive, UInt64(index), 0) else { throw failure("zip_get_name") }
    return String(cString: name)
  }

  /// Expanded size, packed size, checksum and method, as libzip sees them.
  func sizes(at index: Int) throws -> (size: Int, packedSize: Int, checksum: Int, method: Int) {
    var status = zip_stat_t()
    zip_stat_init(&status)
    guard zip_stat_index(archive, UInt64(index), 0, &status) == 0 else { throw failure("zip_stat_index") }
    return (
      Int(clamping: status.size), Int(clamping: status.comp_size), Int(status.crc), Int(status.comp_method)
    )
  }

  /// Expands an entry that must have exactly `size` bytes; the checksum is checked at its end.
  func read(at index: Int, size: Int) throws -> [UInt8] {
    guard let file = zip_fopen_index(archive, UInt64(index), 0) else { throw failure("zip_fopen_index") }
    defer { zip_fclose(file) }
    return try [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
      while true {
        var surplus: UInt8 = 0
        let room = size - filled
        let count =
          room > 0
          ? zip_fread(file, buffer.baseAddress.map { $0 + filled }, UInt64(room)) : zip_fread(file, &surplus, 1)
        guard count >= 0 else { throw LibZipError(call: "zip_fread", zip_file_get_error(file)) }
        if count == 0 { break }
        guard room > 0 else { throw LibZipError(call: "zip_fread", reason: "more bytes than its header says") }
        filled += Int(count)
      }
      guard filled == size else { throw LibZipError(call: "zip_fread", reason: "fewer bytes than its header says") }
    }
  }
}

/// Writing.
extension LibZip {
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
    guard let sink else { throw LibZipError(call: "zip_close", reason: "the archive is open for reading") }
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
