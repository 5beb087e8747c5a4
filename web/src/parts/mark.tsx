/** The mark of Tocsin: a ringing bell with its answer inside. */
export function TocsinMark({ size = 28, label }: { readonly size?: number; readonly label?: string }) {
  const spoken = label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label };
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" fill="none" style={{ color: 'var(--accent)' }} {...spoken}>
      <path
        stroke="currentColor"
        strokeWidth="2.4"
        strokeLinecap="round"
        d="M4.2 13.2c.2-3.4 1.6-6.4 4-8.4M27.8 13.2c-.2-3.4-1.6-6.4-4-8.4"
      />
      <path
        fill="currentColor"
        d="M16 3.2c1.2 0 2.1.9 2.1 2v.7c3.4.9 5.3 3.9 5.6 8 .3 4.3 1.5 6.6 3.7 8.5.7.6.3 1.8-.7 1.8H5.3c-1 0-1.4-1.2-.7-1.8 2.2-1.9 3.4-4.2 3.7-8.5.3-4.1 2.2-7.1 5.6-8v-.7c0-1.1.9-2 2.1-2z"
      />
      <path fill="currentColor" d="M12.3 26.6h7.4a3.7 3.7 0 0 1-7.4 0z" />
      <path stroke="var(--page)" strokeWidth="2.5" strokeLinecap="round" strokeLinejoin="round" d="M11.6 15.6l3.2 3.3 5.8-6.3" />
    </svg>
  );
}
