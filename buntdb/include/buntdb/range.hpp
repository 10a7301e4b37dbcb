#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>

#include <buntdb/clock.hpp>
#include <buntdb/entry.hpp>
#include <buntdb/options.hpp>

namespace buntdb {

namespace engine {
struct item;
struct version;
class write_state;
}  // namespace engine

/// Items in order of their keys, expired ones left out: an input range, to be gone through once
/// (each begin() starts again). It lives no longer than the snapshot or transaction it came from,
/// may be moved before begin(), and is used by one thread.
///
/// In a transaction, items may be set and erased on the way: the range then goes on behind the last
/// key it gave, in the state as it is then.
class range : public std::ranges::view_base {
 public:
  class iterator {
   public:
    using iterator_concept = std::input_iterator_tag;
    using value_type = entry;
    using difference_type = std::ptrdiff_t;

    iterator() = default;
    entry operator*() const noexcept { return range_->here(); }
    iterator& operator++() {
      range_->advance();
      return *this;
    }
    void operator++(int) { range_->advance(); }
    friend bool operator==(const iterator& it, std::default_sentinel_t) noexcept {
      return it.at_end();
    }

   private:
    friend range;
    explicit iterator(range& range) noexcept : range_(&range) {}
    bool at_end() const noexcept { return range_->here_ == nullptr; }

    range* range_ = nullptr;
  };

  iterator begin() {
    start();
    return iterator(*this);
  }
  static std::default_sentinel_t end() noexcept { return {}; }

 private:
  friend class reader;

  struct bound {
    enum class kind { none, inclusive, exclusive };
    bound::kind what = kind::none;
    std::string key;
  };

  // Room for engine::cursor, which is not for users' eyes.
  struct alignas(8) cursor_room {
    std::array<std::byte, 208> bytes;
  };

  enum class direction { ascending, descending };

  range(const engine::version& version, const engine::write_state* writing, time_point now,
        const bounds& limits, direction towards);

  static void tighten(bound& bound, const std::optional<std::string_view>& key, bound::kind kind,
                      int inwards);
  entry here() const noexcept;
  void start();
  bool ended() const noexcept;
  void advance();
  void step() noexcept;
  void seek(std::string_view key, bool beyond);
  void settle();
  bool beyond_end(const engine::item& item) const noexcept;

  const engine::version* version_;
  const engine::write_state* writing_;  // null in a snapshot
  time_point now_;
  bound lower_;
  bound upper_;
  bool ascending_;
  std::uint64_t serial_;  // of the transaction
  const engine::item* here_ = nullptr;
  std::uint64_t changes_seen_ = 0;
  std::string last_key_;  // in a transaction: where to go on if the tree has changed
  cursor_room cursor_{};
};

}  // namespace buntdb
