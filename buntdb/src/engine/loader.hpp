#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/index_definition.hpp"
#include "engine/memory.hpp"
#include "engine/tree.hpp"
#include "engine/version.hpp"
#include "log/command.hpp"

namespace buntdb::engine {

/// Builds the first version from what the file says, nobody looking on yet.
class loader final : public log::command_sink {
 public:
  /// Fills version, which is empty.
  loader(memory& memory, version& version) noexcept
      : memory_(memory), version_(version), editor_(memory, version.number) {}

  /// What the file's whole seconds are in an item.
  static std::int64_t expiry_of(std::int64_t unix_seconds) noexcept;

  void set(std::string_view key, std::string_view value) override;
  void set_expiring(std::string_view key, std::string_view value,
                    std::int64_t unix_seconds) override;
  void erase(std::string_view key) override;
  void clear() override;

  /// When all has been read: makes the indexes whose definitions the file keeps.
  void restore_indexes();
  /// What is wrong with definitions that were left out, for a person.
  const std::vector<std::string>& problems() const noexcept { return problems_; }

 private:
  void insert(std::string_view key, std::string_view value, std::int64_t expires);

  void take_kept(std::string_view reserved_key);

  memory& memory_;
  version& version_;
  std::map<std::string, shared_definition> kept_;
  std::vector<std::string> problems_;
  tree_editor editor_;
};

}  // namespace buntdb::engine
