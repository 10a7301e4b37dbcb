#include <memory>
#include <optional>
#include <string>

#include <benchmark/benchmark.h>

#include <scs/scs.hpp>

// The cost of scs itself, with a store that knows one session and discards what it is to store.

namespace {

class one_record final : public scs::store {
 public:
  std::optional<scs::record> find(const scs::session_id&) override {
    if (payload_.empty()) return std::nullopt;
    return scs::record{payload_, expiry_, "1"};
  }
  scs::commit_result commit(const scs::session_id&, std::string_view payload,
                            scs::time_point expiry, const std::optional<std::string>&,
                            std::string_view) override {
    if (payload_.empty()) {
      payload_ = payload;
      expiry_ = expiry;
    }
    return {scs::commit_result::outcome::committed, "1"};
  }
  bool touch(const scs::session_id&, scs::time_point) override { return true; }
  std::optional<scs::record> erase(const scs::session_id&) override { return std::nullopt; }
  void for_each(const visitor&) override {}
  void for_each_of_user(std::string_view, const visitor&) override {}

 private:
  std::string payload_;
  scs::time_point expiry_{};
};

struct site {
  scs::session_manager manager{std::make_unique<one_record>()};
  std::string cookie;

  site() {
    scs::session session = manager.load("");
    session.put("counter", 1);
    session.put("padding", std::string(130, 'x'));
    manager.commit(session);
    cookie = manager.cookie_name() + "=" + session.token();
  }
};

void request_reading(benchmark::State& state) {
  site site;
  for (auto _ : state) {
    scs::session session = site.manager.load(site.cookie);
    benchmark::DoNotOptimize(session.get<int>("counter"));
    benchmark::DoNotOptimize(site.manager.commit(session));
  }
}
BENCHMARK(request_reading);

void request_writing(benchmark::State& state) {
  site site;
  for (auto _ : state) {
    scs::session session = site.manager.load(site.cookie);
    session.put("counter", session.get<int>("counter").value_or(0) + 1);
    benchmark::DoNotOptimize(site.manager.commit(session));
  }
}
BENCHMARK(request_writing);

void request_untouched(benchmark::State& state) {
  site site;
  for (auto _ : state) {
    scs::session session = site.manager.load(site.cookie);
    benchmark::DoNotOptimize(site.manager.commit(session));
  }
}
BENCHMARK(request_untouched);

}  // namespace
