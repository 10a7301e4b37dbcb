#pragma once

#include <string>

namespace buntdb::attacks {

/// What runs under strace: a scripted run on a real file, in one thread, that says on its standard
/// output which commits were acknowledged ("ack N" lines) and how many were begun ("try N"). It
/// goes on after what fails as an application would. Gives the exit status: 0, or 1 if a second
/// attempt failed, too, or the database does not show what it acknowledged.
int scripted_process(const std::string& path, const std::string& policy);

/// The history that it commits.
inline constexpr unsigned long scripted_history = 4711;

}  // namespace buntdb::attacks
