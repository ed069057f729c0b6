ignoreBrokenPipes()
ignoreFileSizeLimits()
requireAddressSpace()
runCommand()
