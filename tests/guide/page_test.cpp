// Checks that a page's C++ was compiled and run: each ```cpp block follows a line `<!-- snippet:
// NAME -->` and equals the snippet with that name, without its common indentation.

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace {

std::vector<std::string> lines_of(const std::string& file) {
  std::ifstream in{file};
  EXPECT_TRUE(in) << file;
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);)
    lines.push_back(line);
  return lines;
}

std::string joined(std::vector<std::string> lines) {
  std::size_t indentation = std::string::npos;
  for (const std::string& line : lines) {
    if (!line.empty()) indentation = std::min(indentation, line.find_first_not_of(' '));
  }
  std::string text;
  for (const std::string& line : lines)
    text += (line.empty() ? "" : line.substr(indentation)) + "\n";
  return text;
}

std::map<std::string, std::string> snippets_of(const std::string& file) {
  std::map<std::string, std::string> snippets;
  std::string name;
  std::vector<std::string> lines;
  for (const std::string& line : lines_of(file)) {
    const std::size_t begin = line.find_first_not_of(' ');
    const std::string text = begin == std::string::npos ? "" : line.substr(begin);
    if (text.starts_with("// [/") && text.ends_with("]")) {
      EXPECT_EQ(text, "// [/" + name + "]");
      EXPECT_TRUE(snippets.emplace(name, joined(lines)).second) << name << " is there twice";
      name.clear();
      lines.clear();
    } else if (text.starts_with("// [") && text.ends_with("]")) {
      EXPECT_EQ(name, "") << "not closed";
      name = text.substr(4, text.size() - 5);
    } else if (!name.empty()) {
      lines.push_back(line);
    }
  }
  EXPECT_EQ(name, "") << "not closed";
  return snippets;
}

TEST(page, shows_only_code_that_was_compiled_and_run) {
  auto snippets = snippets_of(GUIDE_SOURCE);
#ifdef GUIDE_OTHER_SOURCE
  snippets.merge(snippets_of(GUIDE_OTHER_SOURCE));
#endif
#ifdef GUIDE_THIRD_SOURCE
  snippets.merge(snippets_of(GUIDE_THIRD_SOURCE));
#endif
  ASSERT_FALSE(snippets.empty());
  std::set<std::string> shown;
  std::string name, last;
  std::vector<std::string> block;
  bool inside = false;
  for (const std::string& line : lines_of(GUIDE_PAGE)) {
    if (inside && line == "```") {
      inside = false;
      const auto found = snippets.find(name);
      if (found == snippets.end()) {
        ADD_FAILURE() << "no snippet is called \"" << name << "\":\n" << joined(block);
      } else {
        EXPECT_EQ(joined(block), found->second) << name;
        shown.insert(name);
      }
      name.clear();
      block.clear();
    } else if (inside) {
      block.push_back(line);
    } else if (line == "```cpp") {
      inside = true;
      const std::string before = "<!-- snippet: ";
      if (last.starts_with(before))
        name = last.substr(before.size(), last.find(" -->") - before.size());
    }
    last = line;
  }
  EXPECT_FALSE(inside);
  for (const auto& [unused, text] : snippets)
    EXPECT_TRUE(shown.contains(unused)) << unused << " is not on the page";
}

}  // namespace
