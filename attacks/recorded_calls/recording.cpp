#include "recorded_calls/recording.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <fstream>
#include <optional>
#include <string_view>

#include <sys/wait.h>

#include "model/mismatch.hpp"
#include "support/command.hpp"
#include "support/run.hpp"
#include "temporary_folder.hpp"

namespace buntdb::attacks {

namespace {

using model::require;
using kind = recorded_call::kind;

constexpr const char* traced = "openat,write,pwrite64,ftruncate,fdatasync,fsync,rename,unlink";

/// AddressSanitizer's leak detection traces the process, which strace already does.
constexpr const char* no_leaks = "ASAN_OPTIONS=detect_leaks=0";

int digit_of(char c) {
  return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/// One line of strace -y -xx: NAME(ARGUMENTS) = RESULT. Every text in it is \xNN, in quotes or, if
/// it is the name of a descriptor's file, in angle brackets.
class line_reader {
 public:
  explicit line_reader(std::string_view line) : line_(line) {}

  std::string_view name() const { return line_.substr(0, std::min(line_.find('('), line_.size())); }

  /// Returns the next text between these characters.
  std::optional<std::string> text(char open, char close) {
    const std::size_t begin = line_.find(open, at_);
    if (begin == std::string_view::npos) return std::nullopt;
    const std::size_t end = line_.find(close, begin + 1);
    if (end == std::string_view::npos) return std::nullopt;
    at_ = end + 1;
    return decoded(line_.substr(begin + 1, end - begin - 1));
  }

  /// Returns the numbers between the texts that were read and the end, separated by commas; the
  /// result is the last one.
  std::vector<std::int64_t> numbers() const {
    std::vector<std::int64_t> found;
    for (std::size_t i = at_; i < line_.size(); ++i) {
      if (line_[i] != ' ' || i + 1 == line_.size()) continue;
      std::int64_t number = 0;
      const char* const end = line_.data() + line_.size();
      if (std::from_chars(line_.data() + i + 1, end, number).ec == std::errc()) {
        found.push_back(number);
      }
    }
    return found;
  }

  bool is_of_a_removed_file() const { return line_.substr(at_).starts_with("(deleted)"); }
  bool has(std::string_view word) const { return line_.find(word, at_) != std::string_view::npos; }

 private:
  static std::string decoded(std::string_view text) {
    std::string bytes;
    for (std::size_t i = 0; i + 3 < text.size() && text[i] == '\\' && text[i + 1] == 'x'; i += 4) {
      bytes += static_cast<char>(16 * digit_of(text[i + 2]) + digit_of(text[i + 3]));
    }
    require(bytes.size() * 4 == text.size(), "strace writes a text otherwise than expected");
    return bytes;
  }

  std::string_view line_;
  std::size_t at_ = 0;
};

/// Returns nothing for a call that failed or that changes nothing.
std::optional<recorded_call> read_named(line_reader& line, kind what) {
  recorded_call call{.what = what, .path = {}, .to = {}, .bytes = {}};
  call.path = line.text('"', '"').value_or("");
  if (what == kind::create && !line.has("O_CREAT")) return std::nullopt;
  if (what == kind::rename) call.to = line.text('"', '"').value_or("");
  const auto numbers = line.numbers();
  if (line.has("= -1") || (what != kind::create && (numbers.empty() || numbers.back() != 0))) {
    return std::nullopt;
  }
  return call;
}

std::optional<recorded_call> read_of_descriptor(line_reader& line, kind what) {
  recorded_call call{.what = what, .path = {}, .to = {}, .bytes = {}};
  call.path = line.text('<', '>').value_or("");
  if (line.is_of_a_removed_file()) return std::nullopt;
  if (what == kind::write) call.bytes = line.text('"', '"').value_or("");
  const std::vector<std::int64_t> numbers = line.numbers();
  if (numbers.empty() || numbers.back() < 0) return std::nullopt;
  if (what == kind::truncate) call.offset = static_cast<std::uint64_t>(numbers.front());
  if (what == kind::write) {  // SIZE, OFFSET) = WRITTEN
    require(numbers.size() == 3, "strace writes pwrite64 otherwise than expected");
    call.offset = static_cast<std::uint64_t>(numbers[1]);
    call.bytes.resize(static_cast<std::size_t>(numbers[2]));
  }
  return call;
}

std::optional<recorded_call> read_call(const std::string& text) {
  line_reader line(text);
  const std::string_view name = line.name();
  if (name == "openat") {
    line.text('<', '>');  // the folder in which a relative name would begin
    return read_named(line, kind::create);
  }
  if (name == "rename") return read_named(line, kind::rename);
  if (name == "unlink") return read_named(line, kind::remove);
  if (name == "pwrite64") return read_of_descriptor(line, kind::write);
  if (name == "ftruncate") return read_of_descriptor(line, kind::truncate);
  if (name == "fdatasync" || name == "fsync") return read_of_descriptor(line, kind::sync);
  if (name == "write" && text.starts_with("write(1<")) {
    line.text('<', '>');
    return recorded_call{
        .what = kind::said, .path = {}, .to = {}, .bytes = line.text('"', '"').value_or("")};
  }
  return std::nullopt;
}

}  // namespace

std::vector<recorded_call> record(const std::string& folder,
                                  const std::vector<std::string>& words) {
  const buntstore::testing::temporary_folder logs;
  const std::string log = logs.file("log");
  std::vector<std::string> traced_words{"strace",
                                        "-E",
                                        no_leaks,
                                        "-y",
                                        "-xx",
                                        "-s",
                                        "1000000000",
                                        "-o",
                                        log,
                                        "-e",
                                        std::string("trace=") + traced};
  traced_words.insert(traced_words.end(), words.begin(), words.end());
  const command_result ended = run_command(traced_words);
  std::ifstream lines(log);
  std::vector<recorded_call> calls;
  std::size_t seen = 0;
  for (std::string line; std::getline(lines, line); ++seen) {
    std::optional<recorded_call> call = read_call(line);
    if (!call) continue;
    if (call->what == kind::sync && call->path == folder) call->what = kind::sync_folder;
    const bool is_ours = call->path.starts_with(folder) || call->what == kind::said;
    if (is_ours) calls.push_back(*std::move(call));
  }
  if (seen < 2) {
    throw skipped(
        "strace is not there, or may not trace (apt-get install strace; in a container, the right "
        "to ptrace)");
  }
  require(WIFEXITED(ended.status) && WEXITSTATUS(ended.status) == 0,
          "the recorded process failed with status " + std::to_string(ended.status));
  return calls;
}

}  // namespace buntdb::attacks
