#include "broken_stores.hpp"

#include <optional>
#include <string_view>
#include <utility>

#include "store_front.hpp"

namespace races {

namespace {

bool is_tombstone(std::string_view payload) {
  return payload.find("\"moved_to\":") != std::string_view::npos;
}

/// Replaces a record whatever its revision is.
class commits_without_comparing final : public test::store_front {
 public:
  using store_front::store_front;
  scs::commit_result commit(const scs::session_id& id, std::string_view payload,
                            scs::time_point expiry,
                            const std::optional<std::string>& expected_revision,
                            std::string_view user) override {
    std::optional<std::string> there = expected_revision;
    if (there) {
      if (const auto found = inner_.find(id)) there = found->revision;
    }
    return inner_.commit(id, payload, expiry, there, user);
  }
};

/// Writes a record again that was erased.
class commits_what_is_gone final : public test::store_front {
 public:
  using store_front::store_front;
  scs::commit_result commit(const scs::session_id& id, std::string_view payload,
                            scs::time_point expiry,
                            const std::optional<std::string>& expected_revision,
                            std::string_view user) override {
    auto done = inner_.commit(id, payload, expiry, expected_revision, user);
    if (done.result != scs::commit_result::outcome::gone) return done;
    return inner_.commit(id, payload, expiry, std::nullopt, user);
  }
};

/// Erases a record where a renewal would leave its tombstone, so that a late logout cannot find the
/// session.
class drops_tombstones final : public test::store_front {
 public:
  using store_front::store_front;
  scs::commit_result commit(const scs::session_id& id, std::string_view payload,
                            scs::time_point expiry,
                            const std::optional<std::string>& expected_revision,
                            std::string_view user) override {
    return inner_.commit(id, payload, is_tombstone(payload) ? scs::time_point{} : expiry,
                         expected_revision, user);
  }
};

/// A touch restores a record that was erased.
class touches_the_dead final : public test::store_front {
 public:
  using store_front::store_front;
  std::optional<scs::record> find(const scs::session_id& id) override {
    auto found = inner_.find(id);
    if (found) last_ = *found;
    return found;
  }
  bool touch(const scs::session_id& id, scs::time_point expiry) override {
    if (inner_.touch(id, expiry)) return true;
    inner_.commit(id, last_.payload, expiry, std::nullopt, {});
    return true;
  }

 private:
  scs::record last_;
};

/// Keeps no watermarks, so that sessions that a revocation has not found and erased live on.
class keeps_no_watermarks final : public test::store_front {
 public:
  using store_front::store_front;
  std::optional<scs::record> find(const scs::session_id& id) override {
    return scs::is_reserved(id) ? std::nullopt : inner_.find(id);
  }
  scs::commit_result commit(const scs::session_id& id, std::string_view payload,
                            scs::time_point expiry,
                            const std::optional<std::string>& expected_revision,
                            std::string_view user) override {
    if (scs::is_reserved(id)) return {scs::commit_result::outcome::committed, "1"};
    return inner_.commit(id, payload, expiry, expected_revision, user);
  }
};

/// Sometimes reports a commit that it has not stored.
class forgets_commits final : public test::store_front {
 public:
  using store_front::store_front;
  scs::commit_result commit(const scs::session_id& id, std::string_view payload,
                            scs::time_point expiry,
                            const std::optional<std::string>& expected_revision,
                            std::string_view user) override {
    if (expected_revision && ++commits_ % 10 == 0) {
      return {scs::commit_result::outcome::committed, *expected_revision};
    }
    return inner_.commit(id, payload, expiry, expected_revision, user);
  }

 private:
  int commits_ = 0;
};

template <class Broken>
std::unique_ptr<scs::store> break_it(scs::store& inner) {
  return std::make_unique<Broken>(inner);
}

using broken_factory = std::unique_ptr<scs::store> (*)(scs::store&);

const std::vector<std::pair<std::string, broken_factory>>& broken() {
  static const std::vector<std::pair<std::string, broken_factory>> all{
      {"commits_without_comparing", break_it<commits_without_comparing>},
      {"commits_what_is_gone", break_it<commits_what_is_gone>},
      {"drops_tombstones", break_it<drops_tombstones>},
      {"touches_the_dead", break_it<touches_the_dead>},
      {"forgets_commits", break_it<forgets_commits>},
      {"keeps_no_watermarks", break_it<keeps_no_watermarks>},
  };
  return all;
}

}  // namespace

const std::vector<std::string>& broken_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> found;
    for (const auto& [name, factory] : broken())
      found.push_back(name);
    return found;
  }();
  return names;
}

std::unique_ptr<scs::store> make_broken(const std::string& name, scs::store& inner) {
  for (const auto& [known, factory] : broken()) {
    if (known == name) return factory(inner);
  }
  return nullptr;
}

}  // namespace races
