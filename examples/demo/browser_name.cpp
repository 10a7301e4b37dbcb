#include "browser_name.hpp"

#include <array>

namespace {

struct sign {
  std::string_view part;
  std::string_view name;
};

// In this order: Edge says that it is Chrome, Chrome that it is Safari, Android that
// it is Linux.
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
