#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace scs::stores::redis_detail {

/// Appends the header of a command of this many words; the words follow it. The protocol is RESP.
void append_command_header(std::string& out, std::size_t words);
void append_word(std::string& out, std::string_view word);

/// Appends a whole command.
void append_command(std::string& out, std::initializer_list<std::string_view> words);

}  // namespace scs::stores::redis_detail
