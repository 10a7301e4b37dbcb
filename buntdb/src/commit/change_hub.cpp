#include "commit/change_hub.hpp"

#include <chrono>

#include "tree/tree.hpp"
#include "version/item.hpp"
#include "version/key_order.hpp"

namespace buntdb::engine {

void change_hub::add(const std::shared_ptr<change_queue>& queue) {
  const mutex_lock lock(mutex_);
  if (ended_) return queue->end();
  std::erase_if(queues_, [](const auto& each) { return each->abandoned(); });
  queues_.push_back(queue);
  subscribers_ = queues_.size();
}

void change_hub::stage_changes(const version& next) noexcept {
  const mutex_lock lock(mutex_);
  std::erase_if(queues_, [](const auto& queue) { return queue->abandoned(); });
  subscribers_ = queues_.size();
  if (queues_.empty()) return;
  const time_point now = clock_.now();
  const auto tell = [&](change_kind kind, const item& of) BUNTDB_REQUIRES(mutex_) {
    for (const auto& queue : queues_) {
      if (!queue->watches(of.key())) continue;
      const bool is_set = kind == change_kind::set;
      queue->stage(kind, of.key(), is_set ? of.value() : std::string_view(),
                   is_set ? time_point(std::chrono::nanoseconds(of.expires)) : time_point::max(),
                   next.number);
    }
  };
  for (const item* gone : next.replaced) {
    if (find<key_order>(next.keys, gone->key()) != nullptr) continue;  // it was set again
    tell(gone->expired(now) ? change_kind::expired : change_kind::erased, *gone);
  }
  for (const list_link* at = next.created.begin(); at != next.created.end(); at = at->next)
    tell(change_kind::set, *static_cast<const item*>(at));
}

void change_hub::deliver_changes() noexcept {
  const mutex_lock lock(mutex_);
  for (const auto& queue : queues_) {
    if (queue->deliver() && !calls_.post([queue] { queue->call(); }, 1)) queue->take_back_call();
  }
}

void change_hub::end() {
  {
    const mutex_lock lock(mutex_);
    ended_ = true;
    for (const auto& queue : queues_)
      queue->end();
    queues_.clear();
    subscribers_ = 0;
  }
  calls_.stop();
}

}  // namespace buntdb::engine
