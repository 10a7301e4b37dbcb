// Counts down to the end of the session, and then asks the server.

const countdowns = [...document.querySelectorAll('.countdown')].map((element) => ({
  end: performance.now() + Number(element.dataset.left),
  output: element.querySelector('output'),
  bar: element.querySelector('progress'),
}));

function show() {
  const now = performance.now();
  let over = false;
  for (const { end, output, bar } of countdowns) {
    const left = Math.max(0, end - now);
    output.textContent = `${Math.ceil(left / 1000)} s`;
    bar.value = left;
    over ||= left === 0;
  }
  if (over) {
    // Slightly later, so that the end has also come by the server's clock.
    setTimeout(() => location.reload(), 400);
  } else {
    setTimeout(show, 200);
  }
}

if (countdowns.length > 0) show();

// A page to which the Back button returns shows outdated times.
addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload();
});
