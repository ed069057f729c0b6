internal import Launching

ignoreBrokenPipes()
ignoreFileSizeLimits()
requireAddressSpace()
runCommand()
