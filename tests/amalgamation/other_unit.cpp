#include <memory>
#include <string>

#include "everything.hpp"

std::string begin_session(buntdb::database& db, const std::string& value);

std::string begin_session(buntdb::database& db, const std::string& value) {
  scs::session_manager sessions{std::make_unique<scs::stores::bunt>(db),
                                {.cookie = {.secure = false}}};
  scs::session session = sessions.load("");
  session.put("value", value);
  for (const scs::header& header : sessions.commit(session)) {
    if (header.name == "Set-Cookie") return header.value.substr(0, header.value.find(';'));
  }
  return "";
}
