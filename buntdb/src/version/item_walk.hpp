#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "memory/prefetch.hpp"
#include "tree/node.hpp"
#include "tree/search.hpp"
#include "version/item.hpp"

namespace buntdb::engine {

/// Iterates over all items of a keys tree in order, for a caller that reads each item whole, as a
/// dump of the database does. Items that are adjacent in the tree may be anywhere in memory. So
/// each item is prefetched some items ahead: first the two cache lines that contain its size, and,
/// when these have arrived, the others.
///
/// The tree must not change meanwhile; the tree of a pinned version does not.
template <class Function>
class item_walk {
 public:
  explicit item_walk(Function function) : function_(std::move(function)) {}

  /// Calls function(const item&) for each item below `root`, which may be null. Throws what the
  /// function throws; it must not be called again then.
  void for_each_below(const node* root) {
    if (root != nullptr) descend(*root);
    while (emitted_ != enqueued_)
      emit();
  }

 private:
  static constexpr std::size_t ahead = 16;      ///< items ahead, for the first cache lines
  static constexpr std::size_t rest_ahead = 8;  ///< items ahead, for the other cache lines
  /// Bytes; after them the processor detects a stream.
  static constexpr std::size_t max_rest = 1024;
  static_assert(rest_ahead < ahead);

  void descend(const node& at) {
    for (unsigned i = 0; i < at.count; ++i) {
      if (at.level == 0) {
        enqueue(*static_cast<const item*>(at.entries()[i]));
        continue;
      }
      if (at.level == 1 && i + 1U < at.count) prefetch_leaf(at.children()[i + 1]);
      descend(*at.children()[i]);
    }
  }

  void enqueue(const item& item) {
    const char* const bytes = reinterpret_cast<const char*>(&item);
    prefetch(bytes, 2 * cache_line);
    waiting_[enqueued_++ % ahead] = &item;
    if (enqueued_ - emitted_ > rest_ahead)
      fetch_rest(*waiting_[(enqueued_ - 1 - rest_ahead) % ahead]);
    if (enqueued_ - emitted_ == ahead) emit();
  }

  static void fetch_rest(const item& item) noexcept {
    const char* const bytes = reinterpret_cast<const char*>(&item);
    const std::size_t size = sizeof item + item.size();
    const std::size_t end = std::min(size, max_rest);
    if (end > 2 * cache_line) prefetch(bytes + 2 * cache_line, end - 2 * cache_line);
    prefetch(bytes + end - 1);  // an item need not begin at a cache line
  }

  void emit() { function_(*waiting_[emitted_++ % ahead]); }

  Function function_;
  std::array<const item*, ahead> waiting_{};  ///< enqueued_ - emitted_ items, by number
  std::size_t enqueued_ = 0;
  std::size_t emitted_ = 0;
};

}  // namespace buntdb::engine
