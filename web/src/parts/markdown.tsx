import DOMPurify from 'dompurify';
import { marked } from 'marked';
import { useMemo } from 'react';
import styles from './markdown.module.css';

const PURIFIER = DOMPurify(window);
PURIFIER.addHook('afterSanitizeAttributes', (node) => {
  if (node.tagName === 'A') {
    node.setAttribute('target', '_blank');
    node.setAttribute('rel', 'noopener noreferrer');
  }
});

const ALLOWED = {
  ALLOWED_TAGS: 'p br hr h1 h2 h3 h4 h5 h6 ul ol li strong em del code pre blockquote a table thead tbody tr th td'.split(' '),
  ALLOWED_ATTR: ['href', 'title', 'align', 'start', 'target', 'rel'],
  ALLOWED_URI_REGEXP: /^(?:https?|mailto|tel):/i,
};

/** Markdown written by people, reduced to text, lists, tables, code and links before the browser sees it. */
export function Markdown({ text }: { readonly text: string }) {
  const html = useMemo(() => PURIFIER.sanitize(marked.parse(text, { async: false, gfm: true }), ALLOWED), [text]);
  return <div className={styles['markdown']} dangerouslySetInnerHTML={{ __html: html }} />;
}
