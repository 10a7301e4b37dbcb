#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>

#include <buntdb/bounds.hpp>
#include <buntdb/clock.hpp>
#include <buntdb/entry.hpp>
#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

class glob;

namespace engine BUNTSTORE_PRIVATE {
struct index_definition;
struct item;
struct node;
struct version;
class write_state;
}  // namespace engine

/// Items in the order of their keys or of an index, without expired ones. A range is an input
/// range: it is iterated once, but each begin() starts again. It must not outlive the snapshot or
/// transaction that it came from. It can be moved before begin() is called. It is used by one
/// thread at a time.
///
/// In a transaction, you can set and erase items while you iterate. The range then continues after
/// the last position that it returned (in an index: after the last value and key) in the changed
/// state. An item that was moved ahead is returned again. If the index is dropped, the range ends.
///
/// begin() and ++ throw what user-supplied orderings throw.
class range : public std::ranges::view_base {
 public:
  /// An input iterator. Its entry is valid as long as the views of reader::get(). It must not
  /// outlive the range.
  class iterator {
   public:
    /// It is an input iterator.
    using iterator_concept = std::input_iterator_tag;
    /// What it returns.
    using value_type = entry;
    /// Required of iterators.
    using difference_type = std::ptrdiff_t;

    /// An iterator of no range, which can only be assigned to.
    iterator() = default;
    /// Returns the present item.
    entry operator*() const noexcept { return range_->here(); }
    /// Moves to the next item. Throws what begin() throws.
    iterator& operator++() {
      range_->advance();
      return *this;
    }
    /// Moves to the next item. Throws what begin() throws.
    void operator++(int) { range_->advance(); }
    /// Returns whether there are no more items.
    friend bool operator==(const iterator& it, std::default_sentinel_t) noexcept {
      return it.at_end();
    }

   private:
    friend range;
    explicit iterator(range& range) noexcept : range_(&range) {}
    bool at_end() const noexcept { return range_->here_ == nullptr; }

    range* range_ = nullptr;
  };

  /// Reads the first item. Cannot be called on a temporary, which would be destroyed while its
  /// iterator is in use.
  iterator begin() & {
    start();
    return iterator(*this);
  }
  /// Returns the end of every range.
  static std::default_sentinel_t end() noexcept { return {}; }

 private:
  friend class reader;

  /// A position among the keys, or among the sort keys of an index.
  struct place {
    std::string key;       // an item's key; empty for a bound of an index
    std::string sort_key;  // in an index
    std::string value;     // in an index with a user-supplied ordering
  };

  enum class limit_kind { none, inclusive, exclusive };
  struct limit {
    limit_kind kind = limit_kind::none;
    place at;
  };
  enum class side { lower, upper };

  // Storage for an engine::cursor, which is not a public type.
  struct alignas(8) cursor_room {
    std::array<std::byte, 208> bytes;
  };

  enum class direction { ascending, descending };

  range(const engine::version& version, const engine::write_state* writing, time_point now,
        direction towards, std::shared_ptr<const engine::index_definition> index,
        const bounds& limits);

  void tighten(side which, const std::optional<bound>& wanted, limit_kind kind);
  void tighten(side which, limit_kind kind, place at, bool is_beginning);
  void tighten_to_prefix(const std::optional<first_parts>& prefix);
  int compare(const place& a, const place& b) const;
  const engine::node* root() const noexcept;
  entry here() const noexcept;
  void start();
  bool ended() const noexcept;
  void advance();
  void step() noexcept;
  void seek_limit(const limit& from);
  void seek_beyond_last();
  void settle();
  const engine::item* item_here() const noexcept;
  bool beyond_end() const;
  std::uint64_t count();
  bool is_contradiction() const;
  void remember(const engine::item& item);

  const engine::version* version_;
  const engine::write_state* writing_;  // null in a snapshot
  time_point now_;
  std::shared_ptr<const engine::index_definition> index_;  // null: the keys
  std::shared_ptr<const glob> pattern_;                    // null: all keys
  limit lower_;
  limit upper_;
  bool ascending_;
  std::uint64_t serial_;  // the transaction's id
  const engine::item* here_ = nullptr;
  std::uint64_t changes_seen_ = 0;
  place last_;  // in a transaction: where to continue if the tree has changed
  cursor_room cursor_{};
};

namespace detail {
template <>
struct is_view<range::iterator> : std::true_type {};
}  // namespace detail

}  // namespace buntdb
