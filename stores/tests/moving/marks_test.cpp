#include "moving/marks.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <scs/store/watermark.hpp>
#include <scs/token.hpp>

namespace scs::stores::marks {

namespace {

TEST(moving_marks, are_read_as_they_were_written) {
  const std::string move = new_move();
  EXPECT_NE(move, new_move());
  for (const std::string& user : {std::string{}, std::string{"tom"}, std::string{"a:b\0c", 5}}) {
    for (const std::string& payload : {std::string{}, std::string{"{}"}, std::string{":\0:", 3}}) {
      const std::string text = moved(move, user, payload);
      const reading found = read(std::string_view{text});
      EXPECT_EQ(found.what, kind::moved);
      EXPECT_EQ(found.move, move);
      EXPECT_EQ(found.user, user);
      EXPECT_EQ(found.payload, payload);
    }
  }
  for (const session_id& id : {token::generate().id(), watermark_id("tom")}) {
    const std::string text = arriving(id, move);
    EXPECT_EQ(read(std::string_view{text}).what, kind::arriving);
    EXPECT_EQ(read(std::string_view{text}).move, move);
  }
  EXPECT_EQ(read(std::nullopt).what, kind::absent);
}

TEST(moving_marks, are_not_found_in_payloads) {
  const std::string whole = moved(new_move(), "tom", "{}");
  const std::size_t head = whole.size() - std::string_view{"tom{}"}.size();
  for (std::size_t size = 0; size < head + 3; ++size) {
    const std::string cut = whole.substr(0, size);
    EXPECT_EQ(read(std::string_view{cut}).what, kind::session) << size;
    EXPECT_EQ(read(std::string_view{cut}).payload, cut);
  }
  const session_id id = token::generate().id(), watermark = watermark_id("tom");
  for (const std::string& text :
       {std::string{R"({"data":{},"deadline":1})"}, arriving(id, new_move()) + "x",
        arriving(id, "short"), arriving(watermark, new_move()) + " ", arriving(watermark, "short"),
        "\2scs-moved:" + new_move() + ":-1:", "\2scs-moved:" + new_move() + ":9:tom"}) {
    EXPECT_EQ(read(std::string_view{text}).what, kind::session) << text;
  }
}

}  // namespace

}  // namespace scs::stores::marks
