#include <algorithm>
#include <string>

#include <buntdb/control_command.hpp>
#include <buntstore/internal/printable.hpp>

namespace buntdb {

void control_reply::line(char kind, std::string_view rest) {
  std::string text(1, kind);
  text.append(rest).append("\r\n");
  write(text);
}

void control_reply::status(std::string_view text) {
  line('+', buntstore::text::escaped(text));
}

void control_reply::error(std::string_view code, std::string_view message) {
  std::string text(code);
  text.append(1, ' ').append(buntstore::text::escaped(message));
  line('-', text);
}

void control_reply::integer(std::int64_t number) {
  line(':', std::to_string(number));
}

void control_reply::text(std::string_view bytes) {
  line('$', std::to_string(bytes.size()));
  write(bytes);
  write("\r\n");
}

void control_reply::null() {
  line('$', "-1");
}

void control_reply::array(std::size_t count) {
  line('*', std::to_string(count));
}

}  // namespace buntdb
