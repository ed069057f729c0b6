restartWithoutBLASCore()
ignoreBrokenPipes()
runCommand()
