#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "log/command.hpp"

namespace buntdb::testing {

/// Keeps the content of a log in a map, as the database would.
class map_sink final : public log::command_sink {
 public:
  struct item {
    std::string value;
    std::optional<std::int64_t> ends;  ///< Unix seconds
    friend bool operator==(const item&, const item&) = default;
  };
  using map = std::map<std::string, item, std::less<>>;

  void set(std::string_view key, std::string_view value) override {
    items_.insert_or_assign(std::string(key), item{std::string(value), std::nullopt});
  }
  void set_expiring(std::string_view key, std::string_view value,
                    std::int64_t unix_seconds) override {
    items_.insert_or_assign(std::string(key), item{std::string(value), unix_seconds});
  }
  void erase(std::string_view key) override { items_.erase(std::string(key)); }
  void clear() override { items_.clear(); }

  const map& items() const noexcept { return items_; }

 private:
  map items_;
};

}  // namespace buntdb::testing
