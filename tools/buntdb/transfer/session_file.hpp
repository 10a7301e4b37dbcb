#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <optional>
#include <string>
#include <string_view>

#include <scs/session_id.hpp>
#include <scs/store.hpp>

// The file format of `sessions export` and `sessions import`, which docs/tool.md describes.
//
// 1. Each line is a JSON object. Its last member is `check`: the XXH3 (64 bits, 16 hexadecimal
//    digits) of the previous line's check and of this line's bytes before `,"check"`. So a line
//    that was changed, removed, repeated or moved is detected at its number.
// 2. The first line contains the format, its version and a name that no other export has. The last
//    line contains the number of records. A file without it is incomplete.
// 3. The checksums detect damage, but not forgery.

/// A record without its revision, which has no meaning elsewhere.
struct carried_session {
  scs::session_id id;
  scs::record record;
};

class session_file_writer {
 public:
  /// Gets each line with its line end.
  using sink = std::function<void(std::string_view line)>;

  /// Writes the first line.
  explicit session_file_writer(sink out);

  void add(const scs::session_id& id, const scs::record& record);
  void finish();

 private:
  void write(std::string text);

  sink out_;
  std::string check_;
  std::uint64_t records_ = 0;
};

/// Every function throws buntdb::error: errc::corrupt, which names the line, for anything that
/// session_file_writer has not written; invalid_argument for another version of the format; the
/// system's code if the stream cannot be read.
class session_file_reader {
 public:
  /// Reads the first line. `name` is for messages; the stream must outlive the reader.
  session_file_reader(std::istream& in, std::string name);

  /// The name of the export.
  const std::string& export_name() const noexcept { return export_name_; }
  /// Returns an empty optional after the last record, when the file is known to be complete.
  std::optional<carried_session> next();
  std::uint64_t records() const noexcept { return records_; }

 private:
  std::string line();
  [[noreturn]] void fail(const std::string& what) const;

  std::istream& in_;
  const std::string name_;
  std::string export_name_;
  std::string check_;
  std::uint64_t line_number_ = 0;
  std::uint64_t records_ = 0;
};
