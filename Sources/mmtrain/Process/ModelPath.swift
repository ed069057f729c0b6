/// Where a model lies that the command line names.
func modelPath(_ name: String) throws -> String { name }
