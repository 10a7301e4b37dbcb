#pragma once

/// How keys and values are written in arguments and in output.
enum class spelling { as_they_are, base64 };
