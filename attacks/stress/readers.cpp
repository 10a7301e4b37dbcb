#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "model/mismatch.hpp"
#include "stress/checks.hpp"
#include "stress/data.hpp"
#include "stress/worker.hpp"

namespace buntdb::attacks::stress {

namespace {

using namespace std::chrono_literals;
using model::require;

/// Checks everything in one version, twice.
class checker final : public worker {
 public:
  using worker::worker;

  void step(life& now) override {
    const snapshot view = now.db.begin_read();
    const std::uint64_t before = digest_of(view);
    require_consistent(view, "a snapshot", random_);
    require(digest_of(view) == before, "a snapshot says something else when it is read again");
    now.counts.add("versions checked");
  }
};

/// Keeps objects for long: keeps the newest one, or releases one after it has been read again.
template <class Held>
class keeper_of_old : public worker {
 public:
  using worker::worker;

  void finish(life& now) override {
    for (const Held& each : std::exchange(held_, {})) {
      require_unchanged(each);
      now.counts.add(figure());
    }
  }

 protected:
  void keep(life& now, Held held) {
    constexpr std::size_t most = 8;
    held_.push_back(std::move(held));
    const auto any = static_cast<std::size_t>(random_.below(held_.size()));
    require_unchanged(held_[any]);
    std::swap(held_[any], held_.front());
    if (held_.size() <= most) return;
    require_unchanged(held_.front());
    held_.pop_front();
    now.counts.add(figure());
  }

  virtual void require_unchanged(const Held& held) const = 0;
  virtual const char* figure() const noexcept = 0;

 private:
  std::deque<Held> held_;
};

struct held_snapshot {
  snapshot view;
  std::uint64_t digest;
};

class snapshot_keeper final : public keeper_of_old<held_snapshot> {
 public:
  using keeper_of_old::keeper_of_old;

  void step(life& now) override {
    snapshot view = now.db.begin_read();
    const std::uint64_t digest = digest_of(view);
    keep(now, {std::move(view), digest});
  }

 private:
  void require_unchanged(const held_snapshot& held) const override {
    require(digest_of(held.view) == held.digest, "a snapshot has changed while it was held");
  }
  const char* figure() const noexcept override { return "snapshots held"; }
};

struct kept_item {
  std::string key;
  held_item item;
};

class item_keeper final : public keeper_of_old<kept_item> {
 public:
  using keeper_of_old::keeper_of_old;

  void step(life& now) override {
    const auto owner = static_cast<unsigned>(first_owner + random_.below(owners));
    std::string key = owned_key(owner, static_cast<unsigned>(random_.below(owned_items)));
    std::optional<held_item> found = now.db.find(key);
    if (found) keep(now, {std::move(key), std::move(*found)});
    std::this_thread::sleep_for(50us);  // most of the time is for the other threads
  }

 private:
  void require_unchanged(const kept_item& held) const override {
    require_owned(held.key, held.item.value);
  }
  const char* figure() const noexcept override { return "items held"; }
};

}  // namespace

void add_readers(worker_list& workers, std::uint64_t seed) {
  workers.push_back(std::make_unique<checker>(seed + 10));
  workers.push_back(std::make_unique<checker>(seed + 11));
  workers.push_back(std::make_unique<snapshot_keeper>(seed + 12));
  workers.push_back(std::make_unique<item_keeper>(seed + 13));
}

}  // namespace buntdb::attacks::stress
