// A file of 64 KiB, cut, zeroed or turned into garbage from each of its bytes on: 196,608 cases.
#include <cstdint>
#include <exception>
#include <string>

#include "every/marked_file.hpp"
#include "every/slices.hpp"
#include "model/mismatch.hpp"
#include "model/random_source.hpp"
#include "support/run.hpp"

namespace {

using namespace buntdb;
using namespace buntdb::attacks;
using verdict = expectation::verdict;

constexpr std::uint64_t opened_every = 8;

std::string make_noise(std::uint64_t seed) {
  model::random_source random(seed);
  std::string noise;
  while (noise.size() < marked_file::size)
    noise += static_cast<char>(random.below(256));
  return noise;
}

void attack_from(const marked_file& original, std::uint64_t offset, const std::string& noise,
                 figures& counts) {
  const std::size_t whole = original.whole_before(offset);
  const std::uint64_t end = whole == 0 ? 0 : original.pieces()[whole - 1].end;
  const bool between = offset == end;
  const bool opened_too = offset / slices % opened_every == 0;
  const std::string before = original.bytes().substr(0, offset);
  std::string garbage = noise.substr(offset);
  garbage[0] = static_cast<char>(original.bytes()[offset] ^ static_cast<char>(1 + offset % 255));
  // The file's first marker is on disk before anything else is written, so no power cut damages it.
  const bool in_first_marker = offset < original.pieces()[0].end;
  const struct {
    const char* how;
    std::string bytes;
    verdict what;
    bool may_look_foreign = false;  // a whole command of a torn batch, or of another program
  } cases[] = {
      {"cut", before, between ? verdict::harmless : verdict::cut, true},
      {"zeroed", before + std::string(marked_file::size - offset, '\0'),
       between           ? verdict::harmless
       : in_first_marker ? verdict::refused
                         : verdict::cut},
      {"garbage", before + garbage, in_first_marker ? verdict::refused : verdict::cut},
  };
  for (const auto& each : cases) {
    try {
      require_recovers(original, each.bytes, {each.what, whole, each.may_look_foreign}, opened_too,
                       counts);
      counts.add("cases");
    } catch (const std::exception& problem) {
      throw model::mismatch(std::string(each.how) + " from byte " + std::to_string(offset) +
                            " on: " + problem.what());
    }
  }
}

}  // namespace

int main(int count, char** words) {
  return run(count, words,
             {.name = "every_byte",
              .about = "a 64 KiB file cut, zeroed or garbage from each byte on (32 rounds: all)",
              .default_rounds = slices,
              .parallel = true},
             [](std::uint64_t seed, figures& counts) {
               const marked_file original(file_of(seed));
               const std::string noise = make_noise(seed);
               for (std::uint64_t at = slice_of(seed); at < marked_file::size; at += slices)
                 attack_from(original, at, noise, counts);
             });
}
