import type { FastifyReply } from 'fastify';
import { escapeHtml } from '../../core/base/escape-html.ts';
import { sha256 } from '../../core/base/sha256.ts';

/** The look of the web page (web/src/theme/tokens.css), as far as one card needs it. */
const STYLE = `:root{color-scheme:light dark;--page:#f5f7f5;--surface:#fff;--surface-2:#f0f3f1;--line:#e0e6e2;--line-strong:#c7d0cb;--ink:#16211e;--ink-2:#4d5b56;--accent:#0b7268;--accent-ink:#0a655c;--on-accent:#fff;--accent-soft:#e0f2ef;--critical:#c41d2b;--on-critical:#fff;--critical-soft:#fdecec;--mono:ui-monospace,"SF Mono",SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
@media (prefers-color-scheme:dark){:root{--page:#0e1413;--surface:#151d1b;--surface-2:#1b2523;--line:#25302d;--line-strong:#3b4a46;--ink:#e7eeeb;--ink-2:#a9b8b3;--accent:#4fd1c1;--accent-ink:#6fdccf;--on-accent:#04302b;--accent-soft:#12332f;--critical:#ff7b7b;--on-critical:#2c0809;--critical-soft:#3a1a1c}}
*{box-sizing:border-box}
body{margin:0;padding:24px 16px;min-height:100vh;background:var(--page);color:var(--ink);font:15px/1.5 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans","Liberation Sans",Arial,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
header{display:flex;align-items:center;justify-content:center;gap:10px;margin:8px 0 20px;font-size:20px;font-weight:700;letter-spacing:-.02em}
header svg{width:26px;height:26px;fill:var(--accent)}header path:last-child{fill:none;stroke:var(--page);stroke-width:3;stroke-linecap:round;stroke-linejoin:round}
main{max-width:640px;margin:0 auto;padding:28px 32px 32px;border:1px solid var(--line);border-radius:20px;background:var(--surface)}
h1{margin:0;font-size:22px;line-height:1.3;letter-spacing:-.01em;text-wrap:balance}h2{margin:24px 0 8px;font-size:13px;font-weight:600;color:var(--ink-2)}
p{margin:8px 0 0}.quiet{color:var(--ink-2)}.small{font-size:13px}
a{color:var(--accent-ink);text-underline-offset:3px}
.argv{display:flex;flex-wrap:wrap;gap:6px;margin:0;padding:0;list-style:none}
.argv li{max-width:100%;padding:3px 8px;border:1px solid var(--line-strong);border-radius:6px;background:var(--surface-2);font:13px/18px var(--mono);line-break:anywhere}
.argv li:first-child{font-weight:600;border-color:var(--accent)}
.text{max-height:420px;overflow:auto;margin:0;padding:8px 12px;border:1px solid var(--line);border-radius:6px;background:var(--page);font:13px/20px var(--mono);tab-size:4}
ul.text{list-style:none}ol.text{padding-left:44px}ol.text li::marker{color:var(--ink-2)}.text li{white-space:pre-wrap;min-height:20px}
.mark{color:var(--accent-ink)}.hidden{padding:0 4px;border-radius:4px;font-size:11px;color:var(--critical);background:var(--critical-soft)}
dl{display:grid;grid-template-columns:minmax(110px,auto) 1fr;gap:8px 20px;margin:24px 0 0;padding:20px 0 0;border-top:1px solid var(--line)}
dt{color:var(--ink-2)}dd{margin:0;min-width:0;white-space:pre-wrap}code{font:13px/1.5 var(--mono)}
.note{margin:20px 0 0;padding:12px 16px;border-radius:12px;background:var(--critical-soft)}.good{background:var(--accent-soft)}
form{margin:24px 0 0;padding:20px 0 0;border-top:1px solid var(--line)}
label{display:block;font-weight:600}
textarea{display:block;width:100%;min-height:84px;margin:6px 0 16px;padding:10px 12px;border:1px solid var(--line-strong);border-radius:8px;background:var(--surface);color:inherit;font:inherit;resize:vertical}
button{min-height:44px;padding:0 28px;border:0;border-radius:8px;background:var(--accent);color:var(--on-accent);font:inherit;font-weight:600;cursor:pointer}
button.reject{background:var(--critical);color:var(--on-critical)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
footer{max-width:640px;margin:16px auto 0;text-align:center}
@media (max-width:34em){body{padding:12px 10px}main{padding:20px 18px 22px;border-radius:16px}dl{display:block}dd{margin:0 0 12px}button{width:100%}}`;

const STYLE_HASH = Buffer.from(sha256(STYLE), 'hex').toString('base64');

/** Nothing at all but this one style and a form to this server. */
const CONTENT_SECURITY_POLICY = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;

const BELL =
  '<svg viewBox="0 0 32 32" aria-hidden="true"><path d="M16 1.2c1.5 0 2.6 1.1 2.6 2.5v.9c4.2 1.1 6.5 4.8 6.9 9.8.4 5.3 1.8 8.1 4.5 10.4.9.8.4 2.2-.8 2.2H2.8c-1.2 0-1.7-1.4-.8-2.2 2.7-2.3 4.1-5.1 4.5-10.4.4-5 2.7-8.7 6.9-9.8v-.9c0-1.4 1.1-2.5 2.6-2.5z"/><path d="M11.5 28.4h9c-.3 1.7-2.2 3-4.5 3s-4.2-1.3-4.5-3z"/><path d="M10.6 16.3l4 4.1 7.1-7.7"/></svg>';

/** One page of plain HTML that needs no script; `content` is HTML already. */
export interface Page {
  readonly status: number;
  readonly title: string;
  readonly content: string;
}

/** Sends a page that nobody frames, stores, indexes, or learns the address of. */
export function sendPage(reply: FastifyReply, { status, title, content }: Page): FastifyReply {
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex, nofollow"><meta name="color-scheme" content="light dark"><title>${escapeHtml(title)} - Tocsin</title><style>${STYLE}</style>`;
  void reply.code(status).headers({
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    'x-robots-tag': 'noindex, nofollow',
  });
  return reply
    .type('text/html; charset=utf-8')
    .send(`<!doctype html><html lang="en"><head>${head}</head><body><header>${BELL}Tocsin</header>${content}</body></html>`);
}
