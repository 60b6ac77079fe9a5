import Plugins
print(CommandLine.arguments.count)
