#pragma once

#include <string>

#include "embedded.hpp"

/// Returns a region of the sources as HTML: a figure with the file's name and with
/// highlighted comments and strings.
std::string code_figure(const embedded_code& region);
