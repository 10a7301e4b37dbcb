#include "stores/contest.hpp"

namespace bench::stores {

namespace {

constexpr std::size_t many = 4;

std::vector<operation> operations_for(const contestant& who, std::size_t threads,
                                      std::size_t sessions) {
  const std::size_t share = sessions / threads;
  std::vector<operation> operations;
  for (std::size_t thread = 0; thread < threads; ++thread)
    operations.push_back(who.on_sessions(thread * share, share));
  return operations;
}

}  // namespace

void hold(run& run, const options& options, std::string_view workload,
          const std::vector<contestant>& contestants) {
  const std::string on_many = std::string(workload) + ", " + std::to_string(many) + " threads";
  for (unsigned round = 0; round < options.repeat; ++round) {
    for (std::size_t i = 0; i < contestants.size(); ++i) {
      const contestant& next = contestants[(round + i) % contestants.size()];
      if (run.wants(workload, next.name)) {
        const repeated taken = repeat_for(options.time, operations_for(next, 1, run.sessions));
        run.add(workload, next.name, taken.each, 1);
      }
      if (run.wants(on_many, next.name)) {
        const repeated taken = repeat_for(options.time, operations_for(next, many, run.sessions));
        run.add(on_many, next.name, unit::nanoseconds, taken.each.wall_ns);
      }
    }
  }
}

}  // namespace bench::stores
