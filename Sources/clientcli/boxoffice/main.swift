// The executable is a name for the library beside it, which tests can call.

import BoxOfficeCommandLine
import Foundation

exit(await BoxOfficeTool.run(Array(CommandLine.arguments.dropFirst())))
