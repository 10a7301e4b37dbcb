// Draws the figures that the server sends every second.

const SECONDS = 120;
const WIDTH = 240;
const HEIGHT = 60;
const SVG = 'http://www.w3.org/2000/svg';

let seconds = [];
let stream = null;
let again = 0;

const formats = {
  count: (value) => value.toLocaleString('en'),
  time: (ns) => {
    if (ns === 0) return '–';
    return ns < 1e6 ? `${(ns / 1e3).toPrecision(3)} µs` : `${(ns / 1e6).toPrecision(3)} ms`;
  },
  bytes: (bytes) => {
    if (bytes < 1024) return `${bytes} B`;
    return bytes < 1 << 20 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / (1 << 20)).toFixed(1)} MiB`;
  },
};

const charts = [...document.querySelectorAll('.chart')].map((element) => {
  const svg = element.querySelector('svg');
  const path = (name) => {
    const made = document.createElementNS(SVG, 'path');
    made.setAttribute('class', name);
    svg.append(made);
    return made;
  };
  return {
    key: element.dataset.figure,
    format: formats[element.dataset.unit ?? 'count'],
    now: element.querySelector('.figure'),
    area: path('area'),
    line: path('line'),
  };
});

function draw(chart) {
  const values = seconds.map((second) => second[chart.key]);
  const top = Math.max(...values, 1) * 1.1;
  const x = (index) => WIDTH - ((values.length - 1 - index) * WIDTH) / (SECONDS - 1);
  const y = (value) => HEIGHT - 1 - (value / top) * (HEIGHT - 4);
  const points = values.map((value, index) => `${x(index).toFixed(1)} ${y(value).toFixed(1)}`);
  chart.line.setAttribute('d', `M${points.join('L')}`);
  chart.area.setAttribute('d', `M${x(0).toFixed(1)} ${HEIGHT}L${points.join('L')}L${WIDTH} ${HEIGHT}Z`);
  chart.now.textContent = chart.format(values.at(-1));
}

function duration(s) {
  if (s < 60) return `${s} s`;
  return s < 3600 ? `${Math.floor(s / 60)} min ${s % 60} s` : `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

function show() {
  charts.forEach(draw);
  const last = seconds.at(-1);
  const since = last.since_compaction_s;
  document.querySelector('[data-compaction]').textContent =
    since < 0 ? 'There was none since the start.' : `The last one was ${duration(since)} ago.`;
  const share = last.file_bytes === 0 ? 0 : Math.round((100 * last.live_bytes) / last.file_bytes);
  document.querySelector('[data-live-ended]').textContent = `of all visitors; ${last.ended} just ended`;
  document.querySelector('[data-live-bytes]').textContent = `${Math.min(100, share)} % of it live`;
}

function say(state, text) {
  const live = document.querySelector('[data-live]');
  live.dataset.live = state;
  const words = live.querySelector('[data-live-text]');
  if (words.textContent !== text) words.textContent = text;
}

function open() {
  clearTimeout(again);
  seconds = [];
  stream = new EventSource('/operator/events');
  stream.onopen = () => { seconds = []; };
  let drawing = false;
  stream.onmessage = (event) => {
    seconds.push(JSON.parse(event.data));
    seconds = seconds.slice(-SECONDS);
    say('on', 'Live: a new figure every second');
    if (drawing) return;
    drawing = true;
    requestAnimationFrame(() => { drawing = false; show(); });
  };
  stream.onerror = () => {
    say('off', 'The server does not answer. Trying again…');
    // A browser reconnects by itself, unless the server has refused.
    if (stream.readyState === EventSource.CLOSED) again = setTimeout(open, 3000);
  };
}

function close() {
  clearTimeout(again);
  stream?.close();
  stream = null;
}

// A hidden page needs no charts, and browsers allow few connections to each server.
document.addEventListener('visibilitychange', () => {
  if (document.hidden) close();
  else if (!stream || stream.readyState === EventSource.CLOSED) open();
});
say('off', 'Connecting…');
open();
