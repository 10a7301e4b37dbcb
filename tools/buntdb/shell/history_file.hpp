#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

/// The lines that were typed, kept in the user's state folder: $XDG_STATE_HOME/buntdb/history, or
/// ~/.local/state/buntdb/history, mode 0600. Lines may name keys that are secrets, and set has
/// values: lines with set are not kept, nor those that begin with a space. A history that cannot
/// be read or written is none: it is worth no error.
class history_file {
 public:
  static constexpr std::size_t max_lines = 1000;

  /// Where it is; empty if there is no such folder, as without HOME.
  static std::filesystem::path usual_path();

  /// With the empty path, keeps nothing.
  explicit history_file(std::filesystem::path path);

  /// The latest lines, the oldest first. Cuts a file that has grown.
  std::vector<std::string> load();
  /// Adds it at the end, so that several shells can do so.
  void add(std::string_view line);

 private:
  std::filesystem::path path_;
};
