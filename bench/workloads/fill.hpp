#pragma once

#include <cstddef>
#include <vector>

#include "contenders/contender.hpp"

namespace bench {

/// Saves the first `count` sessions, 1,000 in a commit.
inline void save_in_batches(connection& link, const session_data& data, std::size_t count) {
  std::vector<save_request> batch;
  for (std::size_t i = 0; i < count; ++i) {
    batch.push_back(data.request(i));
    if (batch.size() == 1000 || i + 1 == count) {
      link.save_batch(batch);
      batch.clear();
    }
  }
}

}  // namespace bench
