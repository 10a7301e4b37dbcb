#pragma once

#include <string>

namespace buntdb::attacks {

/// Runs under strace: a scripted run on a real file, in one thread, that prints which commits were
/// acknowledged ("ack N" lines) and how many were begun ("try N"). After a failure it continues as
/// an application would. Returns the exit status: 0, or 1 if a second attempt failed, too, or if
/// the database does not show what it acknowledged.
int scripted_process(const std::string& path, const std::string& policy);

/// The history that it commits.
inline constexpr unsigned long scripted_history = 4711;

}  // namespace buntdb::attacks
