import { DEFAULT_OTLP_RULES, type TranslationStrategy } from './otlp-rules.ts';

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

/** The Prometheus name of an OpenTelemetry metric (prometheus/otlptranslator). Empty when nothing is left of the name. */
export function metricName(named: Named, strategy: TranslationStrategy = DEFAULT_OTLP_RULES.strategy): string {
  switch (strategy) {
    case 'UnderscoreEscapingWithSuffixes':
      return escapedName(named);
    case 'UnderscoreEscapingWithoutSuffixes':
      return withoutDigit(wordsOf(named.name).join('_'));
    case 'NoUTF8EscapingWithSuffixes':
      return wholeName(named);
    case 'NoTranslation':
      return named.name;
  }
}

/** Only ASCII letters, digits, `_` and `:`, with unit and type as endings. */
function escapedName({ name, unit, kind }: Named): string {
  let words = wordsOf(name);
  const [mainWord, perWord] = unitWords(unit);
  if (mainWord !== '' && !words.includes(mainWord)) words.push(mainWord);
  if (perWord !== '' && !words.includes(perWord)) words.push('per', perWord);
  if (kind === 'counter') words = [...words.filter((word) => word !== 'total'), 'total'];
  if (kind === 'gauge' && unit === '1') words = [...words.filter((word) => word !== 'ratio'), 'ratio'];
  return withoutDigit(words.join('_'));
}

/** With the same endings, and everything else as it is. */
function wholeName({ name, unit, kind }: Named): string {
  const ending = kind === 'counter' ? '_total' : kind === 'gauge' && unit === '1' ? '_ratio' : '';
  let made = ending !== '' && name.endsWith(ending) ? name.slice(0, -ending.length) : name;
  if (made === '') return '';
  const [mainWord, perWord] = unitWords(unit);
  if (mainWord !== '' && !made.endsWith(mainWord)) made = `${made}_${mainWord}`;
  if (perWord !== '' && !made.endsWith(`per_${perWord}`)) made = `${made}_per_${perWord}`;
  return `${made}${ending}`;
}

function withoutDigit(name: string): string {
  return /^[0-9]/.test(name) ? `_${name}` : name;
}

function unitWords(unit: string): readonly [main: string, per: string] {
  const [main = '', per = ''] = splitUnit(unit);
  const word = (text: string, names: ReadonlyMap<string, string>): string =>
    text.includes('{') || text.includes('}') ? '' : wordsOf(names.get(text) ?? text).join('_');
  return [word(main, UNITS), word(per, PER_UNITS)];
}

/**
 * The Prometheus name of an attribute: itself where names are not escaped; else what is no ASCII letter, digit or `_` becomes `_`, and a
 * digit at the beginning gets a prefix.
 */
export function labelName(attribute: string, strategy: TranslationStrategy = DEFAULT_OTLP_RULES.strategy): string {
  if (strategy === 'NoTranslation' || strategy === 'NoUTF8EscapingWithSuffixes') return attribute;
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
