#include "engine/spatial_scan.hpp"

#include <utility>

namespace buntdb::engine {

spatial_scan::spatial_scan(kind what, const version& version, write_state* writing, time_point now,
                           shared_definition index, const rect& area)
    : kind_(what),
      version_(&version),
      writing_(writing),
      now_(now),
      index_(std::move(index)),
      area_(area),
      serial_(writing == nullptr ? 0 : writing->serial()) {}

/// A root is null if there is no tree; all are null if the index has been dropped.
spatial_scan::roots spatial_scan::roots_now() const noexcept {
  roots all{};
  if (version_->indexes == nullptr) return all;
  const index_catalog::placed* placed = version_->indexes->catalog->find(index_->info.name);
  if (placed == nullptr || placed->definition != index_) return all;
  const auto those = version_->indexes->roots_of(*placed);
  for (std::size_t i = 0; i < all.size(); ++i)
    all[i] = static_cast<const spatial::rtree_node*>(those[i]);
  return all;
}

bool spatial_scan::ended() const noexcept {
  return writing_ != nullptr &&
         (!writing_->active() || writing_->serial() != serial_ || writing_->doomed());
}

void spatial_scan::start() {
  here_ = nullptr;
  if (ended()) return;
  if (writing_ != nullptr) writing_->freeze();
  if (kind_ == kind::intersects) {
    cursor_.emplace<spatial::intersects_cursor>(roots_now(), area_);
  } else {
    cursor_.emplace<spatial::nearby_cursor>(roots_now(), area_);
  }
  advance();
}

void spatial_scan::advance() {
  here_ = nullptr;
  if (ended()) return;
  do {
    here_ = next();
  } while (here_ != nullptr && here_->expired(now_));
}

const item* spatial_scan::next() {
  if (auto* area = std::get_if<spatial::intersects_cursor>(&cursor_); area != nullptr) {
    return static_cast<const item*>(area->next());
  }
  const auto found = std::get<spatial::nearby_cursor>(cursor_).next();
  if (!found) return nullptr;
  distance_ = found->distance;
  return static_cast<const item*>(found->entry);
}

}  // namespace buntdb::engine
