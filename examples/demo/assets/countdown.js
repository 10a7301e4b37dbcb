// Counts down to the end of the session, and asks the server when it is there.

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
    // A moment later, so that the server's clock has got there, too.
    setTimeout(() => location.reload(), 400);
  } else {
    setTimeout(show, 200);
  }
}

if (countdowns.length > 0) show();

// A page that the Back button brings back shows old times.
addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload();
});
