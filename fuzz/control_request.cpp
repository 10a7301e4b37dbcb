// Parses any bytes as the input of a control socket. They are refused, or result in requests, which
// are the same in whatever pieces the bytes arrive. Each request is answered with values that a
// client can read.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <buntdb/database.hpp>
#include <buntstore/internal/ascii.hpp>

#include "commands/built_in.hpp"
#include "commands/command_table.hpp"
#include "conversation.hpp"
#include "live/reply_parser.hpp"
#include "require.hpp"
#include "resp/request_parser.hpp"

using buntstore::fuzz::require;
using namespace buntdb::control;

namespace {

constexpr std::size_t max_request_bytes = 4096;

/// Returns the requests in the bytes, up to the first error.
std::vector<std::vector<std::string>> requests_in(std::string_view bytes, std::size_t piece) {
  request_parser parser(max_request_bytes);
  std::vector<std::vector<std::string>> found;
  try {
    while (!bytes.empty()) {
      std::string_view input = bytes.substr(0, piece);
      bytes.remove_prefix(input.size());
      while (!input.empty()) {
        if (auto request = parser.take(input)) found.push_back(std::move(*request));
        require(parser.held_bytes() <=
                    max_request_bytes + request_parser::max_arguments * sizeof(std::string),
                "an unfinished request has more memory than it may");
      }
    }
  } catch (const protocol_error&) {  // requests before this count
  }
  return found;
}

/// Collects the answers as bytes.
class answers final : public client_reply {
 public:
  void flush() override {}
  std::size_t written() const noexcept override { return bytes.size(); }
  bool is_abandoned() noexcept override { return true; }

  std::string bytes;

 protected:
  void write(std::string_view more) override { bytes += more; }
};

void require_an_answer(const std::vector<std::string>& request, conversation& with) {
  // It would write to a path that the request chooses.
  if (buntstore::text::equals_ignoring_case(request[0], "save")) return;
  answers to;
  with.answer(request, to);
  reply_parser parser;
  std::string_view input = to.bytes;
  int values = 0;
  while (!input.empty())
    if (parser.take(input)) ++values;
  require(values == 1, "a request has not one answer");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto requests = requests_in(bytes, bytes.size());
  require(requests == requests_in(bytes, 1), "pieces make another request");
  if (requests.empty()) return 0;
  buntdb::database db = buntdb::database::in_memory();
  db.set("a", "1");
  db.set("b", "[1 2]");
  command_table commands;
  commands.add(built_in_commands({.db = db,
                                  .file = "app.db",
                                  .write_timeout = std::chrono::milliseconds(10),
                                  .commands = commands}));
  conversation with(commands);
  for (const auto& request : requests)
    require_an_answer(request, with);
  return 0;
}
