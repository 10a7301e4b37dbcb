// Messages that are shown once. They are stored as an array of strings, alternately text and kind.
// With gob_codec that is a []string, which every program in Go can read.

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <scs/value.hpp>

#include "payload/json_scanner.hpp"
#include "session/session_state.hpp"

namespace scs::detail {

namespace {

/// Anything else than such an array, perhaps written by another program, contains no messages.
std::vector<flash_message> messages_of(std::string_view json) {
  std::vector<std::string> texts;
  json_scanner in{json};
  const bool is_list = in.take_array([&] {
    json_string text;
    if (!in.take_string(text)) return false;
    texts.push_back(string_of_json(text.json).value_or(""));
    return true;
  });
  std::vector<flash_message> messages;
  if (!is_list) return messages;
  for (std::size_t i = 0; i + 1 < texts.size(); i += 2)
    messages.push_back({std::move(texts[i]), std::move(texts[i + 1])});
  return messages;
}

std::string json_of(const std::vector<flash_message>& messages) {
  std::string json;
  for (const flash_message& each : messages) {
    json += json.empty() ? '[' : ',';
    json.append(json_of_string(each.text)).append(1, ',').append(json_of_string(each.kind));
  }
  return json + ']';
}

/// Drops the oldest messages beyond the limit.
void limit(std::vector<flash_message>& messages) {
  if (messages.size() <= session::max_flashes) return;
  messages.erase(messages.begin(),
                 messages.end() - static_cast<std::ptrdiff_t>(session::max_flashes));
}

/// Erases the first equal message, if there is one.
void erase_first(std::vector<flash_message>& messages, const flash_message& wanted) {
  const auto found = std::find_if(messages.begin(), messages.end(), [&](const auto& each) {
    return each.text == wanted.text && each.kind == wanted.kind;
  });
  if (found != messages.end()) messages.erase(found);
}

}  // namespace

void session_data::flash(flash_message message) {
  request_changes::flash_changes made;
  if (changes.flashes() != nullptr) made = *changes.flashes();
  std::vector<flash_message> messages;
  if (const auto json = find(session::flash_key)) messages = messages_of(*json);
  messages.push_back(message);
  made.added.push_back(std::move(message));
  limit(messages);
  limit(made.added);
  put(session::flash_key, json_of(messages));
  changes.set_flashes(std::move(made));
}

std::vector<flash_message> session_data::take_flashes() {
  const auto json = find(session::flash_key);
  if (!json) return {};
  std::vector<flash_message> messages = messages_of(*json);
  request_changes::flash_changes made;
  if (changes.flashes() != nullptr) made = *changes.flashes();
  // The messages that the request has added are last.
  const std::size_t own = std::min(made.added.size(), messages.size());
  made.shown.insert(made.shown.end(), messages.begin(),
                    messages.end() - static_cast<std::ptrdiff_t>(own));
  made.added.clear();
  changes.set(session::flash_key, std::nullopt);
  changes.set_flashes(std::move(made));
  return messages;
}

void session_data::reapply_flashes() {
  if (changes.flashes() == nullptr) return;
  request_changes::flash_changes made = *changes.flashes();
  std::vector<flash_message> messages;
  if (const auto json = find_stored(session::flash_key)) messages = messages_of(*json);
  for (const flash_message& each : made.shown)
    erase_first(messages, each);
  messages.insert(messages.end(), made.added.begin(), made.added.end());
  limit(messages);
  changes.set(session::flash_key,
              messages.empty() ? std::nullopt : std::optional(json_of(messages)));
  changes.set_flashes(std::move(made));
}

void session_state::flash(std::string_view text, std::string_view kind) {
  use();
  data_.flash({std::string{text}, std::string{kind}});
  ++change_count_;
}

std::vector<flash_message> session_state::flashes() {
  use();
  if (!data_.find(session::flash_key)) return {};
  ++change_count_;
  return data_.take_flashes();
}

}  // namespace scs::detail
