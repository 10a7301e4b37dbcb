#include <array>

#include <buntdb/event.hpp>

namespace buntdb {

std::string_view name_of(event_kind kind) noexcept {
  static constexpr std::array<std::string_view, event_kind_count> names{
      "recovered",         "ignored_torn_end", "sync_failed",  "compaction_failed",
      "background_failed", "close_failed",     "foreign_file", "index_not_restored",
      "callback_failed",   "calls_dropped",    "file_exposed", "cannot_compact",
      "file_lost"};
  const auto index = static_cast<std::size_t>(kind);
  return index < names.size() ? names.at(index) : "unknown";
}

}  // namespace buntdb
