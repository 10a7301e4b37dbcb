#pragma once

#include <initializer_list>
#include <string_view>

// What the build embeds in the program. embed.cmake writes the definitions.

/// A file in assets/.
struct embedded_asset {
  std::string_view name;
  /// Changes whenever the text changes.
  std::string_view version;
  std::string_view text;
};
extern const std::initializer_list<embedded_asset> embedded_assets;

/// A region of a source, as it was compiled.
struct embedded_code {
  std::string_view name;
  std::string_view file;
  std::string_view text;
};
extern const std::initializer_list<embedded_code> embedded_codes;
