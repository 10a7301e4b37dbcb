/// A comment says behind.
///
///     code.behind();
///
/// But `behind` is code.
const char* const text = "// beside, in a string";
const char* const raw = R"x(
// beside, in a raw string
)x";
int behind = 1'000;  // he is a thread
/* A comment of
   several lines goes on. */
int after = '"';  // beside
char next_to;     ///< colour
