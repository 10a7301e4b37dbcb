#include "engine/index_creation.hpp"

#include <chrono>
#include <limits>
#include <utility>
#include <vector>

#include <buntdb/error.hpp>

#include "engine/open_draft.hpp"
#include "index/builder.hpp"
#include "version/tree_difference.hpp"

namespace buntdb::engine {

namespace {

/// How long writers are stopped at a time. Longer steps make writers wait longer; shorter steps
/// make the work slower, because each lets a writer go first.
constexpr std::chrono::milliseconds step_time{2};
/// The number of items between two reads of the clock.
constexpr std::size_t items_at_once = 64;
/// If no more than this many changes are left, writers are stopped for the rest.
constexpr std::size_t few_changes = 512;
constexpr int max_follow_rounds = 32;

/// The construction of one index.
class index_creation {
 public:
  index_creation(core& core, const shared_definition& definition, existing_index existing)
      : core_(core),
        definition_(definition),
        existing_(existing),
        roots_(definition->root_count(), nullptr),
        seen_(core.pin()) {}
  index_creation(const index_creation&) = delete;
  index_creation& operator=(const index_creation&) = delete;
  /// The trees belong to no version until adopt(). If adopt() is not reached, they are freed here.
  ~index_creation() {
    if (roots_.empty()) return;
    if (core_.writer().acquire()) {
      const writer_guard guard(core_.writer(), std::adopt_lock);
      free_roots();
    } else {  // this thread holds the lock
      core_.writer().assert_held();
      free_roots();
    }
  }

  void run() {
    if (const index_roots* indexes = seen_.version->indexes;
        indexes != nullptr && indexes->catalog->find(definition_->info.name) != nullptr &&
        leaves_existing()) {
      return;
    }
    index_builder builder(core_.memory(), seen_.version->number, definition_, roots_);
    build(builder);
    catch_up(builder);
    adopt(builder);
  }

 private:
  void free_roots() noexcept BUNTDB_REQUIRES(core_.writer()) {
    for (retirable* root : roots_)
      core_.garbage().free_later(root);
  }

  /// An index of this name exists: returns whether to keep it and do nothing. Throws
  /// errc::index_exists.
  bool leaves_existing() const {
    if (existing_ == existing_index::refuse) throw_index_exists(definition_->info.name);
    return existing_ == existing_index::keep;
  }

  /// Calls some(), which returns whether there is more to do, until it returns false. Writers are
  /// stopped for no longer than one step at a time.
  template <class Some>
  void in_steps(Some some) {
    for (bool more = true; more;) {
      const writer_guard guard(core_.writer(), writer_guard::after_others{},
                               "this thread is writing");
      core_.check_open();
      const auto end = std::chrono::steady_clock::now() + step_time;
      do {
        more = some();
      } while (more && std::chrono::steady_clock::now() < end);
    }
  }

  void build(index_builder& builder) {
    builder.collect(*seen_.version);
    if (definition_->info.unique) builder.check_unique(core_.now());
    in_steps([&] { return builder.insert_some(items_at_once); });
  }

  /// Applies what was committed meanwhile, until little is left.
  void catch_up(index_builder& builder) {
    std::size_t before = std::numeric_limits<std::size_t>::max();
    for (int round = 0; round < max_follow_rounds; ++round) {
      pinned_version now = core_.pin();
      const std::vector<changed_item> changes = difference(seen_.version->keys, now.version->keys);
      std::size_t done = 0;
      if (!changes.empty()) {
        in_steps([&] {
          for (std::size_t i = 0; i < items_at_once && done < changes.size(); ++i)
            builder.apply(changes[done++]);
          return done < changes.size();
        });
      }
      check_unique(builder, changes);
      seen_ = std::move(now);
      // Stop also if about as many new changes arrive as were applied: more rounds would not help.
      if (changes.size() < few_changes || changes.size() > before / 4 * 3) return;
      before = changes.size();
    }
  }

  /// Checks uniqueness after the changes from one version to another; only they can have added
  /// equal items.
  void check_unique(const index_builder& builder, const std::vector<changed_item>& changes) const {
    if (!definition_->info.unique) return;
    const time_point now = core_.now();
    for (const changed_item& change : changes)
      builder.check_unique(change, now);
  }

  /// Applies the rest and adds the index, in one transaction.
  void adopt(index_builder& builder) {
    const std::string& name = definition_->info.name;
    open_draft draft(core_);
    if (draft->find_index(name) != nullptr) {
      // Created meanwhile; the destructor frees the trees built here.
      if (leaves_existing()) return;
      draft->drop_index(name);
    }
    const auto changes = difference(seen_.version->keys, draft->draft()->keys);
    for (const changed_item& change : changes)
      builder.apply(change);
    check_unique(builder, changes);
    draft->adopt_index(definition_, roots_);
    roots_.clear();
    draft.commit();
  }

  core& core_;
  const shared_definition& definition_;
  const existing_index existing_;
  std::vector<retirable*> roots_;
  pinned_version seen_;
};

}  // namespace

void create_index(core& core, const shared_definition& definition, existing_index existing) {
  core.check_writable();
  if (core.writer().held_by_this_thread()) {
    throw error(errc::nested_transaction,
                "this thread is writing: create the index in its transaction");
  }
  index_creation(core, definition, existing).run();
}

}  // namespace buntdb::engine
