#include <utility>

#include <buntdb/error.hpp>
#include <buntdb/reader.hpp>

#include "engine/key_order.hpp"
#include "engine/tree.hpp"
#include "engine/version.hpp"
#include "engine/write_state.hpp"

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
  if (writing_ != nullptr && writing_->doomed()) {  // its tree may be half changed
    throw error(errc::transaction_ended,
                "an exception inside an earlier change left the transaction unusable");
  }
  return *version_;
}

const engine::item* reader::live_item(std::string_view key) const {
  const engine::item* item = engine::find<engine::key_order>(version().keys, key);
  return item == nullptr || item->expired(now_) ? nullptr : item;
}

std::optional<std::string_view> reader::get(std::string_view key) const& {
  const engine::item* item = live_item(key);
  if (item == nullptr) return std::nullopt;
  return item->value();
}

std::optional<found_item> reader::find(std::string_view key) const& {
  const engine::item* item = live_item(key);
  if (item == nullptr) return std::nullopt;
  return found_item{item->value(), time_point(std::chrono::nanoseconds(item->expires)),
                    item->revision()};
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
  return {version(), writing_, now_, bounds, range::direction::ascending};
}

range reader::descend(const bounds& bounds) const& {
  return {version(), writing_, now_, bounds, range::direction::descending};
}

}  // namespace buntdb
