// Where a token must never be, and where it must come from.

#include <cerrno>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <buntdb/database.hpp>
#include <scs/scs.hpp>
#include <scs/stores/bunt.hpp>

#include "temporary_folder.hpp"
#include "world.hpp"

namespace test {

namespace {

constexpr int tokens_of_each = 500;

/// Returns tokens that a child process has drawn and sent through a pipe.
std::vector<std::string> tokens_of_a_child() {
  int ends[2];
  if (pipe(ends) != 0) return {};
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    for (int i = 0; i < tokens_of_each; ++i) {
      const std::string token = new_token();
      if (write(ends[1], token.data(), token.size()) != static_cast<ssize_t>(token.size()))
        _exit(1);
    }
    _exit(0);
  }
  close(ends[1]);
  std::vector<std::string> tokens;
  std::string text;
  char buffer[4096];
  ssize_t count = 0;
  while ((count = read(ends[0], buffer, sizeof buffer)) > 0 || (count < 0 && errno == EINTR)) {
    if (count > 0) text.append(buffer, static_cast<std::size_t>(count));
  }
  close(ends[0]);
  waitpid(child, nullptr, 0);
  for (std::size_t at = 0; at + scs::token::size <= text.size(); at += scs::token::size)
    tokens.push_back(text.substr(at, scs::token::size));
  return tokens;
}

TEST(tokens, repeat_in_no_forked_process) {
  std::set<std::string> seen{new_token()};  // the generator has been used
  std::size_t count = 1;
  const auto add = [&](const std::vector<std::string>& tokens) {
    EXPECT_EQ(tokens.size(), static_cast<std::size_t>(tokens_of_each));
    seen.insert(tokens.begin(), tokens.end());
    count += tokens.size();
  };
  for (int i = 0; i < 4; ++i)
    add(tokens_of_a_child());
  std::vector<std::string> own;
  for (int i = 0; i < tokens_of_each; ++i)
    own.push_back(new_token());
  add(own);
  EXPECT_EQ(seen.size(), count);
}

/// Returns a token as text, and its random bytes, raw and in hexadecimal.
std::vector<std::string> forms_of(const std::string& token) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string raw;
  std::string hex;
  unsigned held = 0;
  int bits = 0;
  for (const char c : token) {
    held = held << 6 | static_cast<unsigned>(alphabet.find(c));
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    const unsigned byte = held >> bits & 0xFF;
    raw += static_cast<char>(byte);
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return {token, raw, hex};
}

/// Returns the bytes of all files in the folder.
std::string bytes_in(const std::filesystem::path& folder) {
  std::string bytes;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream in{entry.path(), std::ios::binary};
    bytes.append(std::istreambuf_iterator<char>{in}, {});
    bytes += entry.path().filename().string();
  }
  return bytes;
}

struct file_of_sessions : testing::Test {
  /// Makes sessions that are live, renewed and destroyed. Returns all tokens that existed.
  std::vector<std::string> use(scs::session_manager& sessions) {
    std::vector<std::string> tokens;
    const auto commit = [&](scs::session& session) {
      const std::string set = find_header(sessions.commit(session), "Set-Cookie");
      const std::string cookie = set.substr(0, set.find(';'));
      tokens.push_back(cookie.substr(cookie.find('=') + 1));
      return cookie;
    };
    for (int i = 0; i < 60; ++i) {
      scs::session fresh = sessions.load(std::string_view{});
      fresh.put("user", "somebody");
      const std::string cookie = commit(fresh);
      if (i % 3 == 0) continue;
      scs::session again = sessions.load(cookie);
      if (i % 3 == 1) {
        again.renew();
        commit(again);
      } else {
        again.destroy();
      }
    }
    return tokens;
  }

  static bool has_one_of(const std::string& bytes, const std::vector<std::string>& tokens) {
    for (const std::string& token : tokens) {
      for (const std::string& form : forms_of(token)) {
        if (bytes.find(form) != std::string::npos) return true;
      }
    }
    return false;
  }

  buntstore::testing::temporary_folder folder;
};

TEST_F(file_of_sessions, has_no_token_in_it) {
  buntdb::database db = buntdb::database::open(folder.file("sessions.db"));
  scs::session_manager sessions{std::make_unique<scs::stores::bunt>(db)};
  const std::vector<std::string> tokens = use(sessions);
  EXPECT_EQ(tokens.size(), 80U);
  ASSERT_NE(bytes_in(folder.path()).find("somebody"), std::string::npos);
  EXPECT_FALSE(has_one_of(bytes_in(folder.path()), tokens));
  db.compact();  // the compacted file has replaced the old one
  ASSERT_NE(bytes_in(folder.path()).find("somebody"), std::string::npos);
  EXPECT_FALSE(has_one_of(bytes_in(folder.path()), tokens));
}

TEST_F(file_of_sessions, has_them_in_raw_mode_or_the_search_would_find_nothing) {
  buntdb::database db = buntdb::database::open(folder.file("sessions.db"));
  scs::session_manager sessions{std::make_unique<scs::stores::bunt>(db),
                                {.ids = scs::id_mode::raw}};
  const auto tokens = use(sessions);
  EXPECT_TRUE(has_one_of(bytes_in(folder.path()), tokens));
}

TEST_F(file_of_sessions, opens_no_session_for_who_has_stolen_it) {
  buntdb::database db = buntdb::database::open(folder.file("sessions.db"));
  scs::session_manager sessions{std::make_unique<scs::stores::bunt>(db)};
  use(sessions);
  int stolen = 0;
  sessions.store().for_each([&](const scs::session_id& id, const scs::record& record) {
    for (const std::string& sent : {text_of(id), text_of(id).substr(2), record.revision}) {
      EXPECT_TRUE(sessions.load("__Host-Http-session=" + sent).keys().empty());
    }
    ++stolen;
    return scs::visit::next;
  });
  EXPECT_EQ(stolen, 60);  // 20 live ones, 20 renewed ones and their tombstones
}

/// Collects every text that a failure or an event contains.
void collect(const std::exception_ptr& cause, std::string& into) {
  if (!cause) return;
  try {
    std::rethrow_exception(cause);
  } catch (const std::exception& failure) {
    into.append(failure.what()).append("\n");
    try {
      std::rethrow_if_nested(failure);
    } catch (...) {
      collect(std::current_exception(), into);
    }
  } catch (...) {
  }
}

TEST(error_texts, have_no_token_in_them_whatever_call_of_the_store_fails) {
  for (const scs::id_mode ids : {scs::id_mode::hashed, scs::id_mode::raw}) {
    std::string texts;
    world world{{.idle_timeout = minutes{20}, .ids = ids}};
    std::vector<std::string> tokens;
    using call = faulty_store::call;
    for (const call which : {call::find, call::commit, call::touch, call::erase}) {
      for (int nth = 1; nth <= 3; ++nth) {
        browser visitor{world};
        visitor.put("user", "tom");
        tokens.push_back(visitor.token());
        world.clock.advance(minutes{10});
        // A careless store, which quotes its arguments.
        const std::string spilled =
            "no such key: " + std::string{ids == scs::id_mode::raw ? visitor.token() : "h:..."};
        world.faults->before(which, nth, [spilled] { throw std::runtime_error(spilled); });
        for (const auto& act : std::vector<std::function<void(scs::session&)>>{
                 [](scs::session& s) { s.exists("user"); }, [](scs::session& s) { s.put("a", 1); },
                 [](scs::session& s) { s.renew(); }, [](scs::session& s) { s.destroy(); }}) {
          scs::session session = visitor.request();
          try {
            act(session);
            visitor.finish(session);
          } catch (const scs::error& failure) {
            texts.append(failure.what()).append("\n");
            visitor.receive(world.sessions.abandon(session));
          }
          tokens.push_back(visitor.token());
        }
        world.faults->forget_hooks();
      }
    }
    EXPECT_NE(texts.find("failed"), std::string::npos);
    for (const std::string& token : tokens) {
      if (!token.empty()) {
        EXPECT_EQ(texts.find(token), std::string::npos);
      }
    }
  }
}

TEST(events, have_no_token_in_them) {
  std::string texts;
  std::vector<std::string> tokens;
  session_clock clock;
  auto kept = std::make_shared<scs::stores::memory>(scs::stores::memory_options{.clock = &clock});
  auto* faults = new faulty_store(kept);
  scs::session_manager sessions{std::unique_ptr<scs::store>(faults),
                                {.idle_timeout = minutes{20},
                                 .on_event =
                                     [&](const scs::event& event) {
                                       if (event.id) texts.append(event.id->text()).append("\n");
                                       collect(event.cause, texts);
                                     },
                                 .clock = &clock}};
  std::string cookie;
  const auto visit = [&](const std::function<void(scs::session&)>& act) {
    scs::session session = sessions.load(cookie);
    act(session);
    const std::string set = find_header(sessions.commit(session), "Set-Cookie");
    if (set.empty()) return;
    cookie = set.substr(0, set.find(';'));
    tokens.push_back(cookie.substr(cookie.find('=') + 1));
  };
  visit([](scs::session& s) { s.put("user", "tom"); });
  visit([](scs::session& s) { s.renew(); });
  clock.advance(minutes{10});
  faults->before(faulty_store::call::touch, 1, [] { throw std::runtime_error("touch"); });
  visit([](scs::session& s) { s.exists("user"); });
  const scs::session_id id = scs::token::parse(tokens.back())->id();
  kept->commit(id, "rubbish", clock.now() + hours{1}, kept->find(id)->revision, {});
  visit([](scs::session& s) { s.put("user", "tom"); });
  visit([](scs::session& s) { s.destroy(); });
  EXPECT_NE(texts.find("touch"), std::string::npos);
  EXPECT_NE(texts.find("h:"), std::string::npos);
  for (const std::string& token : tokens) {
    if (!token.empty()) {
      EXPECT_EQ(texts.find(token), std::string::npos);
    }
  }
}

}  // namespace

}  // namespace test
