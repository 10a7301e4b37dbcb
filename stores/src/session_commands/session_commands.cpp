#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>

#include <buntdb/database.hpp>
#include <buntstore/internal/ascii.hpp>
#include <scs/error.hpp>
#include <scs/session_manager.hpp>
#include <scs/stores/session_commands.hpp>

#include "session_commands/session_pages.hpp"

namespace scs::stores {

namespace {

constexpr const char* usage =
    "sessions list [prefix P] [user U] [id ID]... [all] [values] | sessions revoke [prefix P] "
    "(id ID... | user U | all)";

[[noreturn]] void refuse(const std::string& message) {
  throw buntdb::error(buntdb::errc::invalid_argument, message);
}

/// The words of a request, one after another.
class words {
 public:
  explicit words(std::span<const std::string> given) noexcept : left_(given) {}

  bool at_end() const noexcept { return left_.empty(); }
  bool take(std::string_view word) {
    if (left_.empty() || !buntstore::text::equals_ignoring_case(left_.front(), word)) return false;
    left_ = left_.subspan(1);
    return true;
  }
  std::string next() {
    if (left_.empty()) refuse(std::string("usage: ") + usage);
    std::string word = left_.front();
    left_ = left_.subspan(1);
    return word;
  }
  /// The message does not repeat the word, which may be a token that somebody tried.
  std::string next_id() {
    std::string id = next();
    if (!is_abbreviated_id(id)) {
      refuse("an id is h: and 43 characters, or at least the first four of them; a token is none");
    }
    return id;
  }

 private:
  std::span<const std::string> left_;
};

class session_operator {
 public:
  session_operator(buntdb::database& db, std::vector<operated_manager> managers)
      : db_(db), managers_(std::move(managers)) {
    std::set<std::string> prefixes;
    for (const operated_manager& each : managers_) {
      if (each.manager == nullptr) {
        throw error(errc::invalid_options, "session_commands: a manager is null");
      }
      if (!prefixes.insert(each.prefix).second) {
        throw error(errc::invalid_options,
                    "session_commands: two managers with the prefix '" + each.prefix + "'");
      }
    }
    if (managers_.empty()) throw error(errc::invalid_options, "session_commands: no manager");
  }

  void run(buntdb::control_call& call) {
    words arguments(call.arguments());
    if (arguments.take("list")) return list(arguments, call);
    if (arguments.take("revoke")) return revoke(arguments, call);
    refuse(std::string("usage: ") + usage);
  }

 private:
  void list(words arguments, buntdb::control_call& call) const {
    wanted_sessions wanted;
    while (!arguments.at_end()) {
      if (arguments.take("prefix")) {
        wanted.prefix = known_prefix(arguments.next());
      } else if (arguments.take("user")) {
        wanted.user = arguments.next();
      } else if (arguments.take("id")) {
        wanted.ids.insert(arguments.next_id());
      } else if (arguments.take("all")) {
        wanted.tombstones = true;
      } else if (arguments.take("values")) {
        wanted.values = true;
      } else {
        refuse(std::string("usage: ") + usage);
      }
    }
    call.answer_in_pages(std::make_unique<session_pages>(db_, managers_, std::move(wanted)));
  }

  void revoke(words arguments, buntdb::control_call& call) {
    std::optional<std::string> prefix;
    if (arguments.take("prefix")) prefix = known_prefix(arguments.next());
    std::uint64_t ended = 0;
    if (arguments.take("all")) {
      if (!arguments.at_end()) refuse(std::string("usage: ") + usage);
      for_managers(
          prefix, [&](const operated_manager& each) { ended += each.manager->revoke_everybody(); });
    } else if (arguments.take("user")) {
      const std::string user = arguments.next();
      if (user.empty() || !arguments.at_end()) refuse(std::string("usage: ") + usage);
      for_managers(prefix,
                   [&](const operated_manager& each) { ended += each.manager->revoke_all(user); });
    } else if (arguments.take("id") && !arguments.at_end()) {
      std::vector<std::string> ids;
      while (!arguments.at_end())
        ids.push_back(arguments.next_id());
      for (const std::string& id : ids)
        ended += revoke(id, prefix) ? 1U : 0U;
    } else {
      refuse(std::string("usage: ") + usage);
    }
    call.reply().integer(static_cast<std::int64_t>(ended));
  }

  /// Returns whether there is such a session. Ids must be complete, because the meaning of an
  /// abbreviation may change.
  bool revoke(const std::string& id, const std::optional<std::string>& prefix) {
    constexpr std::size_t whole_size = 45;
    if (id.size() != whole_size) refuse("revoke takes whole ids, as sessions list prints them");
    bool found = false;
    for_managers(prefix, [&](const operated_manager& each) {
      const std::optional<session_id> stored = stored_id(each, id);
      if (!stored) return;
      found = true;
      each.manager->revoke(*stored);
    });
    return found;
  }

  /// Returns the store's id of a session. Under id_mode::raw it is the session's token.
  std::optional<session_id> stored_id(const operated_manager& owner, const std::string& id) const {
    const buntdb::snapshot view = db_.begin_read();
    if (owner.manager->options().ids == id_mode::hashed) {
      if (!view.get(owner.prefix + id)) return std::nullopt;
      return session_id::from_text(id);
    }
    std::optional<session_id> found;
    for_each_session(view,
                     {.prefix = owner.prefix,
                      .codec = owner.manager->options().codec.get(),
                      .wants_id = [&](std::string_view each) { return each == id; }},
                     [&](const stored_session& session) {
                       found = session_id::from_text(
                           std::string_view(session.key).substr(session.prefix.size()));
                       return false;
                     });
    return found;
  }

  std::string known_prefix(std::string prefix) const {
    for (const operated_manager& each : managers_)
      if (each.prefix == prefix) return prefix;
    refuse("this server has no sessions with the prefix '" + prefix + "'");
  }

  template <class Function>
  void for_managers(const std::optional<std::string>& prefix, Function function) const {
    for (const operated_manager& each : managers_)
      if (!prefix || each.prefix == *prefix) function(each);
  }

  buntdb::database& db_;
  const std::vector<operated_manager> managers_;
};

}  // namespace

std::vector<buntdb::control_command> session_commands(buntdb::database& db,
                                                      std::vector<operated_manager> managers) {
  auto made = std::make_shared<session_operator>(db, std::move(managers));
  return {{"sessions", usage, [made](buntdb::control_call& call) { made->run(call); }}};
}

}  // namespace scs::stores
