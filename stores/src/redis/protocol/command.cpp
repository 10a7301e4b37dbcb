#include "redis/protocol/command.hpp"

#include <array>
#include <charconv>

namespace scs::stores::redis_detail {

namespace {

void append_size(std::string& out, char kind, std::size_t size) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), size).ptr;
  out += kind;
  out.append(digits.data(), end);
  out += "\r\n";
}

}  // namespace

void append_command_header(std::string& out, std::size_t words) {
  append_size(out, '*', words);
}

void append_word(std::string& out, std::string_view word) {
  append_size(out, '$', word.size());
  out.append(word).append("\r\n");
}

void append_command(std::string& out, std::initializer_list<std::string_view> words) {
  append_command_header(out, words.size());
  for (const std::string_view word : words)
    append_word(out, word);
}

}  // namespace scs::stores::redis_detail
