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

/// Goes over all items of a keys tree in order, for who reads each of them whole, which is what an
/// image of the database does. Neighbors in the tree lie anywhere in memory, so what is read of an
/// item is asked for some items ahead: first the two cache lines that say how long it is, and when
/// these have come, the others.
///
/// The tree must not change meanwhile: that of a version that is held does not.
template <class Function>
class item_walk {
 public:
  explicit item_walk(Function function) : function_(std::move(function)) {}

  /// Calls function(const item&) for each item below root, which may be null. Throws what function
  /// throws, and must not be called again then.
  void for_each_below(const node* root) {
    if (root != nullptr) descend(*root);
    while (emitted_ != enqueued_)
      emit();
  }

 private:
  static constexpr std::size_t ahead = 16;       ///< items, the first lines
  static constexpr std::size_t rest_ahead = 8;   ///< items, the other lines
  static constexpr std::size_t max_rest = 1024;  ///< bytes; behind them the processor sees a stream
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
    prefetch(bytes + end - 1);  // an item need not begin where a line does
  }

  void emit() { function_(*waiting_[emitted_++ % ahead]); }

  Function function_;
  std::array<const item*, ahead> waiting_{};  ///< of enqueued_ - emitted_ items, by number
  std::size_t enqueued_ = 0;
  std::size_t emitted_ = 0;
};

}  // namespace buntdb::engine
