#include <chrono>
#include <limits>
#include <utility>
#include <vector>

#include <buntdb/error.hpp>

#include "engine/core.hpp"
#include "engine/index_builder.hpp"
#include "engine/tree_difference.hpp"

// The part of the engine that builds an index beside readers and writers, who wait for no more than
// a bounded step of it.

namespace buntdb::engine {

namespace {

/// So long writers are stopped at a time: longer steps make them wait, shorter ones make the work
/// long, since each lets a writer in first.
constexpr std::chrono::milliseconds step_time{2};
/// Items that are taken in before the clock is looked at again.
constexpr std::size_t items_at_once = 64;
/// When so few changes are left, writers are stopped for the rest.
constexpr std::size_t few_changes = 512;
constexpr int max_follow_rounds = 32;

}  // namespace

/// Calls function with the writer's lock, between transactions.
template <class Function>
void core::with_writer_stopped(Function function) {
  if (!writer_.acquire_behind_others()) {
    throw error(errc::nested_transaction, "this thread is writing");
  }
  try {
    check_open();
    function();
  } catch (...) {
    writer_.release();
    throw;
  }
  writer_.release();
}

void core::create_index(const shared_definition& definition, existing_index existing) {
  check_writable();
  if (writer_.held_by_this_thread()) {
    throw error(errc::nested_transaction,
                "this thread is writing: create the index in its transaction");
  }
  const std::string& name = definition->info.name;
  const auto refuse_existing = [&](const index_definition* found) {
    if (found != nullptr && existing == existing_index::refuse) {
      throw error(errc::index_exists, "there is an index '" + name + "' already");
    }
  };

  held_version seen = hold();
  if (const index_table* table = seen.get().indexes; table != nullptr) {
    const index_catalog::placed* found = table->catalog->find(name);
    refuse_existing(found == nullptr ? nullptr : found->definition.get());
  }
  // What is built belongs to no version until the last step; if that is not reached, it is felled.
  struct unfinished {
    core& owner;
    std::vector<retirable*> roots;
    ~unfinished() {
      if (roots.empty() || !owner.writer_.acquire()) return;
      for (retirable* root : roots)
        owner.reclaimer_.fell(root);
      owner.writer_.release();
    }
  } trees{*this, std::vector<retirable*>(definition->slots(), nullptr)};
  index_builder builder(memory_, seen.get().number, definition, trees.roots);
  builder.collect(seen.get());
  for (bool more = true; more;) {
    with_writer_stopped([&] {
      const auto end = std::chrono::steady_clock::now() + step_time;
      do {
        more = builder.place(items_at_once);
      } while (more && std::chrono::steady_clock::now() < end);
    });
  }

  // What was committed meanwhile, until little is left.
  std::size_t before = std::numeric_limits<std::size_t>::max();
  for (int round = 0; round < max_follow_rounds; ++round) {
    held_version now = hold();
    const std::vector<changed_item> changes = difference(seen.get().keys, now.get().keys);
    for (std::size_t done = 0; done < changes.size();) {
      with_writer_stopped([&] {
        const auto end = std::chrono::steady_clock::now() + step_time;
        do {
          for (std::size_t i = 0; i < items_at_once && done < changes.size(); ++i)
            builder.apply(changes[done++]);
        } while (done < changes.size() && std::chrono::steady_clock::now() < end);
      });
    }
    seen = std::move(now);
    // Nor does it help to go on if about as many come while those before are found.
    if (changes.size() < few_changes || changes.size() > before / 4 * 3) break;
    before = changes.size();
  }

  write_state& writing = begin();
  try {
    refuse_existing(writing.find_index(name));
    writing.drop_index(name);
    for (const changed_item& change : difference(seen.get().keys, writing.draft()->keys))
      builder.apply(change);
    writing.adopt_index(definition, trees.roots);
    trees.roots.clear();
  } catch (...) {
    rollback(writing);
    throw;
  }
  commit(writing);
}

}  // namespace buntdb::engine
