#pragma once

#include <cstdint>

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

  void set(std::string_view key, std::string_view value) override;
  void set_expiring(std::string_view key, std::string_view value,
                    std::int64_t unix_seconds) override;
  void erase(std::string_view key) override;
  void clear() override;

 private:
  void insert(std::string_view key, std::string_view value, std::int64_t expires);

  memory& memory_;
  version& version_;
  tree_editor editor_;
};

}  // namespace buntdb::engine
