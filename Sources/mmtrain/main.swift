ignoreBrokenPipes()
runCommand()
