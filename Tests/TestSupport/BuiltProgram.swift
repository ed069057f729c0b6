internal import Files
internal import FoundationEssentials

/// The program mmtrain that was built with these tests: `MMTRAIN_BINARY`, or `mmtrain` beside the test bundle.
public let builtProgram =
  ProcessInfo.processInfo.environment["MMTRAIN_BINARY"]
  ?? parentDirectory(of: linkTarget("/proc/self/exe") ?? CommandLine.arguments[0]) + "/mmtrain"
