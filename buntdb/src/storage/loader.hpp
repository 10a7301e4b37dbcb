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

/// Builds the first version from what the file says, nobody looking on yet.
class loader final : public log::command_sink {
 public:
  /// Fills version, which is empty.
  loader(pool& memory, version& version) noexcept
      : memory_(memory), version_(version), keys_(memory, version) {}

  /// What the file's whole seconds are in an item.
  static std::int64_t expiry_of(std::int64_t unix_seconds) noexcept;

  void set(std::string_view key, std::string_view value) override;
  void set_expiring(std::string_view key, std::string_view value,
                    std::int64_t unix_seconds) override;
  void erase(std::string_view key) override;
  void clear() override;

  /// Forgets all that has been read, as if nothing had been.
  void forget() noexcept;
  /// When most has been read, and more may follow: does what finish() would do with it.
  void settle() { keys_.finish(); }
  /// When all has been read: completes the version, with the indexes whose definitions the file
  /// keeps. What has expired by now counts for no unique index.
  void finish(time_point now);
  /// What is wrong with definitions that were left out, for a person.
  const std::vector<std::string>& problems() const noexcept { return problems_; }

 private:
  /// The last word on an index.
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
