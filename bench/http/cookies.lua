-- For wrk: each request sends the next of the Cookie headers in the file $COOKIES.

local requests = {}
local next_one = 0

function init()
  for cookie in io.lines(os.getenv("COOKIES")) do
    requests[#requests + 1] = wrk.format(nil, nil, { Cookie = cookie })
  end
end

function request()
  next_one = next_one % #requests + 1
  return requests[next_one]
end

-- One line for the script that reads it: requests, microseconds, answers other than 2xx, errors.
function done(summary)
  local errors = summary.errors
  io.write(string.format("RESULT %d %d %d %d\n", summary.requests, summary.duration, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
