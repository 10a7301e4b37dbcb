#pragma once

namespace buntdb::attacks::stores {

/// Whether this process was started to be the service of serve_bunt().
bool is_bunt_service(int count, char** words);

/// A process that has one buntdb file open, and serves its store at a Unix socket until it is
/// killed: so that the process can be killed and stopped while the load's process has the model.
/// The words are those of bunt_service_command(). Returns an exit status.
int serve_bunt(char** words);

}  // namespace buntdb::attacks::stores
