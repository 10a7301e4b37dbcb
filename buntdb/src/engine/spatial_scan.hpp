#pragma once

#include <array>
#include <cstdint>
#include <variant>

#include <buntdb/clock.hpp>
#include <buntdb/rect.hpp>

#include "engine/write_state.hpp"
#include "index/roots.hpp"
#include "spatial/rtree.hpp"
#include "version/item.hpp"
#include "version/version.hpp"

namespace buntdb::engine {

/// Iterates over the items of a spatial index in an area or around one.
class spatial_scan {
 public:
  enum class kind { intersects, nearby };

  /// `writing` is null in a snapshot.
  spatial_scan(kind what, const version& version, write_state* writing, time_point now,
               shared_definition index, const rect& area);

  /// Moves to the first item. In a transaction, the scan sees the items as they are now.
  void start();
  void advance();

  /// Null at the end.
  const item* here() const noexcept { return here_; }
  double distance() const noexcept { return distance_; }

 private:
  using roots = std::array<const spatial::rtree_node*, rect::max_dimensions>;
  roots roots_now() const noexcept;
  bool ended() const noexcept;
  const item* next();

  kind kind_;
  const version* version_;
  write_state* writing_;
  time_point now_;
  shared_definition index_;
  rect area_;
  std::uint64_t serial_;
  std::variant<std::monostate, spatial::intersects_cursor, spatial::nearby_cursor> cursor_;
  const item* here_ = nullptr;
  double distance_ = 0;
};

}  // namespace buntdb::engine
