#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include <buntdb/database.hpp>
#include <scs/scs.hpp>
#include <scs/stores/bunt.hpp>

#include "harness/timing.hpp"
#include "sites/sites.hpp"
#include "sites/zipf.hpp"

namespace bench::sites {

namespace {

constexpr double skew = 0.99;

/// The sessions of a manager on a database, and the Cookie headers of their browsers.
class site {
 public:
  explicit site(const options& options)
      : db_(buntdb::database::open(options.folder / "skew")),
        manager_(std::make_unique<scs::stores::bunt>(db_)) {
    const std::string text(130, 'x');
    cookies_.reserve(options.sessions);
    for (std::size_t i = 0; i < options.sessions; ++i) {
      scs::session session = manager_.load("");
      session.put("counter", static_cast<std::int64_t>(i));
      session.put("text", text);
      manager_.commit(session);
      cookies_.push_back(manager_.cookie_name() + "=" + session.token());
      keys_.push_back(session.id().text());
    }
  }

  double find(const std::vector<std::uint32_t>& sessions) {
    std::uint64_t sum = 0;
    const timing taken = time_of([&] {
      for (const std::uint32_t number : sessions) {
        const auto found = db_.find(keys_[number]);
        if (!found) throw std::runtime_error("a session that was stored is not found");
        sum += found->value.size();
      }
    });
    consume(sum);
    return taken.wall_ns / static_cast<double>(sessions.size());
  }

  double serve(const std::vector<std::uint32_t>& sessions, bool changes) {
    std::uint64_t sum = 0;
    const timing taken = time_of([&] {
      for (const std::uint32_t number : sessions) {
        scs::session session = manager_.load(cookies_[number]);
        const auto counter = session.get<std::int64_t>("counter").value();
        sum += static_cast<std::uint64_t>(counter);
        if (changes) session.put("counter", counter + 1);
        manager_.commit(session);
      }
    });
    consume(sum);
    return taken.wall_ns / static_cast<double>(sessions.size());
  }

 private:
  buntdb::database db_;
  scs::session_manager manager_;
  std::vector<std::string> cookies_;
  std::vector<std::string> keys_;
};

std::vector<std::uint32_t> draw(std::size_t count, std::size_t sessions, bool skewed,
                                unsigned seed) {
  std::mt19937_64 random(seed);
  zipf by_rank(sessions, skew);
  std::vector<std::uint32_t> numbers;
  numbers.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t number = skewed ? by_rank(random) : random() % sessions;
    numbers.push_back(static_cast<std::uint32_t>(number));
  }
  return numbers;
}

}  // namespace

void measure_skew(const options& options) {
  site site(options);
  const std::size_t count = options.amount(100'000);
  std::array<std::vector<double>, 2> finds;
  std::array<std::vector<double>, 2> reads;
  std::array<std::vector<double>, 2> writes;
  for (unsigned round = 0; round < options.rounds; ++round) {
    for (const bool skewed : {false, true}) {
      const auto numbers = draw(count, options.sessions, skewed, round);
      const std::size_t row = skewed ? 1 : 0;
      finds[row].push_back(site.find(numbers));
      reads[row].push_back(site.serve(numbers, false));
      writes[row].push_back(site.serve(numbers, true));
    }
  }
  std::printf("\n%zu sessions, by how requests are spread over them\n", options.sessions);
  std::printf("%-16s %10s %14s %22s\n", "access", "find", "request: read", "request: read, write");
  for (const std::size_t row : {std::size_t{0}, std::size_t{1}}) {
    std::printf("%-16s %7.2f us %11.2f us %19.2f us\n", row == 0 ? "uniform" : "Zipf, 0.99",
                median(finds[row]) / 1000, median(reads[row]) / 1000, median(writes[row]) / 1000);
  }
}

}  // namespace bench::sites
