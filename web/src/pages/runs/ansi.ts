import Anser from 'anser';

/** A piece of a line that looks the same throughout. */
export interface Span {
  readonly text: string;
  /** `ansi-red`, `ansi-bright-blue`... of the stylesheet, and decorations: `ansi-bold`. */
  readonly classes: string;
  /** Colours outside the sixteen named ones. */
  readonly color: string | null;
  readonly background: string | null;
}

// oxlint-disable-next-line no-control-regex -- escape sequences begin with one
const SGR = /\u001B\[([\d;:]*)m/g;
const MAX_STYLE = 200;
// OSC and the like up to their terminator, then CSI sequences other than SGR, then two-character escapes, then control characters.
const OTHER =
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  /\u001B[\]P^_X][^\u0007\u001B]*(?:\u0007|\u001B\\)?|\u001B\[[0-?]*[ -/]*[@-ln-~]|\u001B(?!\[[\d;:]*m)[ -/]*[0-~]?|[\u0000-\u0008\u000B-\u001A\u001C-\u001F\u007F-\u009F]/g;

/** The styles in force after `text`, as the escape sequences that give them. */
export function nextStyle(style: string, text: string): string {
  let next = style;
  for (const [sequence, parameters] of text.matchAll(SGR)) {
    if (parameters === '' || /^0+$/.test(parameters ?? '')) next = '';
    else if (/^0*;/.test(parameters ?? '')) next = sequence;
    else next += sequence;
    if (next.length > MAX_STYLE) next = sequence;
  }
  return next;
}

/** The text of a line without anything a terminal would not print. */
export function plainText(text: string): string {
  return text.replace(OTHER, '').replace(SGR, '');
}

/** The line as spans; only colours and decorations are obeyed, everything else a terminal would do is dropped. */
export function parseAnsi(style: string, text: string): Span[] {
  if (style === '' && !text.includes('\u001B')) return [{ text: plainText(text), classes: '', color: null, background: null }];
  const entries = Anser.ansiToJson(style + text.replace(OTHER, ''), { json: true, use_classes: true, remove_empty: true });
  return entries.map((entry) => {
    const reverse = entry.decorations.includes('reverse');
    const [front, back] = reverse ? ['bg', 'fg'] : ['fg', 'bg'];
    const ink = colorOf(entry.fg, entry.fg_truecolor, front ?? 'fg');
    const paper = colorOf(entry.bg, entry.bg_truecolor, back ?? 'bg');
    const decorations = entry.decorations.filter((name) => name !== 'blink').map((name) => `ansi-${name}`);
    const [color, background] = reverse ? [paper.value, ink.value] : [ink.value, paper.value];
    return {
      text: entry.content,
      classes: [ink.name, paper.name, ...decorations].filter((name) => name !== '').join(' '),
      color,
      background,
    };
  });
}

function colorOf(name: string | null, trueColor: string | null, part: string): { name: string; value: string | null } {
  if (!name) return { name: '', value: null };
  if (name === 'ansi-truecolor') return { name: '', value: `rgb(${trueColor ?? '255, 255, 255'})` };
  const index = /^ansi-palette-(\d+)$/.exec(name)?.[1];
  if (index !== undefined) return { name: '', value: paletteColor(Number(index)) };
  return { name: `${name}-${part}`, value: null };
}

/** The colours 16 to 255 of xterm: a cube of six levels, then 24 greys. */
function paletteColor(index: number): string {
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return `rgb(${grey}, ${grey}, ${grey})`;
  }
  const level = (step: number): number => (step === 0 ? 0 : 55 + step * 40);
  const cube = index - 16;
  return `rgb(${level(Math.floor(cube / 36))}, ${level(Math.floor(cube / 6) % 6)}, ${level(cube % 6)})`;
}
