#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <buntstore/internal/base64.hpp>

#include "reference_table.hpp"

namespace test {

inline std::string from_base64(std::string_view text) {
  while (text.ends_with('='))
    text.remove_suffix(1);
  std::string bytes;
  EXPECT_TRUE(buntstore::base64::decode(text, buntstore::base64::standard_digits, bytes));
  return bytes;
}

struct gob_sample {
  std::string name{};
  std::string payload{};
  nlohmann::json data{};
  nlohmann::json deadline{};
};

/// Reads what SCS v2 wrote: tests/reference/gob_payload.jsonl.
inline std::vector<gob_sample> gob_samples() {
  std::vector<gob_sample> samples;
  for (const auto& line : reference_table("gob_payload.jsonl")) {
    samples.push_back({line["Name"], from_base64(line["Base64"].get<std::string>()),
                       line["Meaning"]["data"], line["Meaning"]["deadline"]});
  }
  return samples;
}

inline std::string gob_sample_payload(std::string_view name) {
  for (const gob_sample& each : gob_samples()) {
    if (each.name == name) return each.payload;
  }
  ADD_FAILURE() << "no sample " << name;
  return {};
}

}  // namespace test
