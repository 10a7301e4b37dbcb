#include "engine/loader.hpp"

#include "engine/item_commands.hpp"
#include "engine/key_order.hpp"

namespace buntdb::engine {

void loader::insert(std::string_view key, std::string_view value, std::int64_t expires) {
  item* item = item::create(memory_, version_.number, key, value, expires);
  version_.created.push_back(item);
  engine::item* previous = editor_.insert<key_order>(version_.keys, *item);
  version_.live_bytes += command_size(*item);
  if (previous == nullptr) {
    ++version_.size;
  } else {
    version_.live_bytes -= command_size(*previous);
    item_list::unlink(previous);
    item::destroy(memory_, previous);
  }
}

void loader::set(std::string_view key, std::string_view value) {
  insert(key, value, item::no_expiry);
}

void loader::set_expiring(std::string_view key, std::string_view value, std::int64_t unix_seconds) {
  constexpr std::int64_t last_second = item::no_expiry / nanoseconds_per_second;
  const std::int64_t expires = unix_seconds >= last_second ? last_second * nanoseconds_per_second
                               : unix_seconds < 0          ? -1
                                                           : unix_seconds * nanoseconds_per_second;
  // One that has expired is loaded too: the sweep then removes it from the file as well, or a clock
  // that goes back before the next open would revive it.
  insert(key, value, expires);
}

void loader::erase(std::string_view key) {
  item* removed = editor_.erase<key_order>(version_.keys, key);
  if (removed == nullptr) return;
  version_.live_bytes -= command_size(*removed);
  item_list::unlink(removed);
  item::destroy(memory_, removed);
  --version_.size;
}

void loader::clear() {
  editor_.discard(version_.keys);
  version_.keys = nullptr;
  version_.size = 0;
  version_.live_bytes = 0;
  while (!version_.created.empty())
    item::destroy(memory_, version_.created.pop_front());
}

}  // namespace buntdb::engine
