#include <sys/vfs.h>  // fstatfs, which Swift's Glibc module leaves out

// Calls of Linux that unistd.h declares under _GNU_SOURCE only, which that module does without.

// Writes all that is pending on the descriptor's file system and waits for it (Linux 5.8 and newer report what failed).
int syncfs(int descriptor);
