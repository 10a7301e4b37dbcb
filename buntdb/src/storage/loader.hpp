#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "index/definition.hpp"
#include "log/command.hpp"
#include "memory/pool.hpp"
#include "storage/bulk_loader.hpp"
#include "version/version.hpp"

namespace buntdb::engine {

class index_builder;

/// Builds the first version from the content of the file, before any other thread can see it.
class loader final : public log::command_sink {
 public:
  /// Fills `version`, which must be empty.
  loader(pool& memory, version& version) noexcept
      : memory_(memory), version_(version), keys_(memory, version) {}

  /// Converts the whole seconds in the file to an item's expiry.
  static std::int64_t expiry_of(std::int64_t unix_seconds) noexcept;

  void set(std::string_view key, std::string_view value) override;
  void set_expiring(std::string_view key, std::string_view value,
                    std::int64_t unix_seconds) override;
  void erase(std::string_view key) override;
  void clear() override;

  /// Discards everything that has been read.
  void forget() noexcept;
  /// Does most of the work of finish() early. More may be read after it.
  void settle() { keys_.finish(); }
  /// Completes the version after everything has been read, including the indexes whose definitions
  /// are in the file. Items that have expired by `now` do not count for unique indexes.
  void finish(time_point now);
  /// Returns what is wrong with index definitions that were not restored, as text for a person.
  const std::vector<std::string>& problems() const noexcept { return problems_; }

 private:
  /// The last record about an index.
  struct last_record {
    kept_record says;
    std::string record;  ///< the reserved key
  };

  void take_kept(std::string_view reserved_key);
  void restore_indexes(time_point now);
  std::unique_ptr<index_builder> collect_unique(const shared_definition& definition,
                                                time_point now);

  pool& memory_;
  version& version_;
  bulk_loader keys_;
  std::map<std::string, last_record> kept_;  // by name; malformed ones by the reserved key
  std::vector<std::string> problems_;
};

}  // namespace buntdb::engine
