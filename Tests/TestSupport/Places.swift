internal import Files
internal import FoundationEssentials

/// The root of the repository that these tests were built from.
public let repositoryRoot = parentDirectory(of: parentDirectory(of: parentDirectory(of: #filePath)))

/// `Tests/Golden`: small reference files, each with the Python script that makes it.
public let goldenDirectory = repositoryRoot + "/Tests/Golden"

/// The developer data that is not part of the repository: `MMTRAIN_SHARED`, or `shared` next to the repository; nil
/// where there is none, and the tests that need it are skipped.
public let sharedDirectory: String? =
  [ProcessInfo.processInfo.environment["MMTRAIN_SHARED"], parentDirectory(of: repositoryRoot) + "/shared"]
  .compactMap { $0 }.first(where: isDirectory)

/// A Python with the packages that some tests compare with: `MMTRAIN_PYTHON`; nil where none is named.
public let python: String? = ProcessInfo.processInfo.environment["MMTRAIN_PYTHON"].flatMap { fileExists($0) ? $0 : nil }
