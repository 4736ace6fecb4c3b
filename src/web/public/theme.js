// Before the first paint: the theme that was chosen, so that nothing flashes. The rest is parts/theme.ts.
try {
  const chosen = localStorage.getItem('stopsign.theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
} catch {
  // storage may be closed to us: the system's preference then decides
}
