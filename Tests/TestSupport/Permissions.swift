internal import Glibc

/// What stands before a program that permissions shall bind, whoever runs the tests: root gives up what lets it pass over them.
public let boundByPermissions: [String] =
  geteuid() == 0 ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] : []
