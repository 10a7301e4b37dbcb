// Flips each bit of a file of marked batches: 524,288 cases. The file must be refused, or cut and
// reported; which of the two follows from what other markers vouch for.
#include <algorithm>
#include <cstdint>
#include <exception>
#include <string>

#include "every/marked_file.hpp"
#include "every/slices.hpp"
#include "log/marker.hpp"
#include "model/mismatch.hpp"
#include "support/run.hpp"

namespace {

using namespace buntdb;
using namespace buntdb::attacks;
using verdict = expectation::verdict;

constexpr std::uint64_t opened_every = 64;

expectation expected_of(const marked_file& original, std::uint64_t offset) {
  const std::size_t hit = original.whole_before(offset);
  std::uint64_t vouched = 0;
  for (std::size_t i = 0; i < original.pieces().size(); ++i) {
    const bool marker_is_hit = i == hit && offset < original.pieces()[i].begin + log::marker_size;
    if (!marker_is_hit) vouched = std::max(vouched, original.pieces()[i].vouched);
  }
  return {original.pieces()[hit].begin < vouched ? verdict::refused : verdict::cut, hit, true};
}

}  // namespace

int main(int count, char** words) {
  return run(count, words,
             {.name = "every_bit",
              .about = "each bit of a 64 KiB file flipped (32 rounds: all)",
              .default_rounds = slices,
              .parallel = true},
             [](std::uint64_t seed, figures& counts) {
               const marked_file original(file_of(seed));
               std::string damaged = original.bytes();
               for (std::uint64_t at = slice_of(seed); at < damaged.size(); at += slices) {
                 const expectation expected = expected_of(original, at);
                 for (unsigned bit = 0; bit < 8; ++bit) {
                   damaged[at] = static_cast<char>(original.bytes()[at] ^ (1 << bit));
                   try {
                     const bool opened_too = (at / slices * 8 + bit) % opened_every == 0;
                     require_recovers(original, damaged, expected, opened_too, counts);
                   } catch (const std::exception& problem) {
                     throw model::mismatch("bit " + std::to_string(bit) + " of byte " +
                                           std::to_string(at) + " flipped: " + problem.what());
                   }
                 }
                 damaged[at] = original.bytes()[at];
                 counts.add("bits", 8);
               }
             });
}
