#pragma once

#include <string>

#include "embedded.hpp"

/// A region of the sources as HTML: a figure with the file's name, comments and
/// strings marked.
std::string code_figure(const embedded_code& region);
