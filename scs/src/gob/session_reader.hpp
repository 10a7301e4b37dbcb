#pragma once

#include <cstddef>
#include <forward_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gob/types.hpp"

namespace scs::gob {

/// The fields of a session's struct: two that SCS defines, and ours, which Go ignores and does not
/// write back.
constexpr std::string_view deadline_field = "Deadline";
constexpr std::string_view values_field = "Values";
constexpr std::string_view moved_to_field = "MovedTo";
constexpr std::string_view renewed_from_field = "RenewedFrom";

/// A value of the session. It is small because hostile payloads have many.
struct entry {
  std::string_view key{};  // as JSON shows it, in UTF-8
  std::size_t json_begin = 0;
  std::size_t json_size = 0;
};

/// An interface value without the definitions that were inside of it.
struct entry_copy {
  std::size_t json_begin = 0;  // identifies its entry
  std::string bytes{};
  std::vector<type_id> used_types{};
};

/// The contents of a payload. The views point into its text or into `kept`.
struct session_contents {
  type_table types{};
  std::string_view deadline{};  // in the format of Go's time.Time; empty for the zero time
  std::string_view moved_to{};
  std::string_view renewed_from{};
  /// In ascending order of keys, each key once.
  std::vector<entry> entries{};
  /// The JSON of all entries' values.
  std::string_view json{};
  /// The keys in Go of entries whose keys are shown differently because they are not UTF-8.
  std::map<std::string_view, std::string_view> raw_keys{};
  /// Copies of all entries, in ascending order of json_begin, if they were requested.
  std::vector<entry_copy> copies{};
  std::forward_list<std::string> kept{};

  std::string_view json_of(const entry& of) const noexcept {
    return json.substr(of.json_begin, of.json_size);
  }
};

enum class entry_copies { none, made };

/// Throws scs::error (payload_undecodable).
session_contents read_session(std::string_view text, entry_copies copies);

}  // namespace scs::gob
