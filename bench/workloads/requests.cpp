#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <buntdb/buntdb.hpp>
#include <scs/scs.hpp>
#include <scs/stores/bunt.hpp>
#include <scs/stores/memory.hpp>

#include "limits/bare_file.hpp"
#include "workloads/workloads.hpp"

namespace bench {

namespace {

/// How many sessions there are, and of what size.
struct setting {
  std::string_view reading;
  std::string_view writing;
  bool single;          ///< one session, as in SCS's own benchmark
  std::size_t padding;  ///< bytes in the payload besides the counter
};
// With "counter" and the JSON around it, 130 bytes make a payload of about 200.
constexpr std::array<setting, 2> settings{{
    {"request: read", "request: read, write", false, 130},
    {"request, one session: read", "request, one session: read, write", true, 0},
}};

/// A session manager with its sessions, and the Cookie headers of their browsers.
class site {
 public:
  site(std::string name, std::unique_ptr<scs::store> store)
      : name_(std::move(name)), manager_(std::move(store)) {}

  const std::string& name() const noexcept { return name_; }

  void fill(std::size_t sessions, std::size_t bytes) {
    const std::string padding(bytes, 'x');
    cookies_.reserve(sessions);
    for (std::size_t i = 0; i < sessions; ++i) {
      scs::session session = manager_.load("");
      session.put("counter", static_cast<std::int64_t>(i));
      if (!padding.empty()) session.put("padding", padding);
      manager_.commit(session);
      cookies_.push_back(manager_.cookie_name() + "=" + session.token());
    }
  }

  /// Makes requests as an adapter does: load, the handler, commit. Returns the time of one.
  template <class Handler>
  timing serve(std::size_t count, unsigned round, Handler handler) {
    std::mt19937_64 random(800 + round);
    std::vector<std::string> cookies;
    cookies.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
      cookies.push_back(cookies_[random() % cookies_.size()]);
    return time_of([&] {
      std::uint64_t sum = 0;
      for (const std::string& cookie : cookies) {
        scs::session session = manager_.load(cookie);
        const auto counter = session.get<std::int64_t>("counter");
        if (!counter) throw std::runtime_error("a session that was stored is not found");
        sum += static_cast<std::uint64_t>(*counter);
        handler(session, *counter);
        sum += manager_.commit(session).size();
      }
      consume(sum);
    });
  }

 private:
  std::string name_;
  scs::session_manager manager_;
  std::vector<std::string> cookies_;
};

void measure(run& run, const setting& how) {
  std::unique_ptr<buntdb::database> db;
  std::vector<std::unique_ptr<site>> sites;
  const auto wanted = [&](std::string_view name) {
    return run.wants(how.reading, name) || run.wants(how.writing, name);
  };
  if (wanted("buntstore")) {
    const char* file = how.single ? "request.db" : "requests.db";
    db.reset(new buntdb::database(buntdb::database::open(run.folder / file)));
    sites.push_back(std::make_unique<site>("buntstore", std::make_unique<scs::stores::bunt>(*db)));
  }
  if (wanted("memory store")) {
    sites.push_back(
        std::make_unique<site>("memory store", std::make_unique<scs::stores::memory>()));
  }
  for (auto& each : sites)
    each->fill(how.single ? 1 : run.sessions, how.padding);
  const std::size_t count = run.amount(50'000);
  constexpr std::string_view limit = "write(2)";
  bare_file file(run.folder / "bare");
  for (unsigned round = 0; round < run.options.repeat; ++round) {
    if (run.wants(how.writing, limit)) {
      run.add(how.writing, limit, time_of([&] {
                for (std::size_t i = 0; i < count; ++i)
                  file.append();
              }),
              count);
    }
    for (std::size_t i = 0; i < sites.size(); ++i) {
      site& next = *sites[(round + i) % sites.size()];
      if (run.wants(how.reading, next.name())) {
        run.add(how.reading, next.name(),
                next.serve(count, round, [](scs::session&, std::int64_t) {}), count);
      }
      if (run.wants(how.writing, next.name())) {
        run.add(how.writing, next.name(),
                next.serve(count, round,
                           [](scs::session& session, std::int64_t counter) {
                             session.put("counter", counter + 1);
                           }),
                count);
      }
    }
  }
}

}  // namespace

void measure_requests(run& run) {
  for (const setting& how : settings)
    measure(run, how);
}

}  // namespace bench
