#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "index/definition.hpp"
#include "log/command.hpp"
#include "memory/pool.hpp"
#include "storage/bulk_loader.hpp"
#include "version/version.hpp"

namespace buntdb::engine {

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
  /// When all has been read: completes the version, with the indexes whose definitions the file
  /// keeps.
  void finish();
  /// What is wrong with definitions that were left out, for a person.
  const std::vector<std::string>& problems() const noexcept { return problems_; }

 private:
  void take_kept(std::string_view reserved_key);
  void restore_indexes();

  pool& memory_;
  version& version_;
  bulk_loader keys_;
  std::map<std::string, shared_definition> kept_;
  std::vector<std::string> problems_;
};

}  // namespace buntdb::engine
