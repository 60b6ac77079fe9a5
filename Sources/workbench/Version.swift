/// The version that `workbench --version` prints.
let clientVersion = "0.1.0"
