#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

/// The lines that were typed, kept in the user's state folder: $XDG_STATE_HOME/buntdb/history, or
/// ~/.local/state/buntdb/history, mode 0600. Lines may contain secret keys, and lines with set
/// contain values: lines with set are not kept, and neither are those that begin with a space. If
/// the history cannot be read or written, it is ignored without an error.
class history_file {
 public:
  static constexpr std::size_t max_lines = 1000;

  /// Returns the usual path. Empty if there is no such folder, for example without HOME.
  static std::filesystem::path usual_path();

  /// With an empty path, nothing is kept.
  explicit history_file(std::filesystem::path path);

  /// Returns the latest lines, the oldest first. Cuts a file that has become large.
  std::vector<std::string> load();
  /// Appends the line, so that several shells can do so.
  void add(std::string_view line);

 private:
  std::filesystem::path path_;
};
