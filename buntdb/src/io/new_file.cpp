#include "io/new_file.hpp"

#include <system_error>

#include <buntdb/error.hpp>

namespace buntdb::io {

std::unique_ptr<file> create_new(file_system& files,
                                 const std::function<std::string(unsigned attempt)>& name_of,
                                 unsigned max_attempts) {
  for (unsigned attempt = 0;; ++attempt) {
    try {
      return files.open(name_of(attempt), open_mode::create_private);
    } catch (const error& failure) {
      if (failure.code() != std::errc::file_exists || attempt + 1 >= max_attempts) throw;
    }
  }
}

void remove_quietly(file_system& files, const std::string& path) noexcept {
  try {
    files.remove(path);
  } catch (...) {  // the first failure is the one to report
  }
}

}  // namespace buntdb::io
