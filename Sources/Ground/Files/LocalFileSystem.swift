internal import CLinux

/// Whether only this machine can reach the file system of an open file, so that the kernel's locks bind everybody who can.
/// False of any kind that is not known to be local: FUSE may stand before anything.
func isOnLocalFileSystem(_ descriptor: Int32) -> Bool {
  var description = statfs()
  guard fstatfs(descriptor, &description) == 0 else { return false }
  return isLocal(fileSystem: UInt32(truncatingIfNeeded: description.f_type))
}

/// By the number that statfs(2) gives: ext2 to ext4, XFS, Btrfs, F2FS, bcachefs, ZFS, tmpfs, ramfs, overlayfs.
package func isLocal(fileSystem: UInt32) -> Bool {
  [
    0xEF53, 0x5846_5342, 0x9123_683E, 0xF2F5_2010, 0xCA45_1A4E, 0x2FC1_2FC1, 0x0102_1994, 0x8584_58F6, 0x794C_7630,
  ].contains(fileSystem)
}
