#pragma once

#include <cstddef>
#include <iterator>
#include <memory>
#include <ranges>
#include <string_view>

#include <buntdb/entry.hpp>
#include <buntstore/visibility.hpp>

namespace buntdb BUNTSTORE_PUBLIC {

namespace engine BUNTSTORE_PRIVATE {
class spatial_scan;
}

/// An item and its distance.
struct neighbor {
  /// The key of the item.
  std::string_view key;
  /// The value of the item.
  std::string_view value;
  double distance;  ///< see reader::nearby()
};

/// Items of a spatial index, without expired ones. It is an input range: it is iterated once, but
/// each begin() starts again. It must not outlive the snapshot or transaction that it came from. It
/// can be moved before begin() is called. It is used by one thread at a time.
///
/// In a transaction, it returns the items as they were at begin(), even if you set or erase items
/// while you iterate. Its views are valid until the transaction ends.
template <class Entry>
class spatial_range : public std::ranges::view_base {
 public:
  /// An input iterator, which must not outlive the range.
  class iterator {
   public:
    /// It is an input iterator.
    using iterator_concept = std::input_iterator_tag;
    /// What it returns.
    using value_type = Entry;
    /// Required of iterators.
    using difference_type = std::ptrdiff_t;

    /// An iterator of no range, which can only be assigned to.
    iterator() = default;
    /// Returns the present item.
    Entry operator*() const noexcept { return range_->here(); }
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
    friend spatial_range;
    explicit iterator(spatial_range& range) noexcept : range_(&range) {}
    bool at_end() const noexcept { return range_->at_end(); }

    spatial_range* range_ = nullptr;
  };

  /// Takes over the other range.
  spatial_range(spatial_range&&) noexcept;
  /// Takes over the other range.
  spatial_range& operator=(spatial_range&&) noexcept;
  ~spatial_range();

  /// Finds the first item. For a nearby_range, throws std::bad_alloc if memory runs out. Cannot be
  /// called on a temporary, which would be destroyed while its iterator is in use.
  iterator begin() & {
    start();
    return iterator(*this);
  }
  /// Returns the end of every range.
  static std::default_sentinel_t end() noexcept { return {}; }

 private:
  friend class reader;
  friend iterator;

  explicit spatial_range(std::unique_ptr<engine::spatial_scan> scan) noexcept;

  void start();
  void advance();
  bool at_end() const noexcept;
  Entry here() const noexcept;

  std::unique_ptr<engine::spatial_scan> scan_;
};

template <>
entry spatial_range<entry>::here() const noexcept;
template <>
neighbor spatial_range<neighbor>::here() const noexcept;

extern template class spatial_range<entry>;
extern template class spatial_range<neighbor>;

/// The range that reader::intersects() returns.
using intersects_range = spatial_range<entry>;
/// The range that reader::nearby() returns, the nearest item first.
using nearby_range = spatial_range<neighbor>;

namespace detail {
template <>
struct is_view<neighbor> : std::true_type {};
template <>
struct is_view<intersects_range::iterator> : std::true_type {};
template <>
struct is_view<nearby_range::iterator> : std::true_type {};
}  // namespace detail

}  // namespace buntdb
