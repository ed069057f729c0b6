internal import Glibc

/// Whether this run may bind its ranks to cores. mpirun counts cores from the first one on, for every run anew: a second one
/// that did the same would sit on the first one's cores while others are idle. The kernel gives the claim back, however its
/// process ends; who cannot ask does not bind.
package final class CoreClaim {
  private var descriptor: Int32 = -1
  private let path: String

  init(path: String = "/tmp/mmtrain-cores") { self.path = path }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// - Returns: false where another run of this machine holds it.
  func take() -> Bool {
    // A file of somebody else's in a directory that all write to must not be opened for creation.
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    if descriptor < 0 { descriptor = open(path, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644) }
    return descriptor >= 0 && flock(descriptor, LOCK_EX | LOCK_NB) == 0
  }
}
