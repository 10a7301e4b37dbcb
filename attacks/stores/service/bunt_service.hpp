#pragma once

namespace buntdb::attacks::stores {

/// Returns whether this process was started as the service of serve_bunt().
bool is_bunt_service(int count, char** words);

/// Opens one buntdb file in this process and serves its store on a Unix socket until the process is
/// killed. So this process can be killed and stopped while the process of the load has the model.
/// The words are those of bunt_service_command(). Returns an exit status.
int serve_bunt(char** words);

}  // namespace buntdb::attacks::stores
