#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <buntdb/entry.hpp>
#include <buntdb/index.hpp>
#include <buntdb/rect.hpp>

namespace buntdb::attacks::stress {

// What the threads put into the database. The keys of the parts have these prefixes:
inline constexpr std::string_view accounts_prefix = "account:";  ///< JSON; their sum is constant
inline constexpr std::string_view owned_prefix = "owned:";       ///< each is written by one thread
inline constexpr std::string_view places_prefix = "place:";      ///< points
inline constexpr std::string_view brief_prefix = "brief:";       ///< numbers that live briefly
inline constexpr std::string_view count_prefix = "commits:";     ///< the commits of a thread so far

inline constexpr unsigned accounts = 150;
inline constexpr std::int64_t initial_balance = 1000;

std::string account_key(unsigned number);
/// The padding makes values of many sizes.
std::string account_value(std::int64_t balance, std::size_t padding);
std::int64_t balance_in(std::string_view value);

inline constexpr unsigned first_owner = 2;  // the number of the first thread that owns items
inline constexpr unsigned owners = 2;
inline constexpr unsigned owned_items = 150;  // for each owner
std::string owned_key(unsigned thread, unsigned number);
/// Returns a value that identifies itself, so that it can be verified.
std::string owned_value(std::string_view key, std::uint64_t revision);
/// Throws model::mismatch unless owned_value() has made the value.
void require_owned(std::string_view key, std::string_view value);

std::string place_key(unsigned number);
std::string place_value(unsigned x, unsigned y);

inline constexpr unsigned brief_items = 2000;
std::string brief_key(unsigned number);

/// An index that threads create and drop.
struct index_plan {
  std::string_view name;
  std::string_view prefix;  ///< of the keys in it
  std::variant<index_options, spatial_index_options> options;
  /// If ordered: its order, implemented independently of the engine.
  std::function<bool(const entry& a, const entry& b)> less = {};
  /// If spatial: where a value is.
  std::function<rect(std::string_view value)> area = {};

  bool persistent() const;

  /// Creates the index, in a database or a transaction.
  template <class Target>
  void create(Target& target, existing_index if_exists) const {
    auto wanted = options;
    if (auto* ordered = std::get_if<index_options>(&wanted)) {
      ordered->if_exists = if_exists;
      target.create_index(name, *ordered);
    } else {
      auto& spatial = std::get<spatial_index_options>(wanted);
      spatial.if_exists = if_exists;
      target.create_spatial_index(name, spatial);
    }
  }
};

const std::vector<index_plan>& index_plans();

/// Returns the plan of this name. Throws model::mismatch if there is none.
const index_plan& plan_of(std::string_view name);

}  // namespace buntdb::attacks::stress
