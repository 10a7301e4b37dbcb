#include "http/driver/loads.hpp"

#include <utility>

namespace bench::http {

namespace {

const char* text_of(cookies used) {
  switch (used) {
    case cookies::none:
      return "no cookie";
    case cookies::one:
      return "one session";
    case cookies::many:
      return "many sessions";
  }
  return "";
}

}  // namespace

std::vector<load> all_loads() {
  std::vector<load> all;
  for (const auto& [path, used] :
       {std::pair{"/get", cookies::one}, std::pair{"/get", cookies::many},
        std::pair{"/put", cookies::one}, std::pair{"/put", cookies::many},
        std::pair{"/put", cookies::none}}) {
    for (const std::size_t connections : {1U, 32U, 256U})
      all.push_back({.path = path, .cookies = used, .connections = connections});
    all.push_back({.path = path, .cookies = used, .connections = 32, .reopen = true});
  }
  const load even{
      .path = "/get", .cookies = cookies::many, .connections = 256, .made_by = load_program::own};
  all.push_back(even);
  load beside_idle = even;
  beside_idle.connections = 32;
  beside_idle.idle_connections = 256;
  all.push_back(beside_idle);
  return all;
}

std::string name_of(const load& load) {
  std::string name = load.path + ", " + text_of(load.cookies) + ", " +
                     std::to_string(load.connections) +
                     (load.connections == 1 ? " connection" : " connections");
  if (load.reopen) name += ", a new one for each request";
  if (load.idle_connections > 0)
    name += " beside " + std::to_string(load.idle_connections) + " idle ones";
  if (load.made_by == load_program::own) name += ", by bench_http_load";
  return name;
}

std::string workload_of(const load& load, std::string_view figure) {
  return name_of(load) + ": " + std::string(figure);
}

}  // namespace bench::http
