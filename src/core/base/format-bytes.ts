const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Bytes in binary units, about three digits: `1.5 MiB`, `512 B`; a minus is the sign of mathematics. */
export function formatBytes(bytes: number): string {
  let value = Math.abs(bytes);
  let unit = 0;
  while (value >= 1023.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const places = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  const text = String(Number(value.toFixed(places)));
  return `${bytes < 0 && value !== 0 ? '−' : ''}${text} ${UNITS[unit]}`;
}
