// Cuts the power at every call of a random history on the simulated disk, and checks how a database
// recovers.
#include "power_cut/rounds.hpp"
#include "support/run.hpp"

int main(int count, char** words) {
  using namespace buntdb::attacks;
  return run(count, words,
             {.name = "power_cut",
              .about = "a simulated power cut at every call of a random history",
              .default_rounds = 40,
              .parallel = true},
             [](std::uint64_t seed, figures& counts) {
               if (seed % 4 == 3) {
                 several_writers(seed, counts);
               } else if (seed % 8 == 1) {
                 old_files(seed, counts);
               } else {
                 one_writer(seed, counts);
               }
             });
}
