#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "process.hpp"

/// curl with a cookie jar, as in the README.
class browser {
 public:
  /// Keeps its cookie jar in this folder.
  explicit browser(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Returns the body at this path, or "curl: …" if there was no response with a 2xx status.
  std::string get(int port, const std::string& path) {
    process curl({"curl", "--silent", "--show-error", "--fail", "--max-time", "10", "--cookie",
                  "jar", "--cookie-jar", "jar", "http://127.0.0.1:" + std::to_string(port) + path},
                 folder_);
    const int status = curl.wait();
    return status == 0 ? curl.output() : "curl: " + std::to_string(status) + " " + curl.errors();
  }

 private:
  std::filesystem::path folder_;
};
