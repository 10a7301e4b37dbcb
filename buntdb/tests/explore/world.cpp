#include "world.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "machine.hpp"
#include "tree/search.hpp"
#include "tree/tree.hpp"
#include "version/key_order.hpp"

namespace explore {

namespace {

namespace engine = buntdb::engine;

constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t first_number = 1;
constexpr std::array<std::string_view, 2> keys = {"a", "b"};

/// Returns the key whose item the version replaces.
constexpr unsigned changed_key(std::uint64_t version) noexcept {
  return static_cast<unsigned>(version % keys.size());
}

/// Returns the version that created the item that a version has for a key.
constexpr std::uint64_t birth(unsigned key, std::uint64_t version) noexcept {
  if (version > first_number && changed_key(version) != key) --version;
  return version;
}

}  // namespace

world::world(const scenario& what)
    : what_(what), reclaimer_(memory_), head_(make_first()), core_(head_) {
  if (what_.crowded) {
    crowd_ = core_.slots().claim(0);
    engine::reader_slots::narrow_to(*crowd_, never >> 1);
  }
  if (!what_.separate) return;
  for (unsigned i = 0; i < what_.versions; ++i)
    drafts_.push_back(make_next());
}

world::~world() = default;

engine::version* world::make_first() {
  engine::version* made = reclaimer_.make_version();
  made->number = first_number;
  add(made, "a version", first_number);
  for (const std::string_view key : keys)
    set(*made, key);
  add(made->keys, "a node", first_number);
  return made;
}

/// Makes a version that follows the newest one.
engine::version* world::make_next() {
  engine::version* made = reclaimer_.make_version();
  made->number = head_->number + 1;
  made->keys = head_->keys;
  set(*made, keys[changed_key(made->number)]);
  add(made, "a version", made->number);
  add(made->keys, "a node", made->number);
  retire(head_, made->number);
  retire(head_->keys, made->number);
  head_ = made;
  return made;
}

void world::set(engine::version& draft, std::string_view key) {
  engine::item* made =
      engine::item::create(memory_, draft.number, key, "value", engine::item::no_expiry);
  draft.created.push_back(made);
  add(made, "an item", draft.number);
  engine::tree_editor editor(memory_, draft.number);
  engine::item* replaced = editor.insert<engine::key_order>(draft.keys, *made);
  draft.retired.splice_back(editor.retired());
  if (replaced == nullptr) return;
  draft.replaced.push_back(replaced);
  retire(replaced, draft.number);
}

void world::add(const void* block, const char* what, std::uint64_t born) {
  objects_.push_back({.block = block, .what = what, .born = born, .retired = never});
  machine::current()->name_value(reinterpret_cast<std::uintptr_t>(block), what, born);
}

void world::retire(const void* block, std::uint64_t version) {
  std::ranges::find(objects_, block, &object::block)->retired = version;
}

void world::write() {
  for (unsigned i = 0; i < what_.versions; ++i) {
    core_.pipeline().submit(make_next());
    collect(what_.budget);
  }
}

void world::publish_all() {
  for (engine::version* draft : drafts_)
    core_.pipeline().submit(draft);
}

void world::reclaim_all() {
  for (unsigned i = 0; i < what_.versions; ++i)
    collect(what_.budget);
}

void world::collect(std::uint64_t budget) {
  engine::version_chain published = core_.pipeline().take_published();
  while (!published.empty())
    reclaimer_.retire(published.pop_front());
  reclaimer_.collect(core_.slots(), budget);
  note(memory_.blocks());
  note(reclaimer_.pinned());
}

void world::note(std::uint64_t seen) {
  outcome_[machine::current()->thread()].push_back(seen);
}

void world::read() {
  engine::pinned_version last{};
  std::uint64_t seen = 0;
  for (unsigned i = 0; i < what_.pins; ++i) {
    engine::pinned_version now = core_.pin();
    if (last.version != nullptr && what_.overlap) check(*last.version);
    last.pin.reset();
    check(*now.version);
    if (now.version->number < seen) machine::current()->violation("it reads an older version");
    seen = now.version->number;
    note(seen);
    last = std::move(now);
    if (!what_.overlap && !(what_.keep && i + 1 == what_.pins)) last.pin.reset();
  }
  if (what_.keep) kept_.push_back(std::move(last));
}

/// What a reader does with a version that it has pinned.
void world::check(const engine::version& version) const {
  const machine& now = *machine::current();
  engine::pool::read(&version, "a version");
  engine::pool::read(version.keys, "a node");
  for (unsigned key = 0; key < keys.size(); ++key) {
    const engine::item* found = engine::find<engine::key_order>(version.keys, keys[key]);
    if (found == nullptr) now.violation("it does not find an item");
    engine::pool::read(found, "an item");
    if (found->born != birth(key, version.number)) now.violation("it finds another version's item");
  }
}

void world::check_the_end() {
  collect_all();
  check_what_is_left();
  while (!kept_.empty()) {
    check(*kept_.back().version);
    kept_.pop_back();
    collect_all();
    check_what_is_left();
  }
  crowd_.reset();
  reclaimer_.free_last(head_, core_.slots());
  if (memory_.blocks() != 0) machine::current()->violation("something is left in the end");
}

void world::collect_all() {
  collect(never);
  while (reclaimer_.collect(core_.slots(), never)) {
  }
}

void world::check_what_is_left() {
  for (const object& each : objects_) {
    bool needed = each.retired > head_->number;
    for (const engine::pinned_version& pinned : kept_) {
      const std::uint64_t version = pinned.version->number;
      needed = needed || (each.born <= version && version < each.retired);
    }
    if (needed != engine::pool::is_freed(each.block)) continue;
    machine::current()->violation(
        std::string(each.what) + " of version " + std::to_string(each.born) +
        (needed ? " is freed, and somebody has pinned it" : " is kept, and nobody can see it"));
  }
}

}  // namespace explore
