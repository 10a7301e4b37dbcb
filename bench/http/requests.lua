-- For wrk. $COOKIES is a file of Cookie headers, which the requests use in turn; empty: none.
-- If $REOPEN is not empty, each request asks the server to close the connection.

local requests = {}
local next_one = 0

local function headers(cookie)
  local all = {}
  if cookie then all.Cookie = cookie end
  if os.getenv("REOPEN") ~= "" then all.Connection = "close" end
  return all
end

function init()
  local file = os.getenv("COOKIES")
  if file == "" then
    requests = { wrk.format(nil, nil, headers()) }
    return
  end
  for cookie in io.lines(file) do
    requests[#requests + 1] = wrk.format(nil, nil, headers(cookie))
  end
end

function request()
  next_one = next_one % #requests + 1
  return requests[next_one]
end

-- One line for the program that reads it: requests, microseconds, p50, p99 and p99.9 in
-- microseconds, answers other than 2xx, errors.
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), latency:percentile(99.9), errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
