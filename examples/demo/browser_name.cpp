#include "browser_name.hpp"

#include <array>

namespace {

struct sign {
  std::string_view part;
  std::string_view name;
};

// The order matters: Edge claims to be Chrome, Chrome claims to be Safari, and
// Android claims to be Linux.
constexpr std::array<sign, 8> browsers{{{"Edg", "Edge"},
                                        {"OPR/", "Opera"},
                                        {"Firefox/", "Firefox"},
                                        {"FxiOS/", "Firefox"},
                                        {"Chrome/", "Chrome"},
                                        {"CriOS/", "Chrome"},
                                        {"Safari/", "Safari"},
                                        {"curl/", "curl"}}};
constexpr std::array<sign, 7> systems{{{"Android", "Android"},
                                       {"iPhone", "an iPhone"},
                                       {"iPad", "an iPad"},
                                       {"Windows", "Windows"},
                                       {"Mac OS X", "a Mac"},
                                       {"CrOS", "ChromeOS"},
                                       {"Linux", "Linux"}}};

template <std::size_t Size>
std::string_view first_sign(const std::array<sign, Size>& signs,
                            std::string_view text) {
  for (const sign& sign : signs) {
    if (text.find(sign.part) != std::string_view::npos) return sign.name;
  }
  return {};
}

}  // namespace

std::string browser_name(std::string_view user_agent) {
  std::string_view name = first_sign(browsers, user_agent);
  if (name.empty()) name = "An unknown browser";
  const std::string_view system = first_sign(systems, user_agent);
  return std::string(name) + (system.empty() ? "" : " on " + std::string(system));
}
