#include <memory>
#include <type_traits>
#include <utility>

#include <buntdb/error.hpp>
#include <buntdb/reader.hpp>

#include "engine/spatial_scan.hpp"
#include "engine/write_state.hpp"
#include "index/roots.hpp"
#include "text/glob.hpp"
#include "tree/tree.hpp"
#include "version/key_order.hpp"
#include "version/version.hpp"

namespace buntdb {

reader::reader(reader&& other) noexcept
    : version_(std::exchange(other.version_, nullptr)),
      writing_(std::exchange(other.writing_, nullptr)),
      now_(other.now_) {}

reader& reader::operator=(reader&& other) noexcept {
  version_ = std::exchange(other.version_, nullptr);
  writing_ = std::exchange(other.writing_, nullptr);
  now_ = other.now_;
  return *this;
}

const engine::version& reader::version() const {
  if (version_ == nullptr) {
    throw error(errc::transaction_ended, "the transaction has been committed or rolled back");
  }
  if (writing_ != nullptr && writing_->doomed()) {  // its tree may be in an inconsistent state
    throw error(errc::transaction_ended,
                "an exception inside an earlier change left the transaction unusable");
  }
  return *version_;
}

const engine::item* reader::live_item(std::string_view key) const {
  const engine::item* item = engine::find<engine::key_order>(version().keys, key);
  return item == nullptr || item->expired(now_) ? nullptr : item;
}

const engine::item* reader::item_of(std::string_view key, expired_items expired) const {
  return expired == expired_items::excluded ? live_item(key)
                                            : engine::find<engine::key_order>(version().keys, key);
}

std::optional<std::string_view> reader::get(std::string_view key, expired_items expired) const& {
  const engine::item* item = item_of(key, expired);
  if (item == nullptr) return std::nullopt;
  return item->value();
}

std::optional<found_item> reader::find(std::string_view key, expired_items expired) const& {
  const engine::item* item = item_of(key, expired);
  if (item == nullptr) return std::nullopt;
  return found_item{item->value(), time_point(std::chrono::nanoseconds(item->expires)),
                    item->revision()};
}

std::optional<std::string> reader::get(std::string_view key, expired_items expired) const&& {
  const engine::item* item = item_of(key, expired);
  if (item == nullptr) return std::nullopt;
  return std::string(item->value());
}

std::optional<copied_item> reader::find(std::string_view key, expired_items expired) const&& {
  // *this is an lvalue here: selects find() const&
  const std::optional<found_item> found = find(key, expired);
  if (!found) return std::nullopt;
  return copied_item{std::string(found->value), found->expires_at, found->revision};
}

bool reader::contains(std::string_view key) const {
  return live_item(key) != nullptr;
}

std::optional<std::chrono::nanoseconds> reader::ttl(std::string_view key) const {
  const engine::item* item = live_item(key);
  if (item == nullptr) return std::nullopt;
  if (item->expires == engine::item::no_expiry) return forever;
  return std::chrono::nanoseconds(item->expires) - now_.time_since_epoch();
}

std::uint64_t reader::size() const {
  return version().size;
}

range reader::ascend(const bounds& bounds) const& {
  return {version(), writing_, now_, range::direction::ascending, nullptr, bounds};
}

range reader::descend(const bounds& bounds) const& {
  return {version(), writing_, now_, range::direction::descending, nullptr, bounds};
}

range reader::ascend(std::string_view index, const bounds& bounds) const& {
  if (index.empty()) return ascend(bounds);
  return {version(),
          writing_,
          now_,
          range::direction::ascending,
          find_index(index, index_kind::ordered),
          bounds};
}

range reader::descend(std::string_view index, const bounds& bounds) const& {
  if (index.empty()) return descend(bounds);
  return {version(),
          writing_,
          now_,
          range::direction::descending,
          find_index(index, index_kind::ordered),
          bounds};
}

std::uint64_t reader::count(const bounds& bounds) const {
  const reader& self = *this;
  return self.ascend(bounds).count();
}

std::uint64_t reader::count(std::string_view index, const bounds& bounds) const {
  const reader& self = *this;
  return self.ascend(index, bounds).count();
}

range reader::equal(std::string_view index, const bound& what) const& {
  return ascend(index, {.at_least = what, .at_most = what});
}

std::optional<entry> reader::first_equal(std::string_view index, const bound& what) const& {
  range found = equal(index, what);
  const auto first = found.begin();
  if (first == range::end()) return std::nullopt;
  return *first;
}

std::optional<copied_entry> reader::first_equal(std::string_view index, const bound& what) const&& {
  const std::optional<entry> found = first_equal(index, what);  // *this is an lvalue here
  if (!found) return std::nullopt;
  return copied_entry{std::string(found->key), std::string(found->value)};
}

range reader::ascend_matching(std::string_view pattern) const& {
  return matching(pattern, range::direction::ascending);
}

range reader::descend_matching(std::string_view pattern) const& {
  return matching(pattern, range::direction::descending);
}

range reader::matching(std::string_view pattern, range::direction towards) const {
  auto compiled = std::make_shared<const glob>(pattern);
  const std::string_view beginning = compiled->literal_prefix();
  bounds limits;
  if (compiled->is_literal()) {
    limits = {.at_least = beginning, .at_most = beginning};
  } else if (!beginning.empty()) {
    limits.prefix = beginning;
  }
  range found(version(), writing_, now_, towards, nullptr, limits);
  found.pattern_ = std::move(compiled);
  return found;
}

std::shared_ptr<const engine::index_definition> reader::find_index(std::string_view name,
                                                                   index_kind kind) const {
  const engine::index_roots* table = version().indexes;
  const engine::index_catalog::placed* found =
      table == nullptr ? nullptr : table->catalog->find(name);
  if (found == nullptr) {
    throw error(errc::index_not_found, "there is no index '" + std::string(name) + "'");
  }
  if (found->definition->spatial() != (kind == index_kind::spatial)) {
    throw error(errc::wrong_index_kind,
                "index '" + std::string(name) +
                    (kind == index_kind::spatial
                         ? "' is not spatial: it has an order, for ascend() and descend()"
                         : "' is spatial: it has no order, but intersects() and nearby()"));
  }
  return found->definition;
}

template <class Range>
Range reader::around(std::string_view index, const rect& area) const {
  using scan = engine::spatial_scan;
  constexpr auto kind =
      std::is_same_v<Range, nearby_range> ? scan::kind::nearby : scan::kind::intersects;
  return Range(std::make_unique<scan>(kind, version(), writing_, now_,
                                      find_index(index, index_kind::spatial), area));
}

rect reader::area_of(std::string_view index, std::string_view text) const {
  std::optional<rect> area = find_index(index, index_kind::spatial)->info.extract_rect(text);
  if (!area) {
    throw error(errc::invalid_argument,
                "'" + std::string(text) + "' is no rectangle to index '" + std::string(index) +
                    "': it takes [x y], [min x min y],[max x max y], WKT or GeoJSON, if it was not "
                    "given a function of its own");
  }
  return *area;
}

intersects_range reader::intersects(std::string_view index, const rect& area) const& {
  return around<intersects_range>(index, area);
}

intersects_range reader::intersects(std::string_view index, std::string_view area) const& {
  return around<intersects_range>(index, area_of(index, area));
}

nearby_range reader::nearby(std::string_view index, const rect& center) const& {
  return around<nearby_range>(index, center);
}

nearby_range reader::nearby(std::string_view index, std::string_view center) const& {
  return around<nearby_range>(index, area_of(index, center));
}

std::vector<std::string> reader::indexes() const {
  std::vector<std::string> names;
  const engine::index_roots* table = version().indexes;
  if (table == nullptr) return names;
  for (const engine::index_catalog::placed& index : table->catalog->all())
    names.push_back(index.definition->info.name);
  return names;
}

std::optional<index_info> reader::index(std::string_view name) const {
  const engine::index_roots* table = version().indexes;
  const engine::index_catalog::placed* found =
      table == nullptr ? nullptr : table->catalog->find(name);
  if (found == nullptr) return std::nullopt;
  return found->definition->info;
}

}  // namespace buntdb
