import { type ComponentType, type RefObject, useEffect, useImperativeHandle, useRef, useState } from 'react';
import styles from './explore.module.css';
import type { EditorProps, FieldProps } from './field-props.ts';

type Editor = ComponentType<EditorProps>;
let loaded: Editor | null = null;

/** A plain field that becomes the editor as soon as its code is there; without it, it stays what it is and works. */
export function QueryField(props: FieldProps) {
  const plain = useRef<HTMLTextAreaElement>(null);
  const [Ready, setReady] = useState<{ readonly Editor: Editor; readonly cursor: number | null } | null>(
    loaded === null ? null : { Editor: loaded, cursor: null },
  );
  useEffect(() => {
    let wanted = true;
    import('./promql-editor.tsx')
      .then(({ PromqlEditor }) => {
        loaded = PromqlEditor;
        const field = plain.current;
        const cursor = field !== null && document.activeElement === field ? field.selectionStart : null;
        if (wanted) setReady((before) => before ?? { Editor: PromqlEditor, cursor });
      })
      .catch(() => undefined);
    return () => {
      wanted = false;
    };
  }, []);
  return (
    <div className={styles['field']} data-wrong={props.mistake !== null}>
      {Ready === null ? <PlainField {...props} field={plain} /> : <Ready.Editor {...props} cursor={Ready.cursor} />}
    </div>
  );
}

function PlainField({
  label,
  value,
  hint,
  mistake,
  handle,
  field,
  onChange,
  onRun,
  onFocus,
}: FieldProps & { readonly field: RefObject<HTMLTextAreaElement | null> }) {
  useImperativeHandle(handle, () => ({
    focus: () => field.current?.focus(),
    insert: (text) => {
      const { selectionStart: from, selectionEnd: to, value: before } = field.current ?? { selectionStart: 0, selectionEnd: 0, value };
      onChange(before.slice(0, from) + text + before.slice(to));
      field.current?.focus();
    },
  }));
  return (
    <textarea
      ref={field}
      className={styles['plain']}
      aria-label={label}
      aria-invalid={mistake !== null}
      placeholder={hint}
      rows={Math.min(8, value.split('\n').length)}
      spellCheck={false}
      autoCapitalize="off"
      value={value}
      onFocus={onFocus}
      onChange={(event) => onChange(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey || event.shiftKey)) return;
        event.preventDefault();
        onRun();
      }}
    />
  );
}
