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

/// An item and how far away it is.
struct neighbor {
  std::string_view key;
  std::string_view value;
  double distance;  ///< see reader::nearby()
};

/// Items of a spatial index, expired ones left out: an input range, to be gone through once (each
/// begin() starts again). It lives no longer than the snapshot or transaction it came from, may be
/// moved before begin(), and is used by one thread.
///
/// In a transaction it gives what was there at begin(), whatever is set and erased on the way; its
/// views then live until the transaction ends.
template <class Entry>
class spatial_range : public std::ranges::view_base {
 public:
  class iterator {
   public:
    using iterator_concept = std::input_iterator_tag;
    using value_type = Entry;
    using difference_type = std::ptrdiff_t;

    iterator() = default;
    Entry operator*() const noexcept { return range_->here(); }
    iterator& operator++() {
      range_->advance();
      return *this;
    }
    void operator++(int) { range_->advance(); }
    friend bool operator==(const iterator& it, std::default_sentinel_t) noexcept {
      return it.at_end();
    }

   private:
    friend spatial_range;
    explicit iterator(spatial_range& range) noexcept : range_(&range) {}
    bool at_end() const noexcept { return range_->at_end(); }

    spatial_range* range_ = nullptr;
  };

  spatial_range(spatial_range&&) noexcept;
  spatial_range& operator=(spatial_range&&) noexcept;
  ~spatial_range();

  /// Not for a temporary, which would be gone while its iterator lives.
  iterator begin() & {
    start();
    return iterator(*this);
  }
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

/// What reader::intersects() gives.
using intersects_range = spatial_range<entry>;
/// What reader::nearby() gives, the nearest first.
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
