// Runs before the first paint, so that a chosen colour scheme never flashes in the other one.
(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem('tocsin-scheme');
  } catch {
    // Storage may be forbidden: the system's scheme it is.
  }
  var dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
