#include "harness/machine.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>
#include <utility>

#include <gnu/libc-version.h>
#include <sys/statfs.h>
#include <sys/times.h>
#include <sys/utsname.h>

namespace bench {

namespace {

std::string cpu_model() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

std::string first_line(const char* path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

std::string file_system_of(const std::filesystem::path& folder) {
  struct statfs status {};
  if (statfs(folder.c_str(), &status) != 0) return "unknown";
  switch (static_cast<unsigned long>(status.f_type)) {
    case 0xEF53:
      return "ext4";
    case 0x01021994:
      return "tmpfs (no disk: what syncs costs nothing)";
    case 0x58465342:
      return "xfs";
    case 0x9123683E:
      return "btrfs";
    case 0x794C7630:
      return "overlayfs";
    default: {
      std::ostringstream text;
      text << "type 0x" << std::hex << status.f_type;
      return text.str();
    }
  }
}

std::string memory_total() {
  std::ifstream in("/proc/meminfo");
  std::string name;
  std::uint64_t kib = 0;
  in >> name >> kib;
  return std::to_string(kib >> 10U) + " MiB";
}

/// Returns the version that the system's package manager reports, so that peers in other languages
/// have one, too.
std::string package_version(const std::string& package) {
  const std::string command = "dpkg-query -W -f '${Version}' " + package + " 2>/dev/null";
  std::string text;
  if (FILE* pipe = popen(command.c_str(), "re")) {
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe))
      text += static_cast<char>(c);
    pclose(pipe);
  }
  return text.empty() ? "unknown" : text;
}

std::string kernel() {
  utsname names{};
  uname(&names);
  return std::string(names.sysname) + " " + names.release;
}

}  // namespace

facts describe_machine(const std::filesystem::path& folder, const std::string& label,
                       const facts& packages) {
  facts all;
  if (!label.empty()) all.emplace_back("state", label);
  all.emplace_back("CPU", cpu_model());
  all.emplace_back("cores", std::to_string(std::thread::hardware_concurrency()));
  all.emplace_back("memory", memory_total());
  all.emplace_back("kernel", kernel());
  all.emplace_back("huge pages", first_line("/sys/kernel/mm/transparent_hugepage/enabled"));
#ifdef __clang__
  all.emplace_back("compiler", __VERSION__);
#else
  all.emplace_back("compiler", "g++ " __VERSION__);
#endif
#ifdef NDEBUG
  all.emplace_back("assertions", "off");
#else
  all.emplace_back("assertions", "ON: this is no release build, the figures mean nothing");
#endif
  all.emplace_back("glibc", gnu_get_libc_version());
  for (const auto& [name, package] : packages)
    all.emplace_back(name, package_version(package));
  all.emplace_back("files in", folder.string());
  all.emplace_back("file system", file_system_of(folder));
  return all;
}

other_work::ticks other_work::cores_now() {
  ticks now;
  std::ifstream in("/proc/stat");
  std::string name;
  in >> name;
  constexpr int idle = 3;  // the next one is waiting for the disk
  constexpr int fields = 8;
  for (int i = 0; i < fields; ++i) {
    double value = 0;
    in >> value;
    now.all += value;
    if (i != idle && i != idle + 1) now.busy += value;
  }
  tms own{};
  times(&own);
  now.own = static_cast<double>(own.tms_utime + own.tms_stime + own.tms_cutime + own.tms_cstime);
  return now;
}

std::string other_work::so_far() const {
  const ticks now = cores_now();
  const double all = now.all - before_.all;
  if (all <= 0) return "unknown";
  const double others = (now.busy - before_.busy) - (now.own - before_.own);
  return std::to_string(std::lround(100 * std::max(0.0, others) / all)) +
         " % of the cores, while this ran";
}

}  // namespace bench
