#pragma once

#include <cstddef>
#include <forward_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gob/types.hpp"

namespace scs::gob {

/// What the struct of a session consists of: SCS's own two fields, and ours, which Go passes over
/// and does not write back.
constexpr std::string_view deadline_field = "Deadline";
constexpr std::string_view values_field = "Values";
constexpr std::string_view moved_to_field = "MovedTo";
constexpr std::string_view renewed_from_field = "RenewedFrom";

/// A value of the session. Hostile payloads have many: it is small.
struct entry {
  std::string_view key{};  // as it is shown, in UTF-8
  std::size_t json_begin = 0;
  std::size_t json_size = 0;
};

/// An interface value without the definitions that stood inside of it.
struct entry_copy {
  std::size_t json_begin = 0;  // which entry it is of
  std::string bytes{};
  std::vector<type_id> used_types{};
};

/// What a payload says. The views point into its text or into `kept`.
struct session_contents {
  type_table types{};
  std::string_view deadline{};  // as Go's time.Time writes it; empty for the zero time
  std::string_view moved_to{};
  std::string_view renewed_from{};
  /// By ascending keys, each once.
  std::vector<entry> entries{};
  /// The values of all entries.
  std::string_view json{};
  /// Of keys that are shown otherwise, because they are not UTF-8: what Go has.
  std::map<std::string_view, std::string_view> raw_keys{};
  /// Of all entries, in ascending order of json_begin, if they were asked for.
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
