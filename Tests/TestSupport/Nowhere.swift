/// A path where nothing is on any machine: below /proc nobody can make anything, root neither.
public let nowhere = "/proc/nowhere"
