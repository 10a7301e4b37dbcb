#include "contenders/all.hpp"

#include "contenders/bunt.hpp"
#include "contenders/lmdb.hpp"
#include "contenders/locked_map.hpp"

namespace bench {

std::vector<std::unique_ptr<contender>> all_contenders(const std::filesystem::path& folder,
                                                       std::size_t sessions) {
  std::vector<std::unique_ptr<contender>> all;
  all.push_back(std::make_unique<bunt_contender>(folder));
  all.push_back(std::make_unique<lmdb_contender>(folder, sessions));
  all.push_back(std::make_unique<locked_map_contender>());
  return all;
}

}  // namespace bench
