# shellcheck shell=bash disable=SC2154,SC2119,SC2120
# Functions for the hidden lines of docs/operate.md: they cause the situation of a section. Sourced by
# `page`, in the folder that stands for /var/lib/site, with $work, $port and $redis_port.

site_log=$work/var/lib/site.log

start_site() {
  [ -z "$site" ] || { echo "the server is running"; return 1; }
  : >"$site_log"
  site "$@" >"$site_log" 2>&1 &
  site=$!
  disown
  wait_for_site
}
wait_for_site() {
  local i
  for ((i = 0; i < 300; i++)); do
    ! grep -q '^Serving on' "$site_log" || return 0
    kill -0 "$site" 2>/dev/null || break
    sleep 0.1
  done
  cat "$site_log"
  return 1
}
# stop_site [SIGNAL]
stop_site() {
  [ -z "$site" ] || kill "${1:--TERM}" "$site" 2>/dev/null
  while [ -n "$site" ] && kill -0 "$site" 2>/dev/null; do sleep 0.05; done
  site=
}

# wait_for_log TEXT
wait_for_log() {
  local i
  for ((i = 0; i < 300; i++)); do
    ! grep -q -- "$1" "$site_log" || return 0
    sleep 0.1
  done
  return 1
}
# Waits until no process listens on the port.
wait_for_end_of() {
  while (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; do sleep 0.05; done
}

# status PATH [CURL_OPTION...]: prints the answer's status.
status() {
  local path=$1
  shift
  curl -sS -o /dev/null -w '%{http_code}' "$@" "http://127.0.0.1:$port$path"
}
# put_sessions N: begins this many sessions.
put_sessions() {
  local i
  for ((i = 0; i < $1; i++)); do status /put >/dev/null; done
}
# put_until STATUS
put_until() {
  local i
  for ((i = 0; i < 2000; i++)); do
    [ "$(status /put)" != "$1" ] || return 0
  done
  return 1
}

fresh_file() {
  stop_site
  rm -f sessions.db* moved.db jar
}

# Makes the folder a file system of 200 KiB, until leave_small_disk.
small_disk() {
  mount -t tmpfs -o size=200k none "$work/var/lib/site" && cd "$work/var/lib/site" || return 1
}
fill_disk() {
  dd if=/dev/zero of=ballast bs=1k count=150 2>/dev/null
  put_until 503
}
leave_small_disk() {
  stop_site
  cd "$work" && umount "$work/var/lib/site" && cd "$work/var/lib/site" || return 1
}

# A file of 20 commits, with one bit wrong in the fourth.
damaged_file() {
  fresh_file
  start_site --port "$port" --database sessions.db && put_sessions 21 && stop_site
  printf X | dd of=sessions.db bs=1 seek=700 conv=notrunc 2>/dev/null
}
# The same as after a power failure: the end is torn.
torn_file() {
  fresh_file
  start_site --port "$port" --database sessions.db && put_sessions 21 && stop_site
  truncate -s -50 sessions.db
}

fill_memory() {
  curl -sSf -c jar "http://127.0.0.1:$port/put" >/dev/null && put_until 503
}

# log_in USER: logs in through the form of the demo.
log_in() {
  local token
  token=$(curl -sSf -c jar "http://127.0.0.1:$port/login" | sed -n 's/.*name="form_token" value="\([^"]*\)".*/\1/p' | head -1)
  [ "$(status /login -b jar -c jar --data-urlencode "form_token=$token" -d "user=$1" -d password=demo)" = 303 ]
}

start_redis_and_todo() {
  "$REDIS_SERVER" --port "$redis_port" --save '' --dir "$work" >"$work/redis.log" 2>&1 &
  redis=$!
  disown
  local i
  for ((i = 0; i < 100; i++)); do
    ! (exec 3<>"/dev/tcp/127.0.0.1/$redis_port") 2>/dev/null || break
    sleep 0.1
  done
  : >"$site_log"
  todo "redis:127.0.0.1:$redis_port" "$port" "$work/todo.db" >"$site_log" 2>&1 &
  site=$!
  disown
  wait_for_site
}
stop_todo() {
  stop_site
  kill "$redis" 2>/dev/null || true
  redis=
}

self_signed_certificate() {
  openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=site.example.com \
    -keyout /etc/ssl/private/site.key -out /etc/ssl/certs/site.pem
  rm -f /etc/nginx/sites-enabled/default
}
