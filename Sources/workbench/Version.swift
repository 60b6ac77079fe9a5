/// The client's version, as `workbench --version` prints it.
let clientVersion = "0.1.0"
