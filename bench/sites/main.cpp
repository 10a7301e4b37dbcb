// bench_sites: what sites have to bear: sessions with users, a few sessions that get most of the
// requests, and work in the background. See --help.

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>

#include <CLI/CLI.hpp>

#include "harness/temporary_folder.hpp"
#include "sites/sites.hpp"

namespace {

void run(const std::string& what, const bench::sites::options& options) {
  if (what == "all" || what == "users") measure_users(options);
  if (what == "all" || what == "skew") measure_skew(options);
  if (what == "all" || what == "stalls") measure_stalls(options);
}

}  // namespace

double bench::sites::median(std::vector<double> figures) {
  std::sort(figures.begin(), figures.end());
  return figures[figures.size() / 2];
}

std::string bench::sites::id_text(std::uint64_t number) {
  constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  constexpr int hash_size = 43;
  std::string text = "h:";
  for (int i = 0; i < hash_size; ++i) {
    number = number * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
    text += digits[number >> 58U];
  }
  return text;
}

int main(int argc, char** argv) {
  try {
    CLI::App app("What sites have: sessions with users, skewed access, work in the background.");
    bench::sites::options options;
    std::string what = "all";
    std::string folder;
    std::string label;
    app.add_option("--what", what, "users, skew, stalls or all")
        ->check(CLI::IsMember({"all", "users", "skew", "stalls"}));
    app.add_option("--sessions", options.sessions, "how many sessions there are");
    app.add_option("--repeat", options.rounds, "rounds, of which the median counts");
    app.add_option("--seconds", options.seconds, "how long each background activity is watched");
    app.add_option("--folder", folder, "where to make a new folder for the files");
    app.add_option("--label", label, "the state that is measured: printed first");
    app.add_flag("--quick", options.quick, "does it run? The figures mean nothing");
    CLI11_PARSE(app, argc, argv);
    if (options.quick) {
      options.sessions = 1000;
      options.rounds = 2;
      options.seconds = 0.2;
    }
    if (!label.empty()) std::printf("%s\n", label.c_str());
    const bench::temporary_folder own(folder.empty() ? std::filesystem::temp_directory_path()
                                                     : std::filesystem::path(folder));
    options.folder = own.path();
    run(what, options);
    return 0;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "bench_sites: %s\n", failure.what());
    return 1;
  }
}
