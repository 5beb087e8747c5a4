import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { bracketMatching, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { linter } from '@codemirror/lint';
import { EditorState, type Extension, Prec, StateEffect, StateField } from '@codemirror/state';
import { EditorView, hoverTooltip, keymap, placeholder, type Tooltip } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { newCompleteStrategy, PromQLExtension } from '@prometheus-io/codemirror-promql';
import { aggregateOpTerms, functionIdentifierTerms } from '@prometheus-io/codemirror-promql/dist/esm/complete/promql.terms.js';
import { useEffect, useRef } from 'react';
import { base } from '../../data/base.ts';
import type { EditorProps, Mistake } from './field-props.ts';

const MOST_OFFERED = 2000;
const LOOK_BACK_MS = 12 * 3_600_000;

/** One for all fields: what the server said of names and values is kept for five minutes. */
const complete = newCompleteStrategy({
  remote: {
    url: base,
    httpMethod: 'GET',
    lookbackInterval: LOOK_BACK_MS,
    // A name that cannot be offered is no error: it can still be typed.
    httpErrorHandler: () => undefined,
    fetchFn: (input, init) => {
      const address = String(input);
      return fetch(`${address}${address.includes('?') ? '&' : '?'}limit=${MOST_OFFERED}`, { ...init, credentials: 'same-origin' });
    },
  },
});

const colors = HighlightStyle.define([
  {
    tag: [tags.function(tags.variableName), tags.operatorKeyword, tags.keyword, tags.modifier],
    color: 'var(--unknown)',
    fontWeight: '560',
  },
  { tag: tags.labelName, color: 'var(--notice)' },
  { tag: tags.string, color: 'var(--good)' },
  { tag: tags.number, color: 'var(--error)' },
  { tag: tags.comment, color: 'var(--ink-3)', fontStyle: 'italic' },
  { tag: tags.invalid, color: 'var(--critical)' },
]);

const theme = EditorView.theme({
  '&': { fontSize: '13.5px', color: 'var(--ink)', backgroundColor: 'transparent' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.55', maxHeight: '232px', overflowX: 'hidden' },
  '.cm-content': { padding: '7px 0', caretColor: 'var(--accent)' },
  '.cm-line': { padding: '0 10px' },
  '.cm-cursor': { borderLeftColor: 'var(--accent)', borderLeftWidth: '2px' },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--accent-soft)', outline: '1px solid var(--accent)' },
  '&.cm-focused .cm-nonmatchingBracket': { backgroundColor: 'var(--critical-soft)' },
  '.cm-placeholder': { color: 'var(--ink-3)' },
  '.cm-selectionBackground': { backgroundColor: 'color-mix(in srgb, var(--accent) 26%, transparent) !important' },
  '.cm-tooltip': {
    border: '1px solid var(--line-strong)',
    borderRadius: '10px',
    color: 'var(--ink)',
    backgroundColor: 'var(--surface)',
    boxShadow: 'var(--shadow-lifted)',
    overflow: 'hidden',
    zIndex: '200',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', fontSize: '12.5px', maxHeight: '260px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '4px 10px', maxWidth: 'min(560px, 86vw)' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': { color: 'var(--accent-ink)', background: 'var(--accent-soft)' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '700' },
  '.cm-completionDetail': { color: 'var(--ink-3)', fontStyle: 'normal' },
  '.cm-tooltip.cm-completionInfo': { padding: '8px 12px', maxWidth: '320px', fontSize: '13px' },
  '.cm-tooltip-hover': { padding: '8px 12px', maxWidth: 'min(420px, 80vw)', fontSize: '13px' },
  '.cm-tooltip-lint': { padding: '0' },
  '.cm-diagnostic': { padding: '6px 12px', fontSize: '13px' },
  '.cm-diagnostic-error': { borderLeft: '4px solid var(--critical)' },
});

/** The mistake that the server found, until the text changes. */
const mistakeFound = StateEffect.define<Mistake | null>();
const foundMistake = StateField.define<Mistake | null>({
  create: () => null,
  update: (before, transaction) => {
    for (const effect of transaction.effects) if (effect.is(mistakeFound)) return effect.value;
    return transaction.docChanged ? null : before;
  },
});
const serverLint = linter(
  ({ state }) => {
    const mistake = state.field(foundMistake);
    if (mistake === null) return [];
    const from = Math.min(mistake.from, Math.max(0, state.doc.length - 1));
    return [{ from, to: Math.max(from, Math.min(mistake.to, state.doc.length)), severity: 'error', message: mistake.message }];
  },
  { delay: 0, needsRefresh: ({ transactions }) => transactions.some(({ effects }) => effects.some((effect) => effect.is(mistakeFound))) },
);

/** A field for PromQL: offers names, labels, values and functions, colours, marks mistakes and explains what the pointer rests on. */
export function PromqlEditor({ label, value, hint, cursor, mistake, handle, describe, onChange, onRun, onFocus }: EditorProps) {
  const holder = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const deeds = useRef({ describe, onChange, onRun, onFocus });
  const first = useRef({ label, value, hint, cursor });

  useEffect(() => {
    deeds.current = { describe, onChange, onRun, onFocus };
  });

  useEffect(() => {
    const parent = holder.current;
    if (parent === null) return;
    const { label: name, value: doc, hint: empty, cursor: at } = first.current;
    const listen = EditorView.updateListener.of((update) => {
      if (update.docChanged) deeds.current.onChange(update.state.doc.toString());
      if (update.focusChanged && update.view.hasFocus) deeds.current.onFocus();
    });
    const run = (): boolean => {
      deeds.current.onRun();
      return true;
    };
    const state = EditorState.create({
      doc,
      selection: { anchor: at === null ? doc.length : Math.min(at, doc.length) },
      extensions: [
        Prec.highest(
          keymap.of([
            { key: 'Mod-Enter', run },
            { key: 'Shift-Enter', run },
          ]),
        ),
        languageOf(name, empty, (word) => deeds.current.describe(word)),
        listen,
      ],
    });
    const made = new EditorView({ state, parent });
    view.current = made;
    if (at !== null) made.focus();
    handle.current = {
      focus: () => made.focus(),
      insert: (text) => {
        made.dispatch(made.state.replaceSelection(text), { scrollIntoView: true });
        made.focus();
      },
    };
    return () => {
      handle.current = null;
      view.current = null;
      made.destroy();
    };
  }, [handle]);

  useEffect(() => {
    const made = view.current;
    if (made === null || made.state.doc.toString() === value) return;
    made.dispatch({ changes: { from: 0, to: made.state.doc.length, insert: value }, selection: { anchor: value.length } });
  }, [value]);

  useEffect(() => {
    view.current?.dispatch({ effects: mistakeFound.of(mistake) });
  }, [mistake]);

  return <div ref={holder} />;
}

function languageOf(name: string, empty: string, describe: EditorProps['describe']): Extension {
  return [
    new PromQLExtension().setComplete({ completeStrategy: complete }).asExtension(),
    foundMistake,
    serverLint,
    history(),
    closeBrackets(),
    bracketMatching(),
    autocompletion({ icons: false, maxRenderedOptions: 100 }),
    keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
    syntaxHighlighting(colors),
    theme,
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ 'aria-label': name, spellcheck: 'false', autocapitalize: 'off', autocorrect: 'off' }),
    placeholder(empty),
    hoverTooltip((made, at) => explainAt(made, at, describe)),
  ];
}

const WORD = /[\w:]+/g;

async function explainAt({ state }: EditorView, at: number, describe: EditorProps['describe']): Promise<Tooltip | null> {
  const { from, text } = state.doc.lineAt(at);
  for (const { 0: word, index } of text.matchAll(WORD)) {
    const start = from + index;
    if (at < start || at > start + word.length) continue;
    const known = [...functionIdentifierTerms, ...aggregateOpTerms].find(({ label }) => label === word);
    const said = known === undefined ? await describe(word) : { title: `${word}: ${known.detail ?? ''}`, text: textOf(known.info) };
    return said === null ? null : { pos: start, end: start + word.length, above: true, create: () => ({ dom: hoverCard(said) }) };
  }
  return null;
}

function textOf(info: unknown): string {
  return typeof info === 'string' ? info : '';
}

function hoverCard({ title, text }: { readonly title: string; readonly text: string }): HTMLElement {
  const dom = document.createElement('div');
  const strong = document.createElement('strong');
  strong.textContent = title;
  const rest = document.createElement('div');
  rest.textContent = text;
  dom.append(strong, rest);
  return dom;
}
