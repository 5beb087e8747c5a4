/** UCUM units and the words that Prometheus' names have for them. */
const UNITS: ReadonlyMap<string, string> = new Map([
  ['d', 'days'],
  ['h', 'hours'],
  ['min', 'minutes'],
  ['s', 'seconds'],
  ['ms', 'milliseconds'],
  ['us', 'microseconds'],
  ['ns', 'nanoseconds'],
  ['By', 'bytes'],
  ['KiBy', 'kibibytes'],
  ['MiBy', 'mebibytes'],
  ['GiBy', 'gibibytes'],
  ['TiBy', 'tibibytes'],
  ['KBy', 'kilobytes'],
  ['MBy', 'megabytes'],
  ['GBy', 'gigabytes'],
  ['TBy', 'terabytes'],
  ['m', 'meters'],
  ['V', 'volts'],
  ['A', 'amperes'],
  ['J', 'joules'],
  ['W', 'watts'],
  ['g', 'grams'],
  ['Cel', 'celsius'],
  ['Hz', 'hertz'],
  ['1', ''],
  ['%', 'percent'],
]);
const PER_UNITS: ReadonlyMap<string, string> = new Map([
  ['s', 'second'],
  ['m', 'minute'],
  ['h', 'hour'],
  ['d', 'day'],
  ['w', 'week'],
  ['mo', 'month'],
  ['y', 'year'],
]);

/** What the ending of a name depends on. */
export interface Named {
  readonly name: string;
  readonly unit: string;
  readonly kind: 'counter' | 'gauge' | 'other';
}

/**
 * The Prometheus name of an OpenTelemetry metric: only ASCII letters, digits, `_` and `:`, with unit and type as endings (the strategy
 * `UnderscoreEscapingWithSuffixes` of prometheus/otlptranslator, its default). Empty when nothing is left of the name.
 */
export function metricName({ name, unit, kind }: Named): string {
  let words = wordsOf(name);
  const [main = '', per] = splitUnit(unit);
  const mainWord = main.includes('{') || main.includes('}') ? '' : wordsOf(UNITS.get(main) ?? main).join('_');
  const perWord = per === undefined || per.includes('{') || per.includes('}') ? '' : wordsOf(PER_UNITS.get(per) ?? per).join('_');
  if (mainWord !== '' && !words.includes(mainWord)) words.push(mainWord);
  if (perWord !== '' && !words.includes(perWord)) words.push('per', perWord);
  if (kind === 'counter') words = [...words.filter((word) => word !== 'total'), 'total'];
  if (kind === 'gauge' && unit === '1') words = [...words.filter((word) => word !== 'ratio'), 'ratio'];
  const made = words.join('_');
  return /^[0-9]/.test(made) ? `_${made}` : made;
}

/** The Prometheus name of an attribute: what is no ASCII letter, digit or `_` becomes `_`, and a digit at the beginning gets a prefix. */
export function labelName(attribute: string): string {
  const made = attribute.replaceAll(/[^\w]/gu, '_');
  return /^[0-9]/.test(made) ? `key_${made}` : made;
}

function wordsOf(text: string): string[] {
  return text.split(/[^a-zA-Z0-9:]+/).filter((word) => word !== '');
}

function splitUnit(unit: string): readonly string[] {
  const slash = unit.indexOf('/');
  return slash < 0 ? [unit.trim()] : [unit.slice(0, slash).trim(), unit.slice(slash + 1).trim()];
}
